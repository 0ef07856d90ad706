"""Inception score: are the classes of single images clear, and those of all images many?"""

import numpy as np
from scipy.special import rel_entr

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.features import check_features


def inception_score(probabilities, splits=10):
    """Returns mean and standard deviation of the inception score over parts of the images.

    exp(mean_x KL(p(y|x) || p(y))), in float64, p(y) the mean of p(y|x) over the part. The parts
    are consecutive rows; shuffle the images first if they come in an order, such as by class.

    Args:
        probabilities: NumPy (N, classes), p(y|x) in 0..1, each row with the sum 1. The reference
            implementations take the softmax of the network's logits without the bias.
        splits: Number of parts, at most N. Default: 10.

    Returns:
        mean: Float from 1 to the number of classes.
        std: Float, standard deviation over the parts, over `splits`.

    Raises:
        InputError: If the probabilities are not such a matrix or there are fewer rows than parts.

    Reference: Salimans et al., "Improved Techniques for Training GANs", 2016, section 4.
    """
    check_whole_numbers(splits=splits)
    (probabilities,) = check_features(probabilities, rows=splits, reason="`splits`")
    probabilities = probabilities.astype("float64")
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0 or abs(sums - 1).max() > 1e-3:
        raise InputError(
            "Probabilities must be at least 0 with rows of sum 1. Received: values from "
            f"{probabilities.min():.4g} and sums from {sums.min():.4g} to {sums.max():.4g}."
        )
    bounds = np.arange(splits + 1) * len(probabilities) // splits
    parts = np.split(probabilities, bounds[1:-1])
    scores = [np.exp(rel_entr(part, part.mean(axis=0)).sum(axis=1).mean()) for part in parts]
    return float(np.mean(scores)), float(np.std(scores))
