"""The image sizes that convolutional networks make: 4 to 7 pixels, doubled and doubled again."""

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.methods import LARGE

SIZES = sorted(base * 2**doublings for base in range(4, 8) for doublings in range(1, 9))
SIZES = [size for size in SIZES if 16 <= size <= 1024]
"""The sides of square images."""

MAX_FILTERS = 512
"""The most feature maps of a layer."""


def stages(image_shape):
    """Returns how often an image's size is halved, and what is left.

    Args:
        image_shape: (height, width, channels): the shorter side is one of `SIZES`, the longer one a
            whole number too after as many halvings, such as 64 by 96 or 48 by 80 pixels.

    Returns:
        (number of doublings, (height, width) of the smallest feature map): (2, (7, 7)) for 28
        pixels, (4, (4, 6)) for 64 by 96.

    Raises:
        InputError: If the networks cannot make such images.
    """
    *sides, _ = check_shape(image_shape, 3)
    doublings = max(0, min(sides).bit_length() - 3)
    if min(sides) not in SIZES or any(side % 2**doublings for side in sides):
        near = " by ".join(str(side) for side in nearest(sides))
        raise InputError(
            "The convolutional networks make images of 4 to 7 pixels, doubled, along the shorter "
            "side: 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, ... 1024 pixels, and of a number that "
            "is halved as often along the other. "
            f"Received: {tuple(image_shape)}; the nearest is {near}."
        )
    return doublings, tuple(side >> doublings for side in sides)


def nearest(sides):
    """Returns the (height, width) nearest to one that the networks perhaps cannot make."""
    least = min(sides)
    short = min(reversed(SIZES), key=lambda size: abs(size - least))
    step = 2 ** (short.bit_length() - 3)
    longer = (max(short, round(side / step) * step) for side in sides)
    return tuple(short if side == least else near for side, near in zip(sides, longer, strict=True))


GENERATOR_MAPS = ((56, 24), (28, 48), (14, 64), (8, 128), (0, 192))
DISCRIMINATOR_MAPS = ((56, 16), (28, 32), (14, 64), (8, 128), (0, 192))
"""How many feature maps a layer of large images has from which side on. That is flatter than the
papers', which double at each halving: a narrow layer near the full size costs quality, a wide one
of few pixels costs time."""


def feature_maps(image_shape, filters=None, by_side=GENERATOR_MAPS):
    """Returns how many feature maps there are at half an image's size, at a quarter, and so on.

    Args:
        image_shape: (height, width, channels), see `stages`.
        filters: A whole number, which doubles at each halving up to 512; or a list of them, one for
            each halving. Default: None, 32 and its doubles below 48 pixels, `by_side` from there
            on.
        by_side: Such as `GENERATOR_MAPS`.

    Returns:
        List of integers, one for each doubling.

    Raises:
        InputError: If they are no such numbers, or as many as the size has halvings.
    """
    doublings, _ = stages(image_shape)
    size = min(image_shape[:2])
    if filters is None and size >= LARGE:
        sides = [size >> halving for halving in range(1, doublings + 1)]
        return [next(maps for least, maps in by_side if side >= least) for side in sides]
    if isinstance(filters, tuple | list):
        for maps in filters:
            check_whole_numbers(filters=maps)
        if len(filters) != doublings:
            raise InputError(
                f"`filters` is a number, or one for each halving of the size, from {size} to "
                f"{size >> doublings} pixels {doublings} of them. Received: {filters!r}."
            )
        return list(filters)
    filters = 32 if filters is None else filters
    check_whole_numbers(filters=filters)
    return doubled(filters, doublings)


def doubled(filters, count, most=MAX_FILTERS):
    """Returns `count` numbers of feature maps, each twice the one before, up to the most."""
    return [min(filters * 2**k, most) for k in range(count)]


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
