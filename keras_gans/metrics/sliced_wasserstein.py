"""Sliced Wasserstein distance between patches of two sets of images, at each scale."""

import numpy as np
from scipy.ndimage import convolve1d

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError

PATCH = 7
"""Side of a patch in pixels."""

PATCHES = 128
"""Patches from each image at each scale."""

COARSEST = 16
"""Images are halved as long as both sides keep this many pixels."""

BLOCK = 64
"""Images that are filtered at once."""

DIRECTIONS = 16
"""Directions onto which patches are projected at once."""


def sliced_wasserstein_distance(real_images, fake_images, num_projections=512, seed=0):
    """Compares the patches of two sets of images at each scale of a Laplacian pyramid.

    Each image becomes a pyramid of band-pass images, with what is left at its coarsest level. From
    each level come 128 patches of 7x7 pixels at random places, the same places in both sets. Each
    set's patches are brought to mean 0 and standard deviation 1 per channel, so that a change of
    brightness or contrast alone is not seen. Both are then projected on random unit vectors; the
    distance is the mean absolute difference of the sorted projections. Fine levels tell of texture
    and noise, coarse ones of layout.

    Images of any size work: an odd side is rounded up when halved, and images under 31 pixels have
    one level, themselves. The paper takes 16,384 images; fewer give larger values, so compare only
    equal counts. Memory: one level's patches at a time, 25 kB per image and channel, and copies of
    the images at half size in float32, as large as the images.

    Args:
        real_images: uint8 array of shape (N, H, W, 1 or 3), H and W at least 7.
        fake_images: uint8 array of the same shape.
        num_projections: Number of random directions, at least 1. Default: the paper's 512.
        seed: Integer that draws places and directions. Default: 0.

    Returns:
        mean: The mean over the levels, a float of at least 0.
        levels: Dict from the level's shorter side in pixels to its distance, the finest first.
        Both are times 1,000, as in the paper's tables.

    Raises:
        InputError: If the arrays are not images, their shapes differ, they are smaller than a
            patch, or `num_projections` is out of its range.

    Reference: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", 2018, section 5.
    """
    sets = [check_images(np.asarray(images)) for images in (real_images, fake_images)]
    check_whole_numbers(num_projections=num_projections)
    check_whole_numbers(least=0, seed=seed)
    shape = sets[0].shape
    if shape != sets[1].shape or min(shape[1:3]) < PATCH:
        raise InputError(
            f"Both sets must have the same shape, with sides of at least {PATCH} pixels. "
            f"Received: shapes {shape} and {sets[1].shape}."
        )
    levels = {}
    while sets[0] is not None:
        side = min(sets[0].shape[1:3])
        is_last = (side + 1) // 2 < COARSEST
        (real, real_half), (fake, fake_half) = (_level(s, is_last, [seed, side]) for s in sets)
        levels[side] = 1000 * _distance(real, fake, num_projections, [seed, side, 1])
        sets = [real_half, fake_half]
        del real, fake  # the largest arrays, before the next level's are made
    return float(np.mean(list(levels.values()))), levels


def _level(images, is_last, seed):
    """Returns a level's patches (128 N, 49 C) and the images at half size, None at the last."""
    random = np.random.default_rng(seed)
    count, height, width, channels = images.shape
    patches = np.empty((count, PATCHES, channels, PATCH, PATCH), "float32")
    halves = []
    for start in range(0, count, BLOCK):
        level = images[start : start + BLOCK].astype("float32")
        if not is_last:
            halves.append(_halve(level))
            level -= _double(halves[-1], level.shape)
        size = (len(level), PATCHES)
        top, left = (random.integers(side - PATCH + 1, size=size) for side in (height, width))
        windows = np.lib.stride_tricks.sliding_window_view(level, (PATCH, PATCH), axis=(1, 2))
        patches[start : start + BLOCK] = windows[np.arange(len(level))[:, None], top, left]
    patches -= patches.mean(axis=(0, 1, 3, 4), dtype="float64", keepdims=True).astype("float32")
    squares = np.einsum("npcij,npcij->c", patches, patches, dtype="float64")
    std = np.sqrt(squares * channels / patches.size)
    patches /= np.where(std > 0, std, 1).astype("float32")[:, None, None]
    return patches.reshape(count * PATCHES, -1), None if is_last else np.concatenate(halves)


def _distance(real, fake, num_projections, seed):
    """Returns the mean distance of sorted projections of two arrays (N, d) on unit vectors."""
    directions = np.random.default_rng(seed).standard_normal((num_projections, real.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    total = 0.0
    for start in range(0, num_projections, DIRECTIONS):
        some = directions[start : start + DIRECTIONS].astype("float32")
        first, second = (np.sort(some @ points.T, axis=1) for points in (real, fake))
        total += np.abs(first - second).mean(axis=1, dtype="float64").sum()
    return float(total / num_projections)


def _blur(images, axis):
    return convolve1d(images, np.array([1, 4, 6, 4, 1]) / 16, axis=axis, mode="mirror")


def _halve(images):
    """Blurs images (N, H, W, C) and keeps every second pixel, the first one included."""
    return _blur(_blur(images, 1)[:, ::2], 2)[:, :, ::2]


def _double(images, shape):
    """Spreads the pixels of halved images over `shape`, with zeros between, and blurs them."""
    spread = np.zeros(shape, images.dtype)
    spread[:, ::2, ::2] = 4 * images  # one pixel in four is not zero
    return _blur(_blur(spread, 1), 2)
