"""The networks of GauGAN: from label maps to images, and from images to styles."""

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.instance_normalization import InstanceNormalization
from keras_gans.layers.label_map import LabelMap
from keras_gans.layers.spade import SPADE
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.networks import patch_gan
from keras_gans.networks.layer_seeds import layer_seeds

MOST = 16
"""A layer has at most so many times the feature maps of the last."""


def generator(
    num_labels,
    channels=3,
    latent_dim=64,
    filters=64,
    doublings=5,
    blocks=2,
    hidden=128,
    seed=None,
):
    """Returns the generator: residual blocks whose normalisation sees the label map.

    Some blocks, then a doubling of the size and a block, `doublings` times.

    Args:
        num_labels: Number of labels of the maps.
        channels: Of the images. Default: 3.
        latent_dim: Size of the latent that sets the style. Default: 64; the paper: 256.
        filters: Feature maps at the full size, twice as many at each halving up to 16 times.
            Default: 64.
        doublings: How often the size is doubled. Default: 5 (the paper, from 8 to 256 pixels).
        blocks: Blocks before the first doubling, at least 0. Default: 2.
        hidden: See `layers.SPADE`. Default: 128.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from [maps (N, height, width, 1) as `layers.LabelMap` takes them, latents (N,
        latent_dim)] to images (N, height, width, channels) in [-1, 1], of any height and width that
        are multiples of 2^doublings.

    Raises:
        InputError: If an argument is out of range.

    Reference: Park et al., "Semantic Image Synthesis with Spatially-Adaptive Normalization", 2019,
    appendix A. Ours: the latent is the same at all places of the first features, to which a
    convolution of the map is added, so that images may have any size; two blocks come before the
    first doubling and one after it, where the authors have one and two.
    """
    check_whole_numbers(num_labels=num_labels, channels=channels, latent_dim=latent_dim)
    check_whole_numbers(filters=filters, doublings=doublings, hidden=hidden)
    check_whole_numbers(0, blocks=blocks)
    seed = layer_seeds(seed, stream=0)

    def convolution(depth, kernel, **options):
        initial = keras.initializers.GlorotNormal(seed=next(seed))
        return Conv2D(depth, kernel, padding="same", kernel_initializer=initial, **options)

    def spectral(depth, kernel, **options):
        return SpectralNormalization(convolution(depth, kernel, **options))

    def normalize(x, factor):
        return SPADE(factor, hidden, seed=next(seed))([x, maps])

    def block(x, depth, factor):
        middle = min(x.shape[-1], depth)
        shortcut = x
        if x.shape[-1] != depth:
            shortcut = spectral(depth, 1, use_bias=False)(normalize(x, factor))
        for width in (middle, depth):
            x = spectral(width, 3)(layers.LeakyReLU(0.2)(normalize(x, factor)))
        return x + shortcut

    labels = keras.Input((None, None, 1), name="maps")
    latents = keras.Input((latent_dim,), name="latents")
    maps = LabelMap(num_labels)(labels)
    depths = [filters * min(2**level, MOST) for level in range(doublings, -1, -1)]
    factor = 2**doublings
    initial = keras.initializers.GlorotNormal(seed=next(seed))
    style = layers.Dense(depths[0], kernel_initializer=initial)(latents)
    x = convolution(depths[0], 3)(layers.MaxPooling2D(1, strides=factor)(maps))
    x = x + layers.Reshape((1, 1, depths[0]))(style)
    for _ in range(blocks):
        x = block(x, depths[0], factor)
    for depth in depths[1:]:
        factor //= 2
        x = block(layers.UpSampling2D()(x), depth, factor)
    x = convolution(channels, 3)(layers.LeakyReLU(0.2)(x))
    images = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model([labels, latents], images, name="generator")


def encoder(image_shape, latent_dim=64, filters=64, seed=None):
    """Returns the style encoder: strided convolutions down to 4 to 7 pixels, then two outputs.

    Args:
        image_shape: (height, width, channels).
        latent_dim: Size of the latent. Default: 64; the paper: 256.
        filters: Feature maps of the first layer, which double to 8 times as many. Default: 64.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images to the means and the logarithms of the variances of latents,
        [(N, latent_dim), (N, latent_dim)] in float32.

    Reference: Park et al., 2019, appendix A.
    """
    check_whole_numbers(latent_dim=latent_dim, filters=filters)
    seed = layer_seeds(seed, stream=2)
    x = images = keras.Input(image_shape, name="images")
    width = filters
    while min(x.shape[1:3]) >= 8:
        options = dict(strides=2, padding="same", use_bias=False)
        initial = keras.initializers.GlorotNormal(seed=next(seed))
        conv = Conv2D(width, 3, kernel_initializer=initial, **options)
        x = layers.LeakyReLU(0.2)(InstanceNormalization()(SpectralNormalization(conv)(x)))
        width = min(2 * width, 8 * filters)
    x = layers.Flatten()(x)
    outputs = []
    for name in ("mean", "log_variance"):
        initial = keras.initializers.GlorotNormal(seed=next(seed))
        dense = layers.Dense(latent_dim, kernel_initializer=initial, dtype="float32", name=name)
        outputs.append(dense(x))
    return keras.Model(images, outputs, name="encoder")


def discriminator(num_labels, channels=3, filters=64, depth=3, scales=2, seed=None):
    """Returns `patch_gan.multi_scale`, spectrally normalised, for pairs of a map and an image.

    Args:
        num_labels: Number of labels of the maps.
        channels: Of the images. Default: 3.
        filters: See `patch_gan.discriminator`. Default: 64.
        depth: See `patch_gan.discriminator`. Default: 3 (the authors, with one more convolution).
        scales: See `patch_gan.multi_scale`. Default: 2.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from (N, height, width, 1 + channels), the map's channel first, to what
        `patch_gan.multi_scale` gives.
    """
    pairs = keras.Input((None, None, 1 + channels), name="pairs")
    joined = ops.concatenate([LabelMap(num_labels)(pairs[..., :1]), pairs[..., 1:]], axis=-1)
    options = (num_labels + channels, filters, depth, scales, "spectral", seed)
    return keras.Model(pairs, patch_gan.multi_scale(*options)(joined), name="discriminator")
