"""Doubling, halving and smoothing images or features with a low-pass filter."""

import keras
import numpy as np
from keras import ops

BINOMIAL = (1, 3, 3, 1)
"""The filter of StyleGAN2."""

SHORT = 4
"""Filters of so many taps are quicker along both axes at once, longer ones one after the other."""


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
        up: Places for each value. Default: 1.
        down: Places from one value of the result to the next; 1 unless `up` is. Default: 1.
        pad: Zeros (before, behind). Default: none.

    Returns:
        Tensor (N, height', width', C), for height' = ceil((up height + sum of `pad` - K + 1) /
        down), and width' alike.
    """
    taps = np.asarray(taps, "float64")[::-1]  # Backends correlate.
    x, dtype = _widen(x, up, pad), x.dtype
    if down > 1 and dtype == "bfloat16":
        x = ops.cast(x, "float32")  # Processors have no quick gradient of such strides in bfloat16.
    kernels = [taps[:, None], taps[None, :]]
    if down > 1 or len(taps) <= SHORT:
        kernels = [np.outer(taps, taps)]
    for kernel in kernels:
        kernel = np.repeat(kernel[:, :, None, None], x.shape[-1], axis=2)
        # Each map for itself: far quicker than sums of shifted features.
        x = ops.depthwise_conv(x, ops.convert_to_tensor(kernel, x.dtype), down, "valid")
    return ops.cast(x, dtype)


def _widen(x, up, pad):
    """Returns images with zeros between their values and around them, or cut off."""
    count, height, width, channels = ops.shape(x)
    if up > 1:
        # With four axes at a time, which is what LiteRT can pad.
        behind = [(0, 0), (0, 0), (0, up - 1), (0, 0)]
        x = ops.pad(ops.reshape(x, (count, height, 1, width * channels)), behind)
        x = ops.pad(ops.reshape(x, (count * up * height, width, 1, channels)), behind)
        x = ops.reshape(x, (count, up * height, up * width, channels))
    around = tuple(max(0, side) for side in pad)
    if any(around):
        x = ops.pad(x, [(0, 0), around, around, (0, 0)])
    first, last = (max(0, -side) for side in pad)
    return x[:, first : x.shape[1] - last, first : x.shape[2] - last] if first or last else x


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
        if pad is None:
            missing = len(self.taps) - max(up, down)
            pad = ((missing + up) // 2, missing // 2)
        self.pad = tuple(pad)

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
