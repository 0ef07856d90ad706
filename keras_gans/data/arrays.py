"""Images that are NumPy arrays already, in memory or in an .npz file."""

import dataclasses
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_gans.errors import InputError
from keras_gans.pictures import CHANNELS

IMAGE_KEYS = ("images", "x", "x_train", "arr_0")
LABEL_KEYS = ("labels", "y", "y_train", "arr_1")
MAX_CLASSES = 65536
TOLERANCE = 1e-3

NPZ_ERRORS = (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, RuntimeError)
NPZ_ERRORS += (zipfile.BadZipFile, zlib.error)
"""What `numpy.load` raises for files that are damaged or of another kind."""


@dataclasses.dataclass
class Samples:
    """What every reader of a source returns.

    Attributes:
        name: Short name of the source.
        images: `uint8` array (N, H, W, C), or `float32` array (N, H, W, C) with values in [-1, 1],
            or `float32` points (N, 2), or an object with `shape` and `__getitem__(indices)` that
            reads `uint8` images when they are asked for.
        labels: `int32` array (N,), or None.
        class_names: List of K names, one for each label 0..K-1, or None without labels.
        num_skipped: Number of files that could not be read and were left out.
        checksums: The `keras_gans.data.fingerprint.checksum` of each image, an integer array (N,),
            where reading gave it; or None.
        paths: List of the images' files, or None.
    """

    name: str
    images: object
    labels: np.ndarray | None = None
    class_names: list | None = None
    num_skipped: int = 0
    checksums: np.ndarray | None = None
    paths: list | None = None


def check_images(images):
    """Checks an array of images and gives it its channel axis.

    Args:
        images: `uint8` array of shape (N, H, W) or (N, H, W, C), C being 1, 3 or 4. Floats are
            refused because [0, 1], [-1, 1] and [0, 255] cannot be told apart for certain.

    Returns:
        `uint8` array of shape (N, H, W, C).

    Raises:
        InputError: If the type or the shape is another one, or there is no image.
    """
    if images.dtype != np.uint8:
        how = "floats from 0 to 1 by `np.round(255 * images).astype('uint8')`"
        if images.dtype.kind in "iu":
            how = "whole numbers of that range by `images.astype('uint8')`"
        raise InputError(
            f"Images must be uint8 from 0 to 255; convert {how} first. "
            f"Received: dtype {images.dtype}"
        )
    is_colour = images.ndim == 4 and images.shape[-1] in CHANNELS
    # A last axis of 1 or 3 means channels: such a 3-d array is one image, not N grey ones.
    is_grey = images.ndim == 3 and images.shape[-1] not in (1, 3)
    if not (is_colour or is_grey) or 0 in images.shape:
        raise InputError(
            "Images must be at least one, in an array of shape (N, H, W), (N, H, W, 1), "
            f"(N, H, W, 3) or (N, H, W, 4). Received: shape {images.shape}"
        )
    return images if is_colour else images[..., None]


def check_source_labels(labels, count):
    """Checks the labels that a source has for its `count` images.

    Args:
        labels: Integer array of shape (count,), or (count, 1), with values from 0 to 65535.
        count: Number of images.

    Returns:
        `int32` array of shape (count,).

    Raises:
        InputError: If the type, the shape or a value is another one.
    """
    labels = labels[:, 0] if labels.shape == (count, 1) else labels
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            f"Labels must be integers of shape ({count},), one for each image. "
            f"Received: {labels.dtype} of shape {labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= MAX_CLASSES:
        raise InputError(
            f"Labels must be class numbers from 0 to {MAX_CLASSES - 1}. "
            f"Received: {labels.min()} to {labels.max()}"
        )
    return labels.astype(np.int32)


