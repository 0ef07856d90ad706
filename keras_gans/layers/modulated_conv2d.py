"""Modulated convolution: a style scales the kernel, and the result is brought back to scale."""

import math

import keras
import numpy as np
from keras import ops

from keras_gans.layers import small_maps
from keras_gans.layers.equalized import Equalized
from keras_gans.layers.resampling import BINOMIAL, upfirdn


@keras.saving.register_keras_serializable("keras_gans")
class ModulatedConv2D(keras.layers.Layer):
    """Convolves with a kernel of each image's own, which follows from its style.

    y = conv(x, W'') [+ c],  W''_ijk = W'_ijk / sqrt(sum over i, k of W'_ijk^2 + 1e-8)
    W'_ijk = s_i W_ijk,  s = A w + b

    for inputs i, outputs j and the places k of the kernel, and an equalised affine map of the style
    w, whose b starts at 1. What instance normalisation does to the features, the division does to
    the kernel: an output has variance 1 for inputs that are independent and have variance 1.
    Inputs are [features (N, height, width, C), styles (N, w_dim)], outputs (N, height, width,
    filters), or twice as high and wide.

    Args:
        filters: Feature maps of the output.
        kernel_size: Height and width of the kernel. Default: 3.
        up: 2 to double height and width before the convolution, with the filter of
            `FIRFilter2D`, else 1. Default: 1.
        demodulate: Whether to divide; else W is scaled by 1 / sqrt(fan_in). Default: True.
        use_bias: Whether to add c, a number for each map of the output. Default: False.
        grouped: Whether to make the kernels and convolve in as many groups as there are images,
            rather than to scale features before and after one convolution, which is the same up
            to rounding. Default: False, which is up to three times as fast on CPUs, see
            benchmarks/stylegan2_step.py.
        taps: See `FIRFilter2D`. Default: (1, 3, 3, 1).
        seed: Int seed of the initial kernel and affine map. Default: None.

    Reference: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020,
    equations 1 and 3. In float16 kernel and styles are brought to a largest value of 1 first, as in
    the code of StyleGAN2-ADA.
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        up=1,
        demodulate=True,
        use_bias=False,
        grouped=False,
        taps=BINOMIAL,
        seed=None,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)  # Styles stay in float32.
        self.filters, self.kernel_size, self.up = filters, kernel_size, up
        self.demodulate, self.use_bias, self.grouped = demodulate, use_bias, grouped
        self.taps, self.seed = tuple(taps), seed

    def build(self, input_shape):
        """Makes the kernel and the affine map."""
        (*_, channels), style = input_shape
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, channels, self.filters),
            initializer=keras.initializers.RandomNormal(stddev=1.0, seed=self.seed),
            autocast=False,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), "zeros", name="bias")
        dense = keras.layers.Dense(channels, bias_initializer="ones", dtype="float32")
        seed = None if self.seed is None else self.seed + 1
        self.affine = Equalized(dense, seed=seed, name="affine")
        self.affine.build(style)

    def call(self, inputs):
        """Convolves; all that has no height and width is computed in float32."""
        x, w = inputs
        x = ops.cast(x, self.compute_dtype)
        kernel, styles = ops.convert_to_tensor(self.kernel), self.affine(w)
        fan_in = math.prod(kernel.shape[:-1])
        if not self.demodulate:
            kernel /= math.sqrt(fan_in)
        elif self.compute_dtype == "float16":
            kernel /= ops.max(ops.abs(kernel), axis=(0, 1, 2), keepdims=True) * math.sqrt(fan_in)
            styles /= ops.max(ops.abs(styles), axis=1, keepdims=True)
        scales = ops.ones((1, 1, 1, 1))
        if self.demodulate:
            squares = ops.matmul(ops.square(styles), ops.sum(ops.square(kernel), axis=(0, 1)))
            scales = ops.rsqrt(squares + 1e-8)[:, None, None, :]
        if self.grouped:
            x = self._convolve_grouped(x, kernel, styles, scales)
        else:
            x = self._convolve(x * ops.cast(styles[:, None, None, :], x.dtype), kernel)
            x = x * ops.cast(scales, x.dtype) if self.demodulate else x
        return x + ops.cast(self.bias, x.dtype) if self.use_bias else x

    def _convolve(self, x, kernel):
        kernel = ops.cast(kernel, x.dtype)
        if self.up == 1:
            return small_maps.conv(x, kernel, padding="same")
        # The convolution of what was widened by zeros is a transposed one, with the kernel the
        # other way round; then it is filtered, for the order does not matter.
        kernel = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
        x = small_maps.conv_transpose(x, kernel, strides=2, padding="valid")
        taps, missing = self._doubling_taps(), len(self.taps) + 1 - self.kernel_size
        # Even of kernels of one place Keras' result is twice as high and wide, with a last zero.
        behind = missing // 2 - (self.kernel_size == 1)
        return upfirdn(x, taps, pad=((missing + 1) // 2, behind))

    def _convolve_grouped(self, x, kernel, styles, scales):
        """Returns what a convolution with one group of channels for each image gives."""
        kernels = kernel * styles[:, None, None, :, None]  # (N, k, k, C, filters)
        kernels = ops.cast(kernels * ops.expand_dims(scales, 1), x.dtype)
        if self.up == 2:
            reach = len(self.taps) + self.kernel_size
            x = upfirdn(x, self._doubling_taps(), up=2, pad=(reach // 2, (reach - 3) // 2))
        count, height, width, channels = ops.shape(x)
        kernels = ops.transpose(kernels, (1, 2, 3, 0, 4))
        kernels = ops.reshape(kernels, (*kernel.shape[:3], count * self.filters))
        x = ops.reshape(ops.transpose(x, (1, 2, 0, 3)), (1, height, width, count * channels))
        x = small_maps.conv(x, kernels, padding="same" if self.up == 1 else "valid")
        x = ops.reshape(x, (*ops.shape(x)[1:3], count, self.filters))
        return ops.transpose(x, (2, 0, 1, 3))

    def _doubling_taps(self):
        return 2 * np.array(self.taps) / sum(self.taps)

    def compute_output_shape(self, input_shape):
        """Returns the output's shape."""
        (count, height, width, _), _ = input_shape
        return (count, self.up * height, self.up * width, self.filters)

    def get_config(self):
        """Returns the constructor's arguments."""
        names = ["filters", "kernel_size", "up", "demodulate", "use_bias", "grouped", "taps"]
        names += ["seed"]
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
