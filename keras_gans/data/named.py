"""Data sets that are found by name on this computer: scikit-learn's digits and IDX files."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from keras_gans.data.arrays import Samples, check_images, check_source_labels
from keras_gans.errors import InputError, SplitError

SPLITS = ("train", "test", "all")
FASHION_MNIST_DIR = Path("/usr/share/datasets/fashion-mnist")
CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
}


def read_digits(split="train"):
    """Reads the 1797 digits of 8 x 8 pixels that come with scikit-learn.

    Args:
        split: "test" is every fifth image of each class (the 5th, the 10th, ... in the data
            set's order; 355 images), "train" (default) the others, "all" both.

    Returns:
        `Samples` with `uint8` images (N, 8, 8, 1); scikit-learn's 0..16 become 0..255.

    Raises:
        InputError: If the split is another one.
    """
    from sklearn.datasets import load_digits

    check_split("digits", split, SPLITS)
    digits = load_digits()
    images = np.round(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    labels = digits.target.astype(np.int32)
    is_test = np.zeros(len(labels), bool)
    for label in range(10):
        is_test[np.flatnonzero(labels == label)[4::5]] = True
    chosen = {"train": ~is_test, "test": is_test, "all": np.full(len(labels), True)}[split]
    return Samples("digits", images[chosen], labels[chosen], list("0123456789"))


def read_idx(path):
    """Reads one IDX file of unsigned bytes, the format of MNIST.

    Args:
        path: The file; it is unpacked on the way if its name ends in .gz.

    Returns:
        `uint8` array of the shape that the file states.

    Raises:
        InputError: If the file is not of that format or its length is not what it states.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"An IDX file must be readable, and packed if it ends in .gz. "
            f"Received: {path} ({error})"
        ) from error
    # Two zero bytes, 8 for unsigned bytes, the number of axes, then each axis as a 32-bit number.
    start = 4 + 4 * data[3] if data[:3] == b"\x00\x00\x08" and len(data) > 3 else len(data) + 1
    if len(data) < start:
        raise InputError(
            f"An IDX file must begin with the header of unsigned bytes. Received: {path}"
        )
    shape = tuple(int(size) for size in np.frombuffer(data[4:start], ">u4"))
    if len(data) - start != math.prod(shape):
        raise InputError(
            f"An IDX file must be as long as its header states, {math.prod(shape)} bytes for shape "
            f"{shape}. Received: {path} with {len(data) - start}"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def find_idx(name, data_dir=None):
    """Returns the folder that holds the IDX files of "mnist" or "fashion_mnist", or None.

    Args:
        name: "mnist" or "fashion_mnist".
        data_dir: The only folder to look in. None (default): where the Debian package
            dataset-fashion-mnist puts that data set; MNIST has no such place.

    Returns:
        A `pathlib.Path`, or None.
    """
    if data_dir is None:
        folder = FASHION_MNIST_DIR if name == "fashion_mnist" else None
    else:
        folder = Path(data_dir).expanduser()
    return folder if folder and any(folder.glob("*-images?idx3-ubyte*")) else None


def read_idx_set(name, folder, split="train"):
    """Reads MNIST or Fashion-MNIST from its IDX files.

    Args:
        name: "mnist" or "fashion_mnist"; it sets the class names.
        folder: Folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, for the other
            splits, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without .gz.
        split: "train" (default), "test" or "all" (the training images first).

    Returns:
        `Samples` with `uint8` images (N, 28, 28, 1).

    Raises:
        InputError: If a file is missing or wrong.
    """
    check_split(name, split, SPLITS)
    prefixes = {"train": ["train"], "test": ["t10k"], "all": ["train", "t10k"]}[split]
    images, labels = [], []
    for prefix in prefixes:
        images.append(check_images(read_idx(_idx_path(folder, prefix, "images", 3))))
        read_labels = read_idx(_idx_path(folder, prefix, "labels", 1))
        labels.append(check_source_labels(read_labels, len(images[-1])))
    names = list(CLASS_NAMES[name])
    if max(int(part.max()) for part in labels) >= len(names):
        raise InputError(f"The labels of {name} must be from 0 to 9. Received: others in {folder}")
    return Samples(name, np.concatenate(images), np.concatenate(labels), names)


def check_split(name, split, splits):
    """Raises `SplitError` unless `split` is one of `splits` of the data set `name`."""
    if split not in splits:
        choices = ", ".join(f'"{choice}"' for choice in splits)
        raise SplitError(f"The split of {name} must be one of {choices}. Received: {split!r}")


def _idx_path(folder, prefix, kind, axes):
    stem = f"{prefix}-{kind}-idx{axes}-ubyte"
    # Some copies of MNIST spell the name with a dot.
    for name in (stem, stem.replace(f"-idx{axes}", f".idx{axes}")):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise InputError(f"A folder of IDX files must hold {stem} or {stem}.gz. Received: {folder}")
