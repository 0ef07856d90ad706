"""Fréchet distance between two sets of features, the distance of FID."""

import numpy as np
import scipy.linalg

from keras_gans.errors import InputError


def frechet_distance(real_features, fake_features):
    """Returns the Fréchet distance between Gaussians fitted to two sets of features.

    |m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2)), in float64, with covariances over N - 1.
    The last trace is the sum of the square roots of the eigenvalues of the symmetric matrix
    C1^(1/2) C2 C1^(1/2), which also holds for singular covariances.

    Args:
        real_features: NumPy (N, d), N of at least 2.
        fake_features: NumPy (M, d), M of at least 2.

    Returns:
        The distance, a float of at least 0 but for rounding. Its unit is the features' squared.

    Raises:
        InputError: If the shapes do not fit or a value is not finite.

    Reference: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, equation 6.
    """
    sets = [np.asarray(features, "float64") for features in (real_features, fake_features)]
    shapes = [features.shape for features in sets]
    fits = all(len(s) == 2 and s[0] > 1 for s in shapes) and shapes[0][1] == shapes[1][1]
    if not fits:
        raise InputError(
            "Features must be two arrays (N, d) of the same d with at least 2 rows each. "
            f"Received: shapes {shapes[0]} and {shapes[1]}."
        )
    if not all(np.isfinite(features).all() for features in sets):
        raise InputError("Features must be finite. Received: NaN or infinite values.")
    means = [features.mean(axis=0) for features in sets]
    covariances = [np.atleast_2d(np.cov(features, rowvar=False)) for features in sets]
    values, vectors = scipy.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    product = scipy.linalg.eigvalsh(root @ covariances[1] @ root)
    trace = sum(np.trace(c) for c in covariances) - 2 * np.sqrt(product.clip(0)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + trace)
