"""Checks of arguments that many functions share."""

import math
from numbers import Integral, Real

import numpy as np

from keras_gans.errors import InputError

MAX_SEED = 2**32 - 1
"""The largest seed that NumPy's older generators take."""


def check_whole_numbers(least=1, most=None, **values):
    """Raises InputError unless each value, by its argument's name, is an integer in the range."""
    for name, value in values.items():
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or value < least or (most is not None and value > most):
            bound = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise InputError(f"`{name}` must be an integer {bound}. Received: {value!r}.")


def check_numbers(least, most=None, **values):
    """Raises InputError unless each value, by its argument's name, is a number in the range."""
    for name, value in values.items():
        number = isinstance(value, Real) and math.isfinite(value)
        if not number or value < least or (most is not None and value > most):
            bound = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise InputError(f"`{name}` must be a number {bound}. Received: {value!r}.")


def check_labels(count, labels, num_classes):
    """Returns the labels of `count` images, int32 (count,), or None for an unconditional model.

    Args:
        count: Number of images.
        labels: One class for all, or `count` of them; None for every class in turn.
        num_classes: Number of classes, or None for an unconditional model.

    Raises:
        InputError: If there are labels for an unconditional model, or labels that are no class.
    """
    if not num_classes:
        if labels is not None:
            raise InputError(f"Only conditional models take `labels`. Received: {labels}.")
        return None
    if labels is None:
        labels = np.arange(count) % num_classes
    labels = np.asarray(labels)
    fits = labels.shape in ((), (count,)) and np.issubdtype(labels.dtype, np.integer)
    if not fits or labels.min() < 0 or labels.max() >= num_classes:
        raise InputError(
            f"`labels` must be one whole number, or {count}, in 0..{num_classes - 1}. "
            f"Received: {labels.tolist()}."
        )
    return np.broadcast_to(labels, (count,)).astype("int32")
