"""A folder of image files, with or without one sub-folder for each class."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tqdm

from keras_gans.data.arrays import Samples
from keras_gans.data.decode import decode
from keras_gans.data.fingerprint import checksum
from keras_gans.data.listing import list_images
from keras_gans.data.prepare import prepare, sides, worker_count
from keras_gans.errors import InputError

MUCH = 2
"""Images that are enlarged more times than this are worth a warning."""


class LazyImages:
    """Image files that look like one array and are decoded when they are indexed.

    Args:
        paths: List of N files.
        shape: Shape (H, W, C) that every image has after `prepare`.
        options: The arguments of `prepare` after the first, in their order.
        half: See `read_folder`.
    """

    def __init__(self, paths, shape, options, half):
        self.paths = paths
        self.shape = (len(paths), *shape)
        self._options, self._half = options, half
        self._pool = ThreadPoolExecutor(worker_count())

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, indices):
        return np.stack(list(self._pool.map(self._read, indices)))

    def _read(self, index):
        decoded = _decode(self.paths[index], self._options, self._half)
        return prepare(decoded.pixels, *self._options)


class _Read(NamedTuple):
    """An image file that was read; of the prepared image, `pixels` only if they are kept."""

    path: Path
    found_shape: tuple
    range_of_16_bits: tuple | None
    shape: tuple
    checksum: int
    pixels: np.ndarray | None


def read_folder(
    folder,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    nearest=False,
    cache=True,
    skip_bad_images=False,
    half=None,
):
    """Reads a folder of images; every file is decoded once, so that errors come first.

    What counts as an image and as a class is told by `keras_gans.data.listing.list_images`. If
    some images are grey and others in colour, all become coloured. Warns, once for all files, of
    what is left out, of that change, of 16-bit images that are almost black, and of images that
    are enlarged to more than twice their size. A progress bar shows if it takes over a second.

    Args:
        folder: The folder.
        image_size: See `keras_gans.data.load`.
        channels: See `keras_gans.data.load`.
        fit: See `keras_gans.data.load`.
        nearest: See `prepare`.
        cache: Whether to keep the decoded images; otherwise the result has `LazyImages`.
        skip_bad_images: Whether to leave out files that cannot be decoded; None for no, and no
            error that advises it, where each file has another that belongs to it.
        half: "left" or "right" of each picture to take that alone. Default: None, the whole.

    Returns:
        `Samples`.

    Raises:
        InputError: If the images cannot be listed, one cannot be decoded, sizes differ, label maps
            (`nearest`) have 16 bits, or a picture has no halves.
    """
    folder = Path(folder)
    listing = list_images(folder)
    if listing.warning:
        warnings.warn(listing.warning, stacklevel=2)
    options = (image_size, channels, fit, nearest)
    results = _read_all(listing.paths, options, half, cache, skip_bad_images)
    kept = [index for index, result in enumerate(results) if result is not None]
    if not kept:
        raise InputError(
            f"A folder of images must hold at least one that can be decoded. Received: {folder} "
            f"with {len(results)} bad files"
        )
    read = [results[index] for index in kept]
    grey = [index for index, image in enumerate(read) if image.shape[-1] == 1]
    if 0 < len(grey) < len(read):
        options = (image_size, 3, fit, nearest)
        _take_colour(read, grey, options, half, cache)
    _check_sizes(read)
    if nearest:
        _check_bits(read)
    _warn_if_dark(read)
    _warn_if_enlarged(read, image_size)
    paths, shape = [image.path for image in read], read[0].shape
    return Samples(
        folder.resolve().name + (f" ({half})" if half else ""),
        np.stack([image.pixels for image in read])
        if cache
        else LazyImages(paths, shape, options, half),
        None if listing.labels is None else np.asarray(listing.labels, np.int32)[kept],
        listing.class_names,
        len(results) - len(kept),
        np.array([image.checksum for image in read], np.uint32),
        paths,
    )


def _decode(path, options, half):
    _, channels, *_ = options
    decoded = decode(path, keep_alpha=channels == 4)
    if half is None:
        return decoded
    middle, left_over = divmod(decoded.pixels.shape[1], 2)
    if left_over or not middle:
        raise InputError(
            "Pictures with both sides must be as wide on the left as on the right. "
            f"Received: {path} with {decoded.pixels.shape[1]} pixels"
        )
    columns = slice(middle) if half == "left" else slice(middle, None)
    return decoded._replace(pixels=np.ascontiguousarray(decoded.pixels[:, columns]))


def _read_all(paths, options, half, cache, skip_bad_images):
    """Returns a list of `_Read`, None for a file that is skipped."""

    def read(path):
        try:
            decoded = _decode(path, options, half)
        except InputError as error:
            if skip_bad_images:
                return None
            if skip_bad_images is None:
                raise
            raise _with_advice(error) from error
        ready = prepare(decoded.pixels, *options)
        kept = ready if cache else None
        range_of_16_bits, shape = decoded.range_of_16_bits, decoded.pixels.shape
        return _Read(path, shape, range_of_16_bits, ready.shape, checksum(ready), kept)

    with ThreadPoolExecutor(worker_count()) as pool:
        images = pool.map(read, paths)
        bar = dict(desc="Reading", total=len(paths), unit="image", delay=1, leave=False)
        return list(tqdm.tqdm(images, **bar))


def _with_advice(error):
    """Returns the error of a file that could be left out."""
    rule, _, found = str(error).partition(". Received: ")
    return InputError(
        f"{rule}; `skip_bad_images=True` (--skip-bad-images) leaves bad files out. "
        f"Received: {found}"
    )


def _take_colour(read, grey, options, half, cache):
    """Reads the grey ones of the images in `read` again, as coloured ones."""
    coloured = next(image for image in read if image.shape[-1] == 3)
    warnings.warn(
        f"{len(grey):,} of {len(read):,} images are grey (such as {read[grey[0]].path}) and others "
        f"in colour (such as {coloured.path}): all become coloured, as by `channels=3`; "
        "`channels=1` (--channels) makes all grey.",
        stacklevel=3,
    )
    again = _read_all([read[index].path for index in grey], options, half, cache, False)
    for index, image in zip(grey, again, strict=True):
        read[index] = image


def _check_sizes(read):
    first = {}
    for image in read:
        first.setdefault(image.shape[1::-1], image.path)
    if len(first) > 1:
        (size, path), (other_size, other_path) = list(first.items())[:2]
        raise InputError(
            "Images must have one size, unless `image_size` is given. Received: "
            f"{size[0]}x{size[1]} ({path}) and {other_size[0]}x{other_size[1]} ({other_path})"
        )


def _check_bits(read):
    """Raises InputError if a value is not kept as it is, as those of labels must be."""
    wide = [image.path for image in read if image.range_of_16_bits]
    if wide:
        raise InputError(
            "Label maps have 8 bits for each value: write them as such, labels are 0 to 255. "
            f"Received: {len(wide):,} with 16 bits, such as {wide[0]}."
        )


def _warn_if_dark(read):
    """Warns of 10-, 12- or 14-bit values that were stored as 16-bit values."""
    ranges = [image.range_of_16_bits for image in read if image.range_of_16_bits]
    if not ranges:
        return
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if 0 < high < 2**14:
        warnings.warn(
            f"{len(ranges):,} of {len(read):,} images have 16 bits for each value, so 0..65535, "
            f"but values from {low} to {high} only, and become almost black: multiply the values "
            f"in the files by {2 ** (16 - high.bit_length())} before loading them.",
            stacklevel=3,
        )


def _warn_if_enlarged(read, image_size):
    wanted = sides(image_size) or (0, 0)
    small = [
        image
        for image in read
        if any(MUCH * a < b for a, b in zip(image.found_shape[:2], wanted, strict=True))
    ]
    if small:
        height, width = small[0].found_shape[:2]
        warnings.warn(
            f"{len(small):,} of {len(read):,} images are enlarged more than {MUCH} times to "
            f"{wanted[1]}x{wanted[0]} and so blurred (such as {small[0].path} of "
            f"{width}x{height}): leave them out, or take a smaller `image_size` (--image-size).",
            stacklevel=3,
        )
