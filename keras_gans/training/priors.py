"""Distributions that latents are drawn from, each a map of standard normal values."""

import math

import keras
from keras import ops

from keras_gans.checks import check_numbers
from keras_gans.errors import InputError

BELOW_ONE = 1 - 2**-23
"""Where float32 still has an inverse of erf."""


def normal(z):
    """Returns latents of N(0, 1): as they are."""
    return z


def uniform(z):
    """Returns latents of U(-1, 1): erf(z / sqrt(2)), by a value's place among normal ones."""
    return ops.erf(z / math.sqrt(2))


def truncated_normal(z, threshold=2.0):
    """Returns latents of N(0, 1) without values beyond a threshold.

    sqrt(2) erfinv(erf(threshold / sqrt(2)) erf(z / sqrt(2))) has the distribution of values that
    are drawn anew while they lie beyond it, but changes steadily with the threshold, so that one
    seed gives one image at all of them. Near 0 it becomes uniform within the threshold.

    Args:
        z: Standard normal values, float of any shape.
        threshold: The largest magnitude, above 0. Default: 2.
    """
    share = math.erf(threshold / math.sqrt(2))
    # Beyond 5.4 float32 has no value of erf below 1, of which the inverse is infinite.
    places = ops.clip(share * ops.erf(z / math.sqrt(2)), -BELOW_ONE, BELOW_ONE)
    return math.sqrt(2) * ops.erfinv(places)


def hypersphere(z):
    """Returns latents (N, d) of equal length sqrt(d), in all directions alike."""
    mean = ops.mean(ops.square(z), axis=-1, keepdims=True)
    return z * ops.rsqrt(mean + keras.config.epsilon() ** 2)


PRIORS = {
    "normal": normal,
    "uniform": uniform,
    "truncated_normal": truncated_normal,
    "hypersphere": hypersphere,
}
"""The distributions by name."""


def get(name):
    """Returns a distribution's function.

    Raises:
        InputError: If there is none of that name.
    """
    if name not in PRIORS:
        raise InputError(f"`prior` is one of {', '.join(PRIORS)}. Received: {name!r}.")
    return PRIORS[name]


def truncate(z, threshold, prior):
    """Returns normal values without those beyond a threshold, for latents of a normal prior.

    Args:
        z: Standard normal values (N, d).
        threshold: Above 0, or None for all values.
        prior: Name of the prior.

    Raises:
        InputError: If the threshold is out of range, or the prior is not normal.
    """
    check_threshold(threshold, prior)
    return z if threshold is None else truncated_normal(z, threshold)


def check_threshold(threshold, prior):
    """Raises InputError unless a threshold is None, or above 0 and the prior normal."""
    if threshold is None:
        return
    check_numbers(0, threshold=threshold)
    if prior != "normal" or threshold == 0:
        raise InputError(
            "`threshold` is a number above 0, for latents of a normal prior. "
            f"Received: {threshold} for {prior}."
        )
