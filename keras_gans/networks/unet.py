"""The U-Net of Pix2Pix: from images to images of the same size, with skips."""

import warnings

import keras
from keras import layers

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.conv2d_transpose import Conv2DTranspose
from keras_gans.layers.instance_normalization import InstanceNormalization
from keras_gans.layers.noise_dropout import NoiseDropout
from keras_gans.networks.layer_seeds import layer_seeds

MOST = 8
"""A layer has at most so many times the feature maps of the first."""

ENOUGH = 4
"""Halvings from which on a generator sees more than what is near."""


def generator(
    channels=3, outputs=None, filters=64, depth=8, dropout=0.5, noisy=None, seed=None, stream=0
):
    """Returns the generator: `depth` halvings of the size, as many doublings, and skips.

    In the paper's notation C64-C128-C256-C512-C512-C512-C512-C512 down and
    CD512-CD512-CD512-C512-C256-C128-C64 up, of 4x4 convolutions of stride 2. Each layer but the
    last sees beside what came up what had the same size on the way down.

    Args:
        channels: Of the inputs. Default: 3.
        outputs: Channels of the outputs. Default: None, as many.
        filters: Feature maps of the first layer, which double to 8 times as many. Default: 64.
        depth: Halvings. Default: 8 (the paper, for 256 pixels).
        dropout: Share of the features that are dropped in `noisy` layers on the way up, see
            `layers.NoiseDropout`. Default: 0.5.
        noisy: Number of those layers, which follow the first one up. Default: None, all whose
            feature maps are as many as can be, and at least one from 3 halvings on: 3 for 256
            pixels, none of fewer than 3 halvings.
        seed: Int seed of the initial weights and of what is dropped. Default: None.
        stream: Int that tells the networks of one model apart. Default: 0.

    Returns:
        A Keras model from images (N, height, width, channels) to images (N, height, width,
        outputs) in [-1, 1], of any height and width that are multiples of 2^depth.

    Raises:
        InputError: If an argument is out of range.

    Reference: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017, appendix 6.1.1; the authors' code for where normalisation and dropout are. Ours: instance
    normalisation, which is what batch normalisation is for their batches of one image, in training
    as in tests, without scales and shifts.
    """
    check_whole_numbers(channels=channels, filters=filters, depth=depth)
    check_numbers(0, 0.99, dropout=dropout)
    noisy = max(int(depth > 2), depth - 5) if noisy is None else noisy
    check_whole_numbers(0, noisy=noisy)
    seed = layer_seeds(seed, stream)
    maps = [filters * min(2**level, MOST) for level in range(depth)]

    def options(bias=False):
        initial = keras.initializers.RandomNormal(stddev=0.02, seed=next(seed))
        return dict(strides=2, padding="same", use_bias=bias, kernel_initializer=initial)

    x = images = keras.Input((None, None, channels), name="images")
    skips = []
    for level, width in enumerate(maps):
        outermost, innermost = level == 0, level == depth - 1
        x = x if outermost else layers.LeakyReLU(0.2)(x)
        x = Conv2D(width, 4, **options())(x)
        x = x if outermost or innermost else InstanceNormalization()(x)
        skips.append(x)
    x = skips.pop()
    for level, width in enumerate(reversed(maps[:-1])):
        x = Conv2DTranspose(width, 4, **options())(layers.ReLU()(x))
        x = InstanceNormalization()(x)
        if 1 <= level <= noisy and dropout:
            x = NoiseDropout(dropout, number=level, seed=next(seed))(x)
        x = layers.Concatenate()([x, skips.pop()])
    x = Conv2DTranspose(outputs or channels, 4, **options(bias=True))(layers.ReLU()(x))
    return keras.Model(images, layers.Activation("tanh", dtype="float32")(x), name="generator")


def halvings(image_shape):
    """Returns how often the height and the width of images can be halved to whole pixels."""
    return min(side & -side for side in image_shape[:2]).bit_length() - 1


def fitting_depth(image_shape, most=None):
    """Returns the depth of the generator of images: the most halvings that leave whole pixels.

    Warns if they are fewer than 4 and than images of that size could have.

    Args:
        image_shape: (height, width, channels).
        most: The largest depth. Default: None, any.

    Raises:
        InputError: If height or width is odd.
    """
    height, width = image_shape[:2]
    depth = halvings(image_shape)
    if depth == 0:
        raise InputError(
            "The default generator halves images, so their height and width are even. "
            f"Received: {width}x{height} pixels."
        )
    if depth < min(ENOUGH, min(height, width).bit_length() - 1):
        step = 2**ENOUGH
        near = [max(step, round(side / step) * step) for side in (width, height)]
        warnings.warn(
            f"Images of {width}x{height} pixels can be halved {depth} times only, so the default "
            "generator is shallow and sees little of an image at a time: those whose height and "
            f"width are multiples of {step}, such as {near[0]}x{near[1]}, are halved {ENOUGH} "
            "times or more.",
            stacklevel=3,
        )
    return depth if most is None else min(depth, most)
