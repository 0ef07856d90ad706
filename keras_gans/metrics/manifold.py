"""Precision, recall, density and coverage: scores on balls around the features of each image.

A ball reaches to the k-th nearest neighbour in the image's own set, the image itself not counted.
"""

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.metrics.features import blocks, check_features, distances, near_zero


def precision_recall(real_features, fake_features, k=3):
    """Returns improved precision and recall.

    Precision is the share of generated images within the ball of any real image, recall the share
    of real images within the ball of any generated image. A ball includes its surface.

    Args:
        real_features: NumPy (N, d), N of more than `k`.
        fake_features: NumPy (M, d), M of more than `k`.
        k: Which neighbour a ball reaches to. Default: the paper's 3.

    Returns:
        precision: Float in 0..1, how good generated images are.
        recall: Float in 0..1, how much of the data is generated.

    Raises:
        InputError: If the shapes do not fit, a value is not finite, or a set has too few rows.

    Reference: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative
    Models", 2019, equation 2.
    """
    scores = prdc(real_features, fake_features, k, k)
    return scores["precision"], scores["recall"]


def density_coverage(real_features, fake_features, k=5):
    """Returns density and coverage.

    Density is the number of balls of real images that a generated image is within, on average
    and over `k`. Coverage is the share of real images with any generated image within their ball.
    A ball does not include its surface.

    Args:
        real_features: NumPy (N, d), N of more than `k`.
        fake_features: NumPy (M, d), M of more than `k`.
        k: Which neighbour a ball reaches to. Default: the paper's 5.

    Returns:
        density: Float of at least 0, which may exceed 1: how good generated images are.
        coverage: Float in 0..1, how much of the data is generated.

    Raises:
        InputError: If the shapes do not fit, a value is not finite, or a set has too few rows.

    Reference: Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020,
    equations 3 and 4.
    """
    scores = prdc(real_features, fake_features, k, k)
    return scores["density"], scores["coverage"]


def prdc(real_features, fake_features, precision_recall_k=3, density_coverage_k=5):
    """Returns the scores of `precision_recall` and `density_coverage` at the cost of one.

    Works on blocks of rows: the memory does not grow with N times M, and the features may be a
    `np.memmap`. Features that lie further from 0 than a thousand times their spread are copied
    and moved there first, since distances would be lost in rounding.

    A set with more than k equal images is allowed. Their balls are points, which hold equal images
    for precision and recall, and nothing for density and coverage. If all features are the same on
    both sides, precision and recall are 1, density and coverage 0.

    Args:
        real_features: NumPy (N, d).
        fake_features: NumPy (M, d).
        precision_recall_k: The neighbour for precision and recall. Default: 3.
        density_coverage_k: The neighbour for density and coverage. Default: 5.

    Returns:
        Dict of the floats "precision", "recall", "density" and "coverage".

    Raises:
        InputError: If the shapes do not fit, a value is not finite, or a set does not have more
            rows than the larger k.
    """
    ks = {"precision_recall_k": precision_recall_k, "density_coverage_k": density_coverage_k}
    check_whole_numbers(**ks)
    most = max(ks.values())
    real, fake = check_features(real_features, fake_features, rows=most + 1, reason="k + 1")
    real, fake = near_zero(real, fake)
    neighbours = neighbour_distances(real, most)
    wide, narrow = neighbours[:, precision_recall_k], neighbours[:, density_coverage_k]
    fake_radii = neighbour_distances(fake, precision_recall_k)[:, precision_recall_k]

    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    covered, inside = np.zeros(len(real), bool), 0
    for rows, x in blocks(real):
        for columns, y in blocks(fake):
            tile = distances(x, y)
            precise[columns] |= (tile <= wide[rows, None]).any(axis=0)
            recalled[rows] |= (tile <= fake_radii[columns]).any(axis=1)
            within = tile < narrow[rows, None]
            covered[rows] |= within.any(axis=1)
            inside += np.count_nonzero(within)
    return {
        "precision": float(precise.mean()),
        "recall": float(recalled.mean()),
        "density": float(inside / (density_coverage_k * len(fake))),
        "coverage": float(covered.mean()),
    }


def neighbour_distances(features, k):
    """Returns distances (N, k + 1), ascending: to itself, which is 0, and to the k nearest others.

    Each pair of blocks is looked at once, for the rows of both.
    """
    smallest = np.full((len(features), k + 1), np.inf, "float32")

    def merge(rows, tile):
        candidates = np.concatenate([smallest[rows], tile], axis=1)
        smallest[rows] = np.partition(candidates, k, axis=1)[:, : k + 1]

    for rows, x in blocks(features):
        for columns, y in blocks(features, start=rows.start):
            tile = distances(x, y)
            merge(rows, tile)
            if columns != rows:
                merge(columns, tile.T)
    return np.sort(smallest, axis=1)
