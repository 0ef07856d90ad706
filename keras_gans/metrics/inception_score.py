"""Inception score: are the classes of single images clear, and those of all images many?"""

import numpy as np
from scipy.special import xlogy

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.features import blocks, check_features


def inception_score(probabilities, splits=10, seed=None):
    """Returns mean and standard deviation of the inception score over parts of the images.

    exp(mean_x KL(p(y|x) || p(y))), in float64, p(y) the mean of p(y|x) over the part. The KL
    divergence is summed up as sum_y p(y|x) log p(y|x) - sum_y p(y) log p(y), for which the rows,
    which may be a `np.memmap`, are read once, block by block.

    Args:
        probabilities: NumPy (N, classes), p(y|x) in 0..1, each row with the sum 1. The reference
            implementations take the softmax of the network's logits without the bias.
        splits: Number of parts, at most N. Default: 10.
        seed: Int of at least 0 that draws the parts at random, for images that come in an order,
            such as by class. None (default): parts are consecutive rows.

    Returns:
        mean: Float from 1 to the number of classes.
        std: Float, standard deviation over the parts, over `splits`.

    Raises:
        InputError: If the probabilities are not such a matrix or there are fewer rows than parts.

    Reference: Salimans et al., "Improved Techniques for Training GANs", 2016, section 4.
    """
    check_whole_numbers(splits=splits)
    if seed is not None:
        check_whole_numbers(least=0, seed=seed)
    (probabilities,) = check_features(probabilities, rows=splits, reason="`splits`")
    count = len(probabilities)
    sizes = np.diff(np.arange(splits + 1) * count // splits)
    part = np.repeat(np.arange(splits), sizes)
    if seed is not None:
        part = np.random.default_rng(seed).permutation(part)
    marginals, logs = np.zeros((splits, probabilities.shape[1])), np.zeros(splits)
    for rows, p in blocks(probabilities):
        sums = p.sum(axis=1)
        if p.min() < 0 or abs(sums - 1).max() > 1e-3:
            raise InputError(
                "Probabilities must be at least 0 with rows of sum 1. Received: values from "
                f"{p.min():.4g} and sums from {sums.min():.4g} to {sums.max():.4g}."
            )
        np.add.at(marginals, part[rows], p)
        np.add.at(logs, part[rows], xlogy(p, p).sum(axis=1))
    marginals /= sizes[:, None]
    scores = np.exp(logs / sizes - xlogy(marginals, marginals).sum(axis=1))
    return float(scores.mean()), float(scores.std())
