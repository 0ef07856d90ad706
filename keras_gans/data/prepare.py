"""The one way an image becomes the wanted size and number of channels, whatever its source."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.pictures import CHANNELS, on_white

FITS = ("crop", "stretch")


def worker_count(most=8):
    """Returns a number of threads for work that releases the GIL: one for each core, to `most`."""
    return min(most, os.cpu_count() or 1)


def sides(image_size):
    """Returns (height, width) of an `image_size`, the side of a square or both, or None."""
    if image_size is None or isinstance(image_size, tuple):
        return image_size
    return tuple(image_size) if isinstance(image_size, list) else (image_size, image_size)


def opaque(images):
    """Returns images (N, H, W, C) as one sees them: with transparency, they are laid on white."""
    is_clear = images.ndim == 4 and images.shape[-1] == 4
    return prepare_all(images, channels=3) if is_clear else images


def prepare(image, image_size=None, channels=None, fit="crop", nearest=False):
    """Converts one image to the wanted channels, then to the wanted size.

    The result is rounded back to `uint8`, so that the same pixels give the same result whether
    they come from a named data set, an array or a file.

    Args:
        image: `uint8` array of shape (H, W, C) with C = 1, 3 or 4.
        image_size: Side of a square, at least 1, or (height, width). None (default): the size
            stays.
        channels: 1 (grey by the ITU-R 601 weights), 3 (grey is repeated), 4 (opaque if there is no
            alpha; what is wholly transparent becomes white) or None (default): the channels stay.
            What is transparent is laid on white if there is no alpha in the end.
        fit: What happens to an image of another shape. "crop" (default) keeps the largest centred
            part of the wanted shape, "stretch" scales each side on its own.
        nearest: Whether values are picked and not mixed, as label maps need it. Default: False.

    Returns:
        `uint8` array of shape (height, width, channels).
    """
    if channels in (1, 3) and image.shape[-1] == 4:
        image = np.asarray(on_white(Image.fromarray(image)))
    if channels in (3, 4) and image.shape[-1] == 1:
        image = np.repeat(image, 3, axis=-1)
    elif channels == 1 and image.shape[-1] == 3:
        image = np.asarray(Image.fromarray(image).convert("L"))[..., None]
    if channels == 4 and image.shape[-1] == 3:
        image = np.concatenate([image, np.full_like(image[..., :1], 255)], axis=-1)
    image = _resized(image, image_size, fit, nearest)
    # What nobody sees should not have to be learned.
    return (
        np.where(image[..., 3:] == 0, np.uint8([255, 255, 255, 0]), image)
        if channels == 4
        else image
    )


def _resized(image, image_size, fit, nearest):
    height, width = image.shape[:2]
    wanted = sides(image_size)
    if wanted in (None, (height, width)):
        return image
    if fit == "crop":
        high = min(height, max(1, round(width * wanted[0] / wanted[1])))
        wide = min(width, max(1, round(height * wanted[1] / wanted[0])))
        top, left = (height - high) // 2, (width - wide) // 2
        image = image[top : top + high, left : left + wide]
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    # Pillow widens the bicubic filter when it shrinks an image, so nothing aliases.
    filter_ = Image.Resampling.NEAREST if nearest else Image.Resampling.BICUBIC
    return np.asarray(picture.resize(wanted[::-1], filter_)).reshape(*wanted, -1)


def prepare_all(images, image_size=None, channels=None, fit="crop", nearest=False):
    """Applies `prepare` to every image of an array.

    Args:
        images: `uint8` array of shape (N, H, W, C) with C = 1, 3 or 4.
        image_size: See `prepare`.
        channels: See `prepare`.
        fit: See `prepare`.
        nearest: See `prepare`.

    Returns:
        `uint8` array of shape (N, height, width, channels); `images` itself if nothing has to
        change.
    """
    size_fits = sides(image_size) in (None, images.shape[1:3])
    if size_fits and channels in (None, images.shape[-1]) and channels != 4:
        return images
    with ThreadPoolExecutor(worker_count()) as pool:
        options = (image_size, channels, fit, nearest)
        return np.stack(list(pool.map(lambda image: prepare(image, *options), images)))


def floats_on_white(images):
    """Returns what one sees of transparent images, floats (N, H, W, 4) in [-1, 1], as RGB."""
    opacity = (images[..., 3:] + 1) / 2
    return images[..., :3] * opacity + 1 - opacity


def check_reading_options(image_size, channels, fit):
    """Raises `InputError` unless the three options can be given to `prepare`."""
    pair = isinstance(image_size, tuple | list) and len(image_size) == 2
    for side in image_size if pair else [1 if image_size is None else image_size]:
        check_whole_numbers(image_size=side)
    if channels is not None:
        check_whole_numbers(channels=channels)
    if channels not in (None, *CHANNELS):
        raise InputError(f"`channels` must be None, 1, 3 or 4. Received: {channels!r}")
    if fit not in FITS:
        raise InputError(f'`fit` must be "crop" or "stretch". Received: {fit!r}')
