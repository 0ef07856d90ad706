"""Kernel distance between two sets of features, the distance of KID."""

import numpy as np

from keras_gans.checks import MAX_SEED, check_whole_numbers
from keras_gans.metrics.features import check_features, pick


def kernel_distance(real_features, fake_features, subset_size=1000, num_subsets=100, seed=0):
    """Returns mean and standard deviation of the squared kernel distance over random subsets.

    See `kernel_distances` for the formula and the arguments.

    Returns:
        mean: Float, 0 on average if both sets come from one distribution, and then below 0 as
            often as above.
        std: Float, standard deviation over the subsets, over `num_subsets`.

    Raises:
        InputError: If the shapes do not fit, a value is not finite, or a set has fewer rows than
            `subset_size`.

    Reference: Bińkowski et al., "Demystifying MMD GANs", 2018, section 4.
    """
    values = kernel_distances(real_features, fake_features, subset_size, num_subsets, seed)
    return float(values.mean()), float(values.std())


def kernel_distances(real_features, fake_features, subset_size=1000, num_subsets=100, seed=0):
    """Returns the unbiased squared maximum mean discrepancy of each of several random subsets.

    mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j), in float64,
    with the kernel k(x, y) = (x.y / d + 1)^3. The subsets are those that torch-fidelity draws with
    `rng_seed=seed` and `real_features` as its first input.

    Args:
        real_features: NumPy (N, d).
        fake_features: NumPy (M, d).
        subset_size: Rows drawn from each set, without replacement, at least 2. Default: 1000.
        num_subsets: How many times they are drawn. Default: 100.
        seed: Integer from 0 to 2^32 - 1. Default: 0.

    Returns:
        NumPy (num_subsets,), float64.

    Raises:
        InputError: See `kernel_distance`.

    Reference: Gretton et al., "A Kernel Two-Sample Test", 2012, equation 3.
    """
    check_whole_numbers(num_subsets=num_subsets)
    check_whole_numbers(least=2, subset_size=subset_size)
    check_whole_numbers(least=0, most=MAX_SEED, seed=seed)
    sets = check_features(real_features, fake_features, rows=subset_size, reason="`subset_size`")
    random = np.random.RandomState(seed)
    values = np.empty(num_subsets)
    for i in range(num_subsets):
        chosen = [random.choice(len(features), subset_size, replace=False) for features in sets]
        x, y = map(pick, sets, chosen)
        values[i] = _mean_of_pairs(x) + _mean_of_pairs(y) - 2 * _kernel(x, y).mean()
    return values


def _kernel(x, y):
    values = x @ y.T / x.shape[1] + 1
    return values * values * values  # A power of 3 takes ten times as long.


def _mean_of_pairs(x):
    """Returns the kernel's mean over all pairs of different rows."""
    kernel = _kernel(x, x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))
