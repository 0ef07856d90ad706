"""Label maps: images whose values are labels, or stand for them as colours."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import Samples
from keras_gans.data.decode import decode
from keras_gans.data.loader import read_samples
from keras_gans.data.prepare import prepare, worker_count
from keras_gans.errors import InputError

MOST_LABELS = 256


def read_labels(labels):
    """Returns the number of labels, and their colours or None.

    Args:
        labels: A number of labels, which are the grey levels from 0 on or, of indexed files, the
            indices; or their colours, a list of "#rrggbb" or (red, green, blue).

    Returns:
        `(num_labels, palette)` with the palette as a list of lists of three numbers.

    Raises:
        InputError: If it is neither, or more than 256, or a colour comes twice.
    """
    if not isinstance(labels, list | tuple | np.ndarray):
        check_whole_numbers(1, MOST_LABELS, labels=labels)
        return int(labels), None
    try:
        palette = [_read_color(color) for color in labels]
    except (ValueError, TypeError) as error:
        raise InputError(
            'Colours of labels are "#rrggbb" or three whole numbers from 0 to 255. '
            f"Received: {error}."
        ) from None
    twice = [color for number, color in enumerate(palette) if color in palette[:number]]
    if twice or not 1 <= len(palette) <= MOST_LABELS:
        what = f"{_hex(twice[0])} twice" if twice else f"{len(palette)} colours"
        raise InputError(
            f"Labels have from 1 to {MOST_LABELS} colours, each its own. Received: {what}."
        )
    return len(palette), palette


def read_label_maps(source, labels, image_size=None, fit="crop", seed=0):
    """Reads label maps, which are resized without mixing labels.

    Args:
        source: What `keras_gans.data.load` takes.
        labels: See `read_labels`.
        image_size: See `keras_gans.data.load`.
        fit: See `keras_gans.data.load`.
        seed: See `keras_gans.data.load`. Default: 0.

    Returns:
        `Samples` with `uint8` images (N, H, W, 1) whose values are labels.

    Raises:
        InputError: If the source cannot be read or has other values.
    """
    num_labels, palette = read_labels(labels)
    options = {"image_size": image_size, "fit": fit, "seed": seed, "skip_bad_images": None}
    samples = read_samples(source, nearest=True, channels=3 if palette else None, **options)
    images, paths = samples.images, samples.paths
    if not palette and paths and images.shape[-1] == 3:
        # Indexed files come in colours, but their labels are the indices.
        def read(path):
            pixels = decode(path, keep_indices=True).pixels
            return prepare(pixels, image_size, 3, fit, nearest=True)

        with ThreadPoolExecutor(worker_count()) as pool:
            images = np.stack(list(pool.map(read, paths)))
    maps = to_labels(images, num_labels, palette, samples.name, paths)
    return Samples(samples.name, maps, paths=paths)


def to_labels(images, num_labels, palette=None, name="label maps", paths=None):
    """Returns label maps, `uint8` (N, H, W, 1).

    Args:
        images: `uint8` array (N, H, W, 1 or 3).
        num_labels: Number of labels.
        palette: Colours of the labels, see `read_labels`; grey images are labels already.
        name: What messages call the images.
        paths: Their files, which messages then name. Default: None.

    Raises:
        InputError: If an image has a value or a colour that is no label's.
    """
    if images.shape[-1] == 3:
        if palette is None and (images != images[..., :1]).any():
            raise InputError(
                "Label maps in colour need the colours of the labels: `labels` (--labels). "
                f"Received: {name} without."
            )
        images = _look_up(images, palette, name, paths) if palette else images[..., :1]
    if images.max() >= num_labels:
        first = _which(_first(images >= num_labels), name, paths)
        raise InputError(
            f"Label maps have the values 0 to {num_labels - 1}, one for each label. "
            f"Received: {images.max()} in {first}."
        )
    return images


def _which(number, name, paths):
    """Returns what messages call an image."""
    return f"image {number} of {name}" if paths is None else str(paths[number])


def _look_up(images, palette, name, paths):
    """Returns the places of the images' colours in a palette, (N, H, W, 1)."""
    weights = np.array([1 << 16, 1 << 8, 1])
    wanted = np.array(palette) @ weights
    order = np.argsort(wanted)
    maps = np.empty((*images.shape[:3], 1), "uint8")
    for number, image in enumerate(images):
        codes = image @ weights
        places = np.searchsorted(wanted[order], codes).clip(max=len(order) - 1)
        other = wanted[order][places] != codes
        if other.any():
            raise InputError(
                f"Label maps have the {len(palette)} colours of the labels alone, as files without "
                f"losses such as PNG keep them. Received: {_hex(image[other][0])} in "
                f"{_which(number, name, paths)}."
            )
        maps[number, ..., 0] = order[places]
    return maps


def _read_color(color):
    if isinstance(color, str):
        digits = color.strip().removeprefix("#")
        if len(digits) != 6:
            raise ValueError(repr(color))
        return list(bytes.fromhex(digits))
    values = [int(value) for value in color]
    if len(values) != 3 or min(values) < 0 or max(values) > 255:
        raise ValueError(repr(color))
    return values


def _hex(color):
    return "#" + "".join(f"{value:02x}" for value in color)


def _first(wrong):
    return int(wrong.reshape(len(wrong), -1).any(axis=1).argmax())