def check_training_images(images, image_shape, in_range=False):
    """Checks the array of images, or of points, that `fit` was given.

    Warns of images whose values are all in [0, 1], since they seem to lack the half below 0.

    Args:
        images: Float array of shape (N, *image_shape); images have values in [-1, 1], which may
            be exceeded by 0.001, and points any finite ones.
        image_shape: Shape (H, W, C) of the model's images, or (D,) of its points.
        in_range: Whether the values are known to be right. Default: False.

    Raises:
        InputError: If the type, the shape or a value is another one, or there is no image.
    """
    image_shape = tuple(image_shape)
    if images.dtype.kind != "f":
        raise InputError(
            "`fit` takes floats in [-1, 1]: give uint8 images as "
            "`kg.data.load((images, labels))` or as `images / 127.5 - 1`. "
            f"Received: dtype {images.dtype}."
        )
    if images.shape[1:] != image_shape or not len(images):
        raise InputError(
            "The images must be at least one, and of the model's shape: "
            f"(N, {', '.join(map(str, image_shape))}). Received: shape {images.shape}."
        )
    if in_range:
        return
    low, high = float(images.min()), float(images.max())
    if not np.isfinite([low, high]).all():
        raise InputError(
            f"The images' values must be finite. Received: values from {low:g} to {high:g}."
        )
    if len(image_shape) == 1:
        return
    if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
        raise InputError(
            "The images' values must be in [-1, 1], as by `images / 127.5 - 1` from 0..255. "
            f"Received: values from {low:g} to {high:g}."
        )
    if low >= 0:
        warnings.warn(
            f"The images' values are from {low:g} to {high:g} but should fill [-1, 1]: if their "
            "range is meant to be [0, 1], give `2 * images - 1`.",
            stacklevel=3,
        )


def check_training_labels(labels, count, num_classes):
    """Checks the labels that `fit` was given with `count` images.

    Args:
        labels: Integer array of shape (count,) with values from 0 to num_classes - 1.
        count: Number of images.
        num_classes: Number of classes of the model.

    Raises:
        InputError: If the type, the shape or a value is another one.
    """
    fits = labels.shape == (count,) and labels.dtype.kind in "iu"
    if not fits or labels.min() < 0 or labels.max() >= num_classes:
        found = f", from {labels.min()} to {labels.max()}" if fits else ""
        raise InputError(
            f"The labels must be integers of shape ({count},), one for each image, from 0 to "
            f"{num_classes - 1}. Received: {labels.dtype} of shape {labels.shape}{found}."
        )


def number_names(labels):
    """Returns ["0", "1", ...] up to the largest label."""
    return [str(label) for label in range(int(labels.max()) + 1)]


def from_arrays(source, name="arrays"):
    """Reads `images` or `(images, labels)`.

    Args:
        source: A NumPy array as `check_images` takes it, or a tuple of it and an array as
            `check_source_labels` takes it (or None).
        name: Name of the result.

    Returns:
        `Samples`; the class names are the label numbers.

    Raises:
        InputError: If an array has the wrong type or shape.
    """
    images, labels = source if isinstance(source, tuple) else (source, None)
    images = check_images(images)
    if labels is None:
        return Samples(name, images)
    labels = check_source_labels(labels, len(images))
    return Samples(name, images, labels, number_names(labels))


def array_in(file, key):
    """Returns an array of an opened .npz; raises ValueError if there is something else."""
    if not isinstance(value := file[key], np.ndarray):  # Other files in it are given as bytes.
        raise ValueError(f"{key!r} is no array")
    return value


def from_npz(path):
    """Reads an .npz file.

    Args:
        path: The file. Its images are under the first that it has of `images`, `x`, `x_train`,
            `arr_0`; its labels, if any, under the first of `labels`, `y`, `y_train`, `arr_1`.

    Returns:
        `Samples`.

    Raises:
        InputError: If the file cannot be read or holds no images.
    """
    path = Path(path)
    try:
        # Given a path, `np.load` leaves a broken file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            image_key = next((key for key in IMAGE_KEYS if key in file), None)
            label_key = next((key for key in LABEL_KEYS if key in file), None)
            if image_key is None:
                raise InputError(
                    f"An .npz file must hold its images under one of {', '.join(IMAGE_KEYS)}. "
                    f"Received: {path} with {', '.join(file) or 'no array'}"
                )
            images = array_in(file, image_key)
            labels = None if label_key is None else array_in(file, label_key)
    except InputError:
        raise
    # NumPy's message does not name the file and, for a plain .npy file, not the reason either.
    except NPZ_ERRORS as error:
        raise InputError(
            f"An .npz file must be readable by `numpy.load`. Received: {path} ({error})"
        ) from error
    try:
        return from_arrays((images, labels), name=path.stem)
    except InputError as error:
        raise InputError(f"{error}, in {path}") from None
