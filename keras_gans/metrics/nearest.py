"""Nearest real neighbours of generated images, and the picture that shows them."""

import numpy as np
from scipy.spatial.distance import cdist

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.metrics.features import blocks, check_features, distances, near_zero, pick
from keras_gans.pictures import image_grid


def nearest_neighbors(real, fake, k=3, norm=2):
    """Finds the k nearest real images of each generated one.

    By pixels (images, norm 1) it finds exact copies; by features (norm 2) it also finds copies that
    were moved, flipped or recoloured.

    Args:
        real: NumPy (N, ...), features or uint8 images; each row is taken as one vector.
        fake: NumPy (M, ...), rows of the same shape.
        k: Number of neighbours, from 1 to N. Default: 3.
        norm: 1, the sum of |x - y|, or 2, the root of the sum of (x - y)^2. Default: 2.

    Returns:
        indices: NumPy int (M, k), rows of `real`, the nearest first.
        distances: NumPy float64 (M, k).

    Raises:
        InputError: If the shapes do not fit, a value is not finite, or k or `norm` is out of range.
    """
    real, fake = check_features(*map(_flat, (real, fake)), rows=1)
    check_whole_numbers(k=k)
    if k > len(real):
        raise InputError(
            f"`k` must be at most the number of real images. Received: k={k}, {len(real)} images."
        )
    if norm not in (1, 2):
        raise InputError(f"`norm` must be 1 or 2. Received: {norm!r}.")
    near_real, near_fake = near_zero(real, fake) if norm == 2 else (real, fake)
    found = []
    for rows, block in blocks(near_fake):
        indices, _ = nearest_in_batches((part for _, part in blocks(near_real)), block, k, norm)
        # Again from the differences, which `distances` avoids: exact for the few that are near.
        few = np.asarray(fake[rows], "float64")
        lengths = [np.linalg.norm(few - pick(real, i), norm, axis=1) for i in indices.T]
        found.append(_sorted(indices, np.stack(lengths, axis=1)))
    indices, lengths = zip(*found, strict=True)
    return np.concatenate(indices), np.concatenate(lengths)


def nearest_in_batches(batches, fake, k, norm=2):
    """Finds the k nearest real images of each generated one among batches that come one by one.

    Args:
        batches: Iterable of arrays (n, ...), together of at least k rows.
        fake: NumPy (M, ...), rows of the same shape.
        k: Number of neighbours, at least 1.
        norm: See `nearest_neighbors`. Default: 2, as exact as `distances`.

    Returns:
        indices: NumPy int (M, k), counted over all batches, the nearest first.
        distances: NumPy (M, k).
    """
    fake, start = _flat(fake).astype("float64", copy=False), 0
    indices, lengths = np.empty((len(fake), 0), int), np.empty((len(fake), 0))
    for batch in batches:
        real = _flat(batch).astype("float64", copy=False)
        new = cdist(fake, real, "cityblock") if norm == 1 else distances(fake, real)
        places = np.broadcast_to(np.arange(start, start + len(real)), new.shape)
        indices = np.concatenate([indices, places], axis=1)
        lengths = np.concatenate([lengths, new], axis=1)
        best = np.argpartition(lengths, min(k, lengths.shape[1]) - 1, axis=1)[:, :k]
        indices, lengths = (np.take_along_axis(x, best, axis=1) for x in (indices, lengths))
        start += len(real)
    return _sorted(indices, lengths)


def neighbor_grid(real_images, fake_images, indices):
    """Puts each generated image, in the left column, beside its nearest real images.

    Args:
        real_images: uint8 array of shape (N, H, W, 1 or 3).
        fake_images: uint8 array of shape (M, H, W, 1 or 3), a row each.
        indices: int array of shape (M, k), as `nearest_neighbors` returns them.

    Returns:
        The picture, a uint8 array for `keras_gans.pictures.save_image`; see `image_grid`.

    Raises:
        InputError: If the arrays do not fit together or are not images.

    Example:
        >>> indices, _ = nearest_neighbors(real_images, fake_images, k=5, norm=1)
        >>> save_image("nearest.png", neighbor_grid(real_images, fake_images, indices))
    """
    real, fake, indices = (np.asarray(x) for x in (real_images, fake_images, indices))
    if real.shape[1:] != fake.shape[1:] or indices.ndim != 2 or len(indices) != len(fake):
        raise InputError(
            "Real and generated images must have the same shape, with a row of indices for each "
            f"generated one. Received: shapes {real.shape}, {fake.shape} and {indices.shape}."
        )
    if indices.size and not (indices.min() >= 0 and indices.max() < len(real)):
        raise InputError(
            f"`indices` must be from 0 to {len(real) - 1}. "
            f"Received: {indices.min()} to {indices.max()}."
        )
    rows = np.concatenate([fake[:, None], real[indices]], axis=1)
    return image_grid(rows.reshape(-1, *fake.shape[1:]), columns=rows.shape[1])


def _flat(rows):
    """Returns an array (N, ...) as (N, d); others as they are."""
    rows = np.asarray(rows)
    return rows.reshape(len(rows), -1) if rows.ndim > 1 and rows.size else rows


def _sorted(indices, lengths):
    """Returns indices and lengths (M, k) with the shortest first in each row."""
    order = lengths.argsort(axis=1, kind="stable")
    return [np.take_along_axis(x, order, axis=1) for x in (indices, lengths)]
