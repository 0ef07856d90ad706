"""Nearest-neighbour resizing and a convolution in one."""

import keras
from keras import ops

from keras_gans.layers import small_maps
from keras_gans.layers.conv2d import Conv2D


@keras.saving.register_keras_serializable("keras_gans")
class UpsamplingConv2D(Conv2D):
    """Doubles height and width by nearest-neighbour resizing, then convolves with a 3x3 kernel.

    Three kernels of a row meet but two different pixels, so both are one transposed convolution of
    stride 2, with less than half of the multiply-adds, whose 4x4 kernel is

    K[i, j] = sum over a, b in {0, 1} of k[i - a, j - b]

    Inputs are features (N, height, width, C), the output is (N, 2 height, 2 width, filters): the
    same as that of the two layers, up to rounding.

    Args:
        filters: Feature maps of the output.
        **kwargs: Other arguments of `keras.layers.Conv2D`, but for what is fixed here: the size of
            the kernel, strides, padding, dilation, groups and format.

    Reference: Odena et al., "Deconvolution and Checkerboard Artifacts", 2016, for resizing before a
    convolution; Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2019, whose code joins the two in this way.
    """

    def __init__(self, filters, **kwargs):
        fixed = {"kernel_size": 3, "strides": 1, "padding": "same", "dilation_rate": 1}
        fixed |= {"groups": 1, "data_format": "channels_last"}
        super().__init__(filters, **kwargs | fixed)

    def convolution_op(self, inputs, kernel):
        """Returns the convolved features, without bias and activation."""
        # A transposed convolution takes its kernel the other way round, output maps first.
        kernel = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
        taps = [(a, b) for a in (0, 1) for b in (0, 1)]
        padded = (ops.pad(kernel, ((a, 1 - a), (b, 1 - b), (0, 0), (0, 0))) for a, b in taps)
        return small_maps.conv_transpose(inputs, sum(padded), strides=2, padding="same")

    def compute_output_shape(self, input_shape):
        """Returns the shape with twice the height and width."""
        count, *sides, _ = input_shape
        return (count, *(side and 2 * side for side in sides), self.filters)
