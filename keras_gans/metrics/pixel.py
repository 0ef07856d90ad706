"""Distances between images pixel by pixel, to be read beside distances between features."""

import numpy as np

from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError


def pixel_distance(images, others, norm=1):
    """Returns how far each image is from its partner, pixel by pixel.

    norm 1: the mean of |x - y| over an image's values. norm 2: the root of the mean of (x - y)^2.

    Pixels and features disagree in a telling way: an image and the same image moved by one pixel
    can be as far apart in pixels as two unrelated ones, while features hardly tell them apart. A
    small distance in features beside a large one in pixels means similar content in another place.

    Args:
        images: uint8 array of shape (N, H, W, 1 or 3).
        others: uint8 array of the same shape, the partners.
        norm: 1 (mean absolute) or 2 (root mean square). Default: 1.

    Returns:
        NumPy float64 (N,), in grey levels, each 0..255.

    Raises:
        InputError: If the arrays are not images, their shapes differ, or `norm` is another number.
    """
    images, others = check_images(np.asarray(images)), check_images(np.asarray(others))
    if images.shape != others.shape:
        raise InputError(
            "Images and their partners must have the same shape. "
            f"Received: {images.shape} and {others.shape}."
        )
    if norm not in (1, 2):
        raise InputError(f"`norm` must be 1 or 2. Received: {norm!r}.")
    pairs = zip(images, others, strict=True)
    means = [np.mean(np.abs(np.subtract(x, y, dtype="float64")) ** norm) for x, y in pairs]
    return np.array(means) ** (1 / norm)
