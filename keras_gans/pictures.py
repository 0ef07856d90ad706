"""Images side by side in one picture, and pictures as files."""

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder

CHANNELS = (1, 3, 4)
"""Numbers of channels that pictures have: grey, RGB, RGBA."""

OPAQUE = ("JPEG", "BMP")
"""Formats without transparency that are written otherwise."""

CELL = 48
"""The fewest pixels that an image's longer side has when the scale is picked for it."""


def image_grid(images, columns=None, padding=2, scale=None):
    """Puts images side by side, row after row, on a white ground.

    Args:
        images: uint8 array of shape (N, H, W, C), N at least 1, C 1 (grey), 3 (RGB) or 4 (RGBA),
            each 0..255.
        columns: Images in a row, at least 1. None lays them out as a near-square:
            the square root of N, rounded up.
        padding: White pixels between the images and around them, at least 0. Default 2.
        scale: Each pixel becomes scale x scale pixels (nearest neighbour), at least 1. None picks
            the smallest scale that makes the longer side of an image at least 48 pixels.

    Returns:
        uint8 array of shape (rows * (scale * H + padding) + padding,
        columns * (scale * W + padding) + padding, C). Cells without an image stay white.

    Raises:
        InputError: If `images` is no such array or another argument is out of its range.

    Example:
        >>> images = np.zeros((10, 28, 28, 1), "uint8")
        >>> image_grid(images, columns=5).shape
        (118, 292, 1)
    """
    images = np.asarray(images)
    if (
        images.dtype != np.uint8
        or images.ndim != 4
        or images.size == 0
        or images.shape[-1] not in CHANNELS
    ):
        raise InputError(
            "`images` must be a uint8 array of shape (N, H, W, 1), (N, H, W, 3) or (N, H, W, 4) "
            f"that is not empty. Received: {images.dtype} of shape {images.shape}."
        )
    count, height, width, channels = images.shape
    columns = math.ceil(math.sqrt(count)) if columns is None else columns
    scale = math.ceil(CELL / max(height, width)) if scale is None else scale
    check_whole_numbers(least=1, columns=columns)
    check_whole_numbers(least=0, padding=padding)
    check_whole_numbers(least=1, scale=scale)

    rows = math.ceil(count / columns)
    down, across = scale * height + padding, scale * width + padding
    grid = np.full((rows * down + padding, columns * across + padding, channels), 255, np.uint8)
    for index, image in enumerate(images.repeat(scale, axis=1).repeat(scale, axis=2)):
        row, column = divmod(index, columns)
        top, left = row * down + padding, column * across + padding
        grid[top : top + scale * height, left : left + scale * width] = image
    return grid


def save_image(path, image):
    """Writes one picture, such as that of `image_grid`, to a file.

    The file takes its name only once it is complete, so that it is never seen half-written.

    Args:
        path: The file, a string or path. Its suffix names the format, such as ".png" or ".jpg".
            The folder is created if needed.
        image: uint8 array of shape (H, W, 1) (grey), (H, W, 3) (RGB) or (H, W, 4) (RGBA), each
            0..255. Formats without transparency get it on white.

    Raises:
        InputError: If `image` is no such array, the suffix names no format that Pillow can
            write, or the file cannot be written.

    Example:
        >>> save_image("runs/samples.png", image_grid(model.generate(64)))
    """
    image = np.asarray(image)
    if (
        image.dtype != np.uint8
        or image.ndim != 3
        or image.size == 0
        or image.shape[-1] not in CHANNELS
    ):
        raise InputError(
            "`image` must be a uint8 array of shape (H, W, 1), (H, W, 3) or (H, W, 4) that is not "
            f"empty. Received: {image.dtype} of shape {image.shape}."
        )
    path = Path(path)
    form = Image.registered_extensions().get(path.suffix.lower())
    if form not in Image.SAVE:
        raise InputError(
            "The suffix of an image file must name a format that can be written, such as .png. "
            f"Received: {str(path)!r}."
        )
    if path.is_dir():
        raise InputError(f"An image file must not be a folder. Received: {str(path)!r}.")
    writable_folder(path.parent)
    picture = _picture(image)
    if picture.mode == "RGBA" and form in OPAQUE:
        picture = on_white(picture)
    with whole_file(path) as file:
        picture.save(file, format=form)


def on_white(picture):
    """Returns a Pillow image with transparency, laid on white, as RGB."""
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def png(image):
    """Returns one picture, uint8 of shape (H, W, 1, 3 or 4), as the bytes of a PNG file."""
    file = io.BytesIO()
    _picture(image).save(file, "PNG")
    return file.getvalue()


def _picture(image):
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
