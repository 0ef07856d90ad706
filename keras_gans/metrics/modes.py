"""How samples spread over the known modes of a synthetic data set."""

import numpy as np

from keras_gans.errors import InputError


def mode_coverage(points, centers, std, deviations=3.0):
    """Assigns points to the nearest mode and counts those that are close to it.

    Args:
        points: NumPy (N, d), the samples.
        centers: NumPy (K, d), the modes.
        std: Standard deviation of each mode.
        deviations: A point is close within so many standard deviations. Default: 3.

    Returns:
        shares: NumPy (K,), the share of all samples that is close to each mode.
        quality: Share of samples that are close to any mode, the sum of `shares`.

    Raises:
        InputError: If the shapes do not fit.

    Reference: Srivastava et al., "VEEGAN", 2017, section 4.1.
    """
    points, centers = np.asarray(points), np.asarray(centers)
    if points.ndim != 2 or centers.ndim != 2 or points.shape[1] != centers.shape[1]:
        raise InputError(
            "Points (N, d) and centers (K, d) must have the same d. "
            f"Received: {points.shape} and {centers.shape}."
        )
    distances = np.linalg.norm(points[:, None] - centers[None], axis=-1)  # (N, K)
    nearest = distances.argmin(axis=1)
    close = distances.min(axis=1) <= deviations * std
    shares = np.bincount(nearest[close], minlength=len(centers)) / len(points)
    return shares, float(close.mean())
