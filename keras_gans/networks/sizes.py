"""The image sizes that convolutional networks make: 4 to 7 pixels times a power of two."""

from keras_gans.errors import InputError

SIZES = sorted(base * 2**doublings for base in range(4, 8) for doublings in range(1, 6))
SIZES = [size for size in SIZES if 16 <= size <= 128]
MAX_FILTERS = 512
"""The most feature maps of a layer."""


def stages(image_shape):
    """Returns how often an image's size is halved, and what is left.

    Args:
        image_shape: (height, width, channels), square, of one of `SIZES`.

    Returns:
        (number of doublings, side of the smallest feature map): (2, 7) for 28 pixels.

    Raises:
        InputError: If the networks cannot make such images.
    """
    height, width, _ = check_shape(image_shape, 3)
    if height != width or height not in SIZES:
        raise InputError(
            "The convolutional networks make square images of "
            f"{', '.join(map(str, SIZES))} pixels. Received: {tuple(image_shape)}."
        )
    doublings = 0
    while height >= 8:
        height, doublings = height // 2, doublings + 1
    return doublings, height


def check_shape(shape, rank=None):
    """Returns the shape of what networks make, as a tuple of integers.

    Args:
        shape: Such as (height, width, channels).
        rank: How many numbers it must have. Default: None, any.

    Raises:
        InputError: If it is no such shape.
    """
    if shape is None:
        raise InputError("A model without networks of its own needs `image_shape`. Received: None.")
    whole = isinstance(shape, tuple | list) and all(isinstance(x, int) and x > 0 for x in shape)
    if not whole or not shape or (rank and len(shape) != rank):
        raise InputError(
            f"`image_shape` is (height, width, channels), in whole numbers. Received: {shape!r}."
        )
    return tuple(shape)
