"""Fréchet distance between two sets of features, the distance of FID."""

import warnings

import numpy as np
from scipy.linalg.lapack import dpstrf

from keras_gans.errors import InputError
from keras_gans.metrics.features import check_features, moments

FEW_IMAGES = 2048
"""With fewer images the distance says more about their number than about their quality."""


def frechet_distance(real_features, fake_features):
    """Returns the Fréchet distance between Gaussians fitted to two sets of features.

    |m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2)), in float64, with covariances over N - 1.
    See `frechet_from_moments` for the last trace. Warns of too few images, see `warn_if_few`.

    Args:
        real_features: NumPy (N, d), N of at least 2.
        fake_features: NumPy (M, d), M of at least 2.

    Returns:
        The distance, a float of at least 0. Its unit is the features' squared.

    Raises:
        InputError: If the shapes do not fit or a value is not finite.

    Reference: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, equation 6.
    """
    real, fake = check_features(real_features, fake_features)
    warn_if_few(min(len(real), len(fake)), real.shape[1])
    return frechet_from_moments(*moments(real), *moments(fake))


def frechet_from_moments(real_mean, real_covariance, fake_mean, fake_covariance):
    """Returns the Fréchet distance between Gaussians of given means and covariances.

    With factors C1 = F1 F1^T and C2 = F2 F2^T, the eigenvalues of C1 C2 other than 0 are those of
    M M^T, M = F1^T F2, and tr((C1 C2)^(1/2)) is the sum of their square roots. The factors come
    from Cholesky's method with pivots, which stops at the rank: from N < d images there are
    N - 1 columns, and no square roots of rounding errors, which matrix square roots of singular
    covariances add up.

    Args:
        real_mean: NumPy (d,).
        real_covariance: NumPy (d, d), symmetric and positive semi-definite.
        fake_mean: NumPy (d,).
        fake_covariance: NumPy (d, d), symmetric and positive semi-definite.

    Returns:
        The distance, a float of at least 0. Its unit is the features' squared.

    Raises:
        InputError: If the shapes do not fit or a value is not finite.

    Reference: Dowson and Landau, "The Fréchet distance between multivariate normal distributions",
    1982, equation 4.
    """
    values = [real_mean, real_covariance, fake_mean, fake_covariance]
    values = [np.asarray(value, "float64") for value in values]
    shapes = [value.shape for value in values]
    d = values[0].size
    if shapes != [(d,), (d, d)] * 2:
        raise InputError(
            "Moments must be means (d,) and covariances (d, d) of the same d. "
            f"Received: {', '.join(map(str, shapes))}."
        )
    if not all(np.isfinite(value).all() for value in values):
        raise InputError("Moments must be finite. Received: NaN or infinite values.")
    least = min(np.diag(value).min() for value in values[1::2])
    if least < 0:
        raise InputError(f"Covariances must have no negative variances. Received: {least:.4g}.")
    real_mean, real_covariance, fake_mean, fake_covariance = values
    product = _factor(real_covariance).T @ _factor(fake_covariance)  # (rank 1, rank 2)
    if product.shape[0] > product.shape[1]:
        product = product.T
    eigenvalues = np.linalg.eigvalsh(product @ product.T).clip(0)
    traces = np.trace(real_covariance) + np.trace(fake_covariance)
    means = ((real_mean - fake_mean) ** 2).sum()
    # Rounding can bring the distance of a set from itself below 0.
    return max(0.0, float(means + traces - 2 * np.sqrt(eigenvalues).sum()))


def warn_if_few(images, dimensions, stacklevel=3):
    """Warns if there are fewer images than 2,048 or than the features have dimensions.

    Args:
        images: Number of images of the smaller side.
        dimensions: Number of features of an image.
        stacklevel: See `warnings.warn`. Default: 3, the caller's caller.
    """
    if images < max(FEW_IMAGES, dimensions):
        warnings.warn(
            f"The Fréchet distance (FID) of {images} images in {dimensions} dimensions is biased "
            f"and not comparable with others: it needs at least {FEW_IMAGES} images and as many "
            "as dimensions. The kernel distance (KID) is unbiased with few images.",
            stacklevel=stacklevel,
        )


def _factor(covariance):
    """Returns F (d, rank) with F F^T = covariance."""
    lower, pivots, rank, _ = dpstrf(covariance.T, lower=1)  # .T: LAPACK's order of memory.
    return np.tril(lower)[np.argsort(pivots), :rank]
