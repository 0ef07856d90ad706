"""A folder of image files, with or without one sub-folder for each class."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from keras_gans.data.arrays import Samples
from keras_gans.data.resize import prepare, worker_count
from keras_gans.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def decode(path):
    """Reads one image file, turned as its EXIF orientation says.

    Args:
        path: A PNG, JPEG, GIF, BMP, WebP or TIFF file; of several frames the first is read.

    Returns:
        `uint8` array of shape (H, W, C). Grey images (also of 1 or 16 bits, rounded to 8) have
        C = 1; all others, palettes too, C = 3. Transparent pixels are laid on white.

    Raises:
        InputError: If the file cannot be decoded.
    """
    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file)
            if picture.mode.startswith("I;16"):
                # Pillow's own conversion clips 16-bit values instead of scaling them.
                wide = np.asarray(picture).astype(np.uint32)
                return ((wide + 128) // 257).astype(np.uint8)[..., None]
            if picture.mode in ("I", "F"):
                raise ValueError(f"mode {picture.mode} has no known range")
            is_grey = picture.mode in ("1", "L", "LA")
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(white, picture).convert("RGB")
            pixels = np.asarray(picture.convert("L" if is_grey else "RGB"))
    except Exception as error:  # Pillow's many readers fail in many ways.
        raise InputError(
            f"An image file must be decodable, or be left out by `skip_bad_images=True`. "
            f"Received: {path} ({error})"
        ) from error
    return pixels.reshape(*pixels.shape[:2], -1)


class LazyImages:
    """Image files that look like one array and are decoded when they are indexed.

    Args:
        paths: List of N files.
        shape: Shape (H, W, C) that every image has after `prepare`.
        options: The arguments `image_size`, `channels` and `fit` of `prepare`, in this order.
    """

    def __init__(self, paths, shape, options):
        self.paths = paths
        self.shape = (len(paths), *shape)
        self._options = options
        self._pool = ThreadPoolExecutor(worker_count())

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, indices):
        return np.stack(list(self._pool.map(self._read, indices)))

    def _read(self, index):
        return prepare(decode(self.paths[index]), *self._options)


def read_folder(
    folder, *, image_size=None, channels=None, fit="crop", cache=True, skip_bad_images=False
):
    """Reads a folder of images; every file is decoded once, so that errors come first.

    Images that lie directly in the folder have no labels, and sub-folders are then ignored.
    Otherwise each sub-folder with images is a class, in the order of the sorted names. Hidden
    files and folders and files with other suffixes are ignored.

    Args:
        folder: The folder.
        image_size: See `keras_gans.data.load`.
        channels: See `keras_gans.data.load`.
        fit: See `keras_gans.data.load`.
        cache: Whether to keep the decoded images; otherwise the result has `LazyImages`.
        skip_bad_images: Whether to leave out files that cannot be decoded.

    Returns:
        `Samples`.

    Raises:
        InputError: If there is no image, one cannot be decoded, or sizes or channels differ.
    """
    folder = Path(folder)
    paths, labels, class_names = _list_images(folder)
    options = (image_size, channels, fit)

    def read(path):
        try:
            image = decode(path)
        except InputError:
            if skip_bad_images:
                return None
            raise
        ready = prepare(image, *options)
        return image.shape, ready.shape, ready if cache else None

    with ThreadPoolExecutor(worker_count()) as pool:
        results = list(pool.map(read, paths))
    kept = [index for index, result in enumerate(results) if result is not None]
    if not kept:
        raise InputError(
            f"A folder of images must hold at least one that can be decoded. Received: {folder} "
            f"with {len(paths)} bad files"
        )
    paths = [paths[index] for index in kept]
    found_shapes, shapes, images = zip(*(results[index] for index in kept), strict=True)
    if channels is None:
        _check_channels(paths, found_shapes)
    _check_sizes(paths, shapes)
    return Samples(
        folder.resolve().name,
        np.stack(images) if cache else LazyImages(paths, shapes[0], options),
        None if labels is None else np.asarray(labels, np.int32)[kept],
        class_names,
        len(results) - len(kept),
    )


def _list_images(folder):
    """Returns the image files, their labels (or None) and the class names (or None)."""
    paths = _images_in(folder)
    if paths:
        return paths, None, None
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and _is_visible(path))
    classes = [(path.name, _images_in(path)) for path in folders]
    classes = [(name, found) for name, found in classes if found]
    if not classes:
        raise InputError(
            "A folder of images must hold, directly or in its sub-folders, files that end in "
            f"{', '.join(SUFFIXES)}. Received: {folder}"
        )
    paths = [path for _, found in classes for path in found]
    labels = [label for label, (_, found) in enumerate(classes) for _ in found]
    return paths, labels, [name for name, _ in classes]


def _images_in(folder):
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and _is_visible(path) and path.is_file()
    )


def _is_visible(path):
    return not path.name.startswith(".")


def _check_channels(paths, shapes):
    first = {}
    for path, shape in zip(paths, shapes, strict=True):
        first.setdefault(shape[-1], path)
    if len(first) > 1:
        raise InputError(
            "Images must be all grey or all coloured, unless `channels=1` or `channels=3` "
            f"converts them. Received: {first[1]} (grey) and {first[3]} (coloured)"
        )


def _check_sizes(paths, shapes):
    first = {}
    for path, (height, width, _) in zip(paths, shapes, strict=True):
        first.setdefault((width, height), path)
    if len(first) > 1:
        (size, path), (other_size, other_path) = list(first.items())[:2]
        raise InputError(
            "Images must have one size, unless `image_size` is given. Received: "
            f"{size[0]}x{size[1]} ({path}) and {other_size[0]}x{other_size[1]} ({other_path})"
        )
