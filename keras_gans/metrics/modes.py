"""How samples spread over the known modes of a synthetic data set."""

import numpy as np
from scipy.spatial.distance import cdist

from keras_gans.errors import InputError
from keras_gans.metrics.features import check_features


def mode_coverage(points, centers, std, deviations=3.0):
    """Assigns points to the nearest mode and counts those that are close to it.

    Args:
        points: NumPy (N, d), the samples.
        centers: NumPy (K, d), the modes.
        std: Standard deviation of each mode.
        deviations: Number of standard deviations within which a point is close. Default: 3.

    Returns:
        shares: NumPy (K,), the share of all samples that is close to each mode.
        quality: Share of samples that are close to any mode, the sum of `shares`.

    Raises:
        InputError: If the shapes do not fit, there are no points or centers, a value is not finite,
            or `std` or `deviations` is below 0.

    Reference: Srivastava et al., "VEEGAN", 2017, section 4.1.
    """
    points, centers = check_features(points, centers, rows=1)
    if not (std >= 0 and deviations >= 0):
        raise InputError(
            f"`std` and `deviations` must be at least 0. Received: {std} and {deviations}."
        )
    distances = cdist(points, centers)  # (N, K)
    nearest = distances.argmin(axis=1)
    close = distances.min(axis=1) <= deviations * std
    shares = np.bincount(nearest[close], minlength=len(centers)) / len(points)
    return shares, float(close.mean())
