"""Discriminators that judge patches of an image, each on its own."""

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.instance_normalization import InstanceNormalization
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.networks.layer_seeds import layer_seeds

NORMALIZATIONS = {
    "instance": InstanceNormalization,
    "spectral": InstanceNormalization,
    "batch": lambda: layers.BatchNormalization(momentum=0.9, epsilon=1e-5),
    None: lambda: lambda x: x,
}
MOST = 8
"""The last layers have at most so many times the feature maps of the first."""


def discriminator(channels=3, filters=64, depth=3, normalization="instance", seed=None, stream=1):
    """Returns a PatchGAN: `depth` strided 4x4 convolutions, then two of stride 1.

    A logit sees a square of 70 pixels with the default depth, see `receptive_field`. In the paper's
    notation C64-C128-C256-C512; normalisation follows all layers but the first and the last, leaky
    ReLU 0.2 all but the last.

    Args:
        channels: Of what is judged: 3 of images, 6 of pairs. Default: 3.
        filters: Feature maps of the first layer, which double to 8 times as many. Default: 64.
        depth: Halvings of the size; with 0 each pixel is judged for itself, by 1x1 convolutions
            (PixelGAN). Default: 3.
        normalization: "instance" (CycleGAN), "spectral" for that and spectral normalisation of the
            same layers' kernels (GauGAN), "batch" (Pix2Pix) or None. Default: "instance".
        seed: Int seed of the initial weights. Default: None.
        stream: Int that tells the networks of one model apart. Default: 1.

    Returns:
        A Keras model from images (N, height, width, channels) to logits (N, h, w, 1), one for each
        patch.

    Raises:
        InputError: If an argument is out of range.

    Reference: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017, appendix 6.1.2. Matched to the authors' code, N(0, 0.02) for initial weights included.
    Ours: no biases where normalisation takes them away again.
    """
    check_whole_numbers(channels=channels)
    images = keras.Input((None, None, channels), name="images")
    *_, logits = _layers(images, filters, depth, normalization, layer_seeds(seed, stream))
    return keras.Model(images, logits, name="patch_gan")


def multi_scale(channels=6, filters=64, depth=3, scales=1, normalization="instance", seed=None):
    """Returns PatchGANs that judge an image at several sizes, each half of the one before.

    Args:
        channels: See `discriminator`. Default: 6.
        filters: See `discriminator`. Default: 64.
        depth: See `discriminator`. Default: 3.
        scales: Number of sizes. Default: 1.
        normalization: See `discriminator`. Default: "instance".
        seed: See `discriminator`. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels) to a list for each size, of the
        features of all layers but the last, and logits; of one size to that list itself.

    Raises:
        InputError: If an argument is out of range.

    Reference: Wang et al., "High-Resolution Image Synthesis and Semantic Manipulation with
    Conditional GANs" (Pix2PixHD), 2018, section 3.2.
    """
    check_whole_numbers(channels=channels, scales=scales)
    seed = layer_seeds(seed, stream=1)
    x = images = keras.Input((None, None, channels), name="images")
    judged = []
    for scale in range(scales):
        x = layers.AveragePooling2D(3, strides=2, padding="same")(x) if scale else x
        judged.append(_layers(x, filters, depth, normalization, seed))
    return keras.Model(images, judged, name="patch_gans")


def _layers(x, filters, depth, normalization, seed):
    """Returns the outputs of a PatchGAN's layers, of which the last are logits."""
    check_whole_numbers(filters=filters)
    check_whole_numbers(0, depth=depth)
    if normalization not in NORMALIZATIONS:
        raise InputError(
            '`normalization` is "instance", "spectral", "batch" or None. '
            f"Received: {normalization!r}."
        )
    maps = (
        [filters * min(2**k, MOST) for k in range(depth + 1)] if depth else [filters, 2 * filters]
    )
    outputs = []
    for layer, (kernel, stride) in enumerate(kernels(depth)):
        last = layer == len(maps)
        initial = keras.initializers.RandomNormal(stddev=0.02, seed=next(seed))
        normalize = normalization and 0 < layer < len(maps)
        options = dict(kernel_initializer=initial, use_bias=not normalize)
        border = int(kernel > 1)
        x = ops.pad(x, ((0, 0), (border, border), (border, border), (0, 0))) if border else x
        conv = Conv2D(1 if last else maps[layer], kernel, strides=stride, **options)
        conv = SpectralNormalization(conv) if normalize and normalization == "spectral" else conv
        x = conv(x)
        x = NORMALIZATIONS[normalization]()(x) if normalize else x
        x = layers.Activation("linear", dtype="float32")(x) if last else layers.LeakyReLU(0.2)(x)
        outputs.append(x)
    return outputs


def kernels(depth):
    """Returns the kernel's side and the stride of each convolution of a PatchGAN."""
    return [(4, 2)] * depth + [(4, 1)] * 2 if depth else [(1, 1)] * 3


def receptive_field(depth):
    """Returns the side in pixels of the square that one logit of a PatchGAN sees: 70 for 3."""
    side = 1
    for kernel, stride in reversed(kernels(depth)):
        side = (side - 1) * stride + kernel
    return side


def least_side(depth, scales=1):
    """Returns the side of the smallest image that leaves each of `multi_scale` a logit."""
    side = 1
    for kernel, stride in reversed(kernels(depth)):
        side = (side - 1) * stride + kernel - 2 * int(kernel > 1)
    for _ in range(scales - 1):
        side = 2 * side - 1
    return side


def fitting_depth(image_shape, depth, most, scales=1):
    """Returns the depth of the discriminator of images.

    Args:
        image_shape: (height, width, channels).
        depth: The depth, or None for the largest that the images allow.
        most: The largest for None.
        scales: See `multi_scale`. Default: 1.

    Raises:
        InputError: If the images are too small for it.
    """
    check_whole_numbers(0, depth=0 if depth is None else depth)
    check_whole_numbers(scales=scales)
    side = min(image_shape[:2])
    fitting = [k for k in range(most + 1) if least_side(k, scales) <= side]
    if depth is None and fitting:
        return fitting[-1]
    least = least_side(depth or 0, scales)
    if side < least:
        raise InputError(
            f"A discriminator of patches with {depth or 0} halvings at {scales} scales needs "
            f"images of at least {least} pixels. Received: {tuple(image_shape)}; fewer halvings or "
            "scales fit."
        )
    return depth
