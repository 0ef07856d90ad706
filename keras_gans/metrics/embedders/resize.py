"""The three ways in which the tools for FID bring images to 299x299."""

import math

import numpy as np
from keras import ops

from keras_gans.errors import InputError


def resize(images, mode, size=299):
    """Returns images of another size as float32, unrounded, in 0..255.

    Each output row is a weighted sum of a few input rows, and each column of columns.

    Args:
        images: Tensor of shape (N, H, W, C) with values in 0..255, H and W known.
        mode: "torch_fidelity": bilinear as in TensorFlow 1, where pixel i of the output lies at
            i H / size in the input and shrinking skips pixels. "pytorch_fid": bilinear between
            the centres of pixels, where shrinking skips pixels as well. "clean": bicubic as in
            Pillow on floats, smoothed in shrinking, clipped to 0..255, which is clean-fid's way.
            The pixels are those of the tool to 5e-5 of the 0..255, and to 5e-4 for "pytorch_fid",
            since PyTorch rounds the positions of pixels once where this rounds twice.
        size: Height and width of the result. Default: 299.

    Returns:
        Tensor of shape (N, size, size, C).

    Raises:
        InputError: If there is no such mode.

    Reference: Parmar et al., "On Aliased Resizing and Surprising Subtleties in GAN Evaluation",
    2022, section 3.
    """
    check_mode(mode)
    images = ops.cast(images, "float32")
    for axis in (2, 1):
        if images.shape[axis] != size:
            images = _along(images, axis, *MODES[mode](images.shape[axis], size))
    return ops.clip(images, 0.0, 255.0) if mode == "clean" else images


def check_mode(mode):
    """Raises InputError unless `mode` is one that `resize` knows."""
    if mode not in MODES:
        raise InputError(f"`resize` must be one of {', '.join(MODES)}. Received: {mode!r}.")


def _along(images, axis, indices, weights):
    """Returns the weighted sums along an axis, for indices and weights (size, taps)."""
    shape = [-1 if i == axis else 1 for i in range(4)]
    # Sums of products, not a matrix product, which GPUs round to fewer digits.
    return sum(
        ops.take(images, i, axis=axis) * w.reshape(shape)
        for i, w in zip(indices.T, weights.astype("float32").T, strict=True)
    )


def _linear(positions, count):
    """Returns indices and weights of the two neighbours of each position."""
    low = np.floor(positions).astype(int)
    share = positions - low
    indices = np.stack([low, np.minimum(low + 1, count - 1)], axis=1)
    return indices, np.stack([1 - share, share], axis=1)


# The positions are in float32 because the tools' are.


def _torch_fidelity(count, size):
    return _linear(np.arange(size, dtype="float32") * np.float32(count / size), count)


def _pytorch_fid(count, size):
    centres = np.arange(size, dtype="float32") + np.float32(0.5)
    return _linear((centres * np.float32(count / size) - np.float32(0.5)).clip(0), count)


def _clean(count, size):
    scale = count / size
    stretch = max(scale, 1.0)
    centres = (np.arange(size) + 0.5)[:, None] * scale
    indices = np.floor(centres - 2 * stretch + 0.5) + np.arange(math.ceil(4 * stretch) + 1)
    # Keys' cubic with a = -1/2.
    x = np.abs(indices + 0.5 - centres) / stretch
    near, far = (1.5 * x - 2.5) * x**2 + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    inside = (indices >= 0) & (indices < count)
    weights = np.where(x < 1, near, np.where(x < 2, far, 0)) * inside
    indices = indices.clip(0, count - 1).astype(int)
    return indices, weights / weights.sum(axis=1, keepdims=True)


MODES = {"torch_fidelity": _torch_fidelity, "clean": _clean, "pytorch_fid": _pytorch_fid}
