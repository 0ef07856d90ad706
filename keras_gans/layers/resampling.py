"""Doubling, halving and smoothing images or features with a low-pass filter."""

import keras
import numpy as np
from keras import ops

BINOMIAL = (1, 3, 3, 1)
"""The filter of StyleGAN2."""


def upfirdn(x, taps, up=1, down=1, pad=(0, 0)):
    """Inserts zeros, pads, filters and takes every `down`-th value, along height and width.

    Along each axis: x[i] goes to the place up i, with zeros in between; `pad` zeros are put before
    and behind (or values are cut off, where it is negative);

        y[i] = sum over k of taps[k] z[down i + K - 1 - k]

    of what results, z, where K taps fit. On one axis with a pad of K - 1 on both sides this is
    `scipy.signal.upfirdn`.

    Args:
        x: Float (N, height, width, C).
        taps: The filter, a sequence of K numbers.
        up: Places for each value, at most K. Default: 1.
        down: Places from one value of the result to the next; 1 unless `up` is. Default: 1.
        pad: Zeros (before, behind). Default: none.

    Returns:
        Tensor (N, height', width', C), for height' = ceil((up height + sum of `pad` - K + 1) /
        down), and width' alike.
    """
    for axis in (1, 2):
        x = _along(x, axis, np.asarray(taps, "float64"), up, down, pad)
    return x


def _along(x, axis, taps, up, down, pad):
    count = len(taps)
    length = up * x.shape[axis] + sum(pad) - count + 1
    if up == 1:
        return _correlate(x, axis, taps[::-1], -pad[0], -(-length // down), down)
    # Output up i + r sees of the zeros and values only those that are values: each r is a filter
    # of its own, with a part of the taps.
    phases = []
    for r in range(up):
        first = (pad[0] - r) % up
        start = (r + first - pad[0]) // up
        phases.append(_correlate(x, axis, taps[::-1][first::up], start, -(-length // up), 1))
    together = ops.stack(phases, axis=axis + 1)
    shape = list(ops.shape(x))
    shape[axis] = up * phases[0].shape[axis]
    return _part(ops.reshape(together, shape), axis, 0, length, 1)


def _correlate(x, axis, taps, start, size, step):
    """Returns `size` values: number i is the sum over t of taps[t] x[start + step i + t]."""
    end = start + step * (size - 1) + len(taps)
    before, behind = max(0, -start), max(0, end - x.shape[axis])
    if before or behind:
        padding = [(0, 0)] * 4
        padding[axis] = (before, behind)
        x = ops.pad(x, padding)
    start += before
    parts = (
        ops.cast(tap, x.dtype) * _part(x, axis, start + t, step * (size - 1) + 1, step)
        for t, tap in enumerate(taps)
    )
    return sum(parts)


def _part(x, axis, start, length, step):
    cut = [slice(None)] * 4
    cut[axis] = slice(start, start + length, step)
    return x[tuple(cut)]


@keras.saving.register_keras_serializable("keras_gans")
class FIRFilter2D(keras.layers.Layer):
    """Filters images or features, and doubles or halves their height and width.

    See `upfirdn`. Inputs are (N, height, width, C), beyond whose border are zeros. Outputs are
    (N, up height / down, up width / down, C), unless `pad` says otherwise. With the default filter
    a doubling is linear interpolation.

    Args:
        up: 2 to double, else 1. Default: 1.
        down: 2 to halve, else 1. Default: 1.
        pad: Zeros (before, behind). Default: None, as many as keep the picture in its place.
        taps: The filter along both axes, a sequence of numbers, which are scaled so that an even
            area keeps its value. Default: (1, 3, 3, 1).

    Reference: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020; after
    Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019.
    """

    def __init__(self, up=1, down=1, pad=None, taps=BINOMIAL, **kwargs):
        super().__init__(**kwargs)
        self.up, self.down, self.taps = up, down, tuple(taps)
        missing = len(self.taps) - (up if up > 1 else down)
        self.pad = tuple(pad) if pad is not None else ((missing + up) // 2, missing // 2)
        if up == 1 and pad is None:
            self.pad = ((missing + 1) // 2, missing // 2)

    def call(self, inputs):
        """Filters."""
        taps = self.up * np.array(self.taps) / sum(self.taps)
        return upfirdn(inputs, taps, self.up, self.down, self.pad)

    def compute_output_shape(self, input_shape):
        """Returns the shape with the new height and width."""
        count, *sides, channels = input_shape
        more = sum(self.pad) - len(self.taps) + 1
        return (count, *(-(-(self.up * side + more) // self.down) for side in sides), channels)

    def get_config(self):
        """Returns the constructor's arguments."""
        own = {"up": self.up, "down": self.down, "pad": self.pad, "taps": self.taps}
        return {**super().get_config(), **own}
