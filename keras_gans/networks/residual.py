"""The residual generator of CycleGAN: from images to images of the same size."""

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.conv2d_transpose import Conv2DTranspose
from keras_gans.layers.instance_normalization import InstanceNormalization
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D
from keras_gans.networks.layer_seeds import layer_seeds

SIZE_STEP = 4
"""Height and width are multiples of it."""

LEAST_SIDE = 8
"""The least height and width: a quarter of it must be wide enough to be reflected."""


def generator(channels=3, filters=64, blocks=9, upsampling="transpose", seed=None, stream=0):
    """Returns the generator: two halvings of the size, residual blocks, two doublings.

    In the paper's notation c7s1-64, d128, d256, R256 for each block, u128, u64, c7s1-3. All
    convolutions but the last are followed by instance normalisation and a ReLU, save that no ReLU
    follows the sum of a residual block. What lies beyond an image's border is its reflection.

    Args:
        channels: Of the images, 1 or 3. Default: 3.
        filters: Feature maps at the full size; twice and four times as many at a half and a
            quarter. Default: 64 (the paper).
        blocks: Residual blocks. Default: 9 (the paper from 256 pixels on; 6 below).
        upsampling: "transpose" for 3x3 transposed convolutions of stride 2 (the paper), or "resize"
            for nearest-neighbour resizing and a 3x3 convolution in one (no checkerboard; Odena et
            al., 2016). Default: "transpose".
        seed: Int seed of the initial weights. Default: None.
        stream: Int that tells the networks of one model apart. Default: 0.

    Returns:
        A Keras model from images (N, height, width, channels) to such images in [-1, 1], of any
        height and width that are multiples of 4, and at least 8.

    Raises:
        InputError: If an argument is out of range.

    Reference: Zhu et al., "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
    Networks", 2017, appendix 7.2; the authors' code for reflections and initial weights N(0, 0.02).
    Ours: no biases where instance normalisation takes them away again.
    """
    check_whole_numbers(channels=channels, filters=filters)
    check_whole_numbers(0, blocks=blocks)
    if upsampling not in ("transpose", "resize"):
        raise InputError(f'`upsampling` is "transpose" or "resize". Received: {upsampling!r}.')
    seed = layer_seeds(seed, stream)

    def options(**more):
        initial = keras.initializers.RandomNormal(stddev=0.02, seed=next(seed))
        return dict(kernel_initializer=initial, use_bias=False) | more

    def activate(x):
        return layers.ReLU()(InstanceNormalization()(x))

    def block(x):
        y = Conv2D(4 * filters, 3, **options())(reflect(x, 1))
        y = Conv2D(4 * filters, 3, **options())(reflect(activate(y), 1))
        return x + InstanceNormalization()(y)

    def double(x, depth):
        if upsampling == "resize":
            return UpsamplingConv2D(depth, **options())(x)
        return Conv2DTranspose(depth, 3, strides=2, padding="same", **options())(x)

    x = images = keras.Input((None, None, channels), name="images")
    x = activate(Conv2D(filters, 7, **options())(reflect(x, 3)))
    for depth in (2 * filters, 4 * filters):
        x = Conv2D(depth, 3, strides=2, padding="same", **options())(x)
        x = activate(x)
    for _ in range(blocks):
        x = block(x)
    for depth in (2 * filters, filters):
        x = activate(double(x, depth))
    x = Conv2D(channels, 7, **options(use_bias=True))(reflect(x, 3))
    return keras.Model(images, layers.Activation("tanh", dtype="float32")(x), name="generator")


def reflect(x, border):
    """Returns features (N, height, width, C) with a border of their reflection on each side."""
    return ops.pad(x, ((0, 0), (border, border), (border, border), (0, 0)), mode="reflect")
