"""Features, the rows that embedders make of images: checks, blocks and distances."""

import mmap

import numpy as np

from keras_gans.errors import InputError

BLOCK = 1024
"""Rows that are worked on at once, which bounds the memory whatever the number of images."""

FEW = 64
"""Rows that are picked here and there before the memory that came with them is given back."""

ROUNDING = 1e-13
"""Squared distances below this share of the rows' squared lengths are the rounding of float64."""

FAR = 1e3
"""Rows are far from 0 if their mean is longer than this many times their spread around it."""


def check_features(*sets, rows=2, reason=None):
    """Returns sets of features as NumPy arrays, without a copy where they already are.

    Args:
        *sets: Arrays (N, d) of numbers, N may differ. A `np.memmap` is read block by block.
        rows: Rows that each set must have at least. Default: 2.
        reason: Where `rows` comes from, for the message. Default: None, left out.

    Raises:
        InputError: If a set is not a matrix of numbers, the sets differ in d, a set has too few
            rows, or a value is NaN or infinite.
    """
    try:
        sets = [np.asarray(features) for features in sets]
    except ValueError as error:
        reason = str(error).rstrip(".")
        raise InputError(f"Features must be arrays of numbers. Received: {reason}.") from error
    shapes = [features.shape for features in sets]
    numbers = all(features.dtype.kind in "biuf" for features in sets)
    matrices = all(len(shape) == 2 and shape[1] > 0 for shape in shapes)
    if not numbers or not matrices or len({shape[1] for shape in shapes}) > 1:
        raise InputError(
            "Features must be arrays (N, d) of numbers with the same d. "
            f"Received: {_list(shapes)} of {_list(features.dtype for features in sets)}."
        )
    if min(shape[0] for shape in shapes) < rows:
        because = f" ({reason})" if reason else ""
        raise InputError(
            f"Features must have at least {rows} rows{because}. Received: {_list(shapes)}."
        )
    for features in sets:
        if not all(np.isfinite(block).all() for _, block in blocks(features)):
            raise InputError("Features must be finite. Received: NaN or infinite values.")
    return sets


def near_zero(real, fake):
    """Returns two sets of features, moved together to the real ones' mean if that is far from 0.

    `distances` treats what is short compared with the rows' lengths as rounding; far from 0 that
    would be every distance. Only then are the sets copied, as float64; all others are returned as
    they are.

    Args:
        real: NumPy (N, d).
        fake: NumPy (M, d).
    """
    mean = _mean(real)
    spread = sum(((block - mean) ** 2).sum() for _, block in blocks(real)) / len(real)
    if mean @ mean <= FAR**2 * spread:
        return real, fake
    return np.asarray(real, "float64") - mean, np.asarray(fake, "float64") - mean


def blocks(features, start=0):
    """Yields slices of rows, from row `start` on, and the float64 rows (at most BLOCK, d)."""
    for first in range(start, len(features), BLOCK):
        rows = slice(first, min(first + BLOCK, len(features)))
        yield rows, np.asarray(features[rows], "float64")
        release(features)


def pick(features, chosen):
    """Returns the rows (n, d) at an array of indices (n,), in float64."""
    picked = np.empty((len(chosen), features.shape[1]))
    # A row that is read from a file brings its neighbours into memory: few at a time.
    for first in range(0, len(chosen), FEW):
        part = slice(first, first + FEW)
        picked[part] = features[chosen[part]]
        release(features)
    return picked


def release(array):
    """Gives back the memory of what was read from a read-only `np.memmap`, or from a view of one.

    Pages of a file that were read count as the process's memory until the system wants them back:
    without this, a process that reads a large file seems to hold all of it.
    """
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap) and array.mode == "r":
            array._mmap.madvise(mmap.MADV_DONTNEED)
            return
        array = array.base


def moments(features):
    """Returns the mean (d,) and the covariance (d, d) over N - 1 of features (N, d), in float64."""
    mean = _mean(features)
    scatter = np.zeros((len(mean), len(mean)))
    for _, block in blocks(features):
        block = block - mean
        scatter += block.T @ block
    return mean, scatter / (len(features) - 1)


def distances(x, y):
    """Returns the Euclidean distances (N, M) in float32 of float64 rows x (N, d) and y (M, d).

    Worked out in float64 and rounded, so that a pair has one distance, whichever comes first and
    whatever else is in its block. Rows of one length that are closer than 4.5e-7 of it are at
    distance 0.
    """
    lengths = (x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1)
    squares = lengths - 2 * (x @ y.T)
    squares[squares < ROUNDING * lengths] = 0
    return np.sqrt(squares.astype("float32"))


def _mean(features):
    return sum(block.sum(axis=0) for _, block in blocks(features)) / len(features)


def _list(values):
    return " and ".join(str(value) for value in values)
