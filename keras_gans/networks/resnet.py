"""The residual networks of SNGAN, with labels those of the projection discriminator."""

import math

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conditional_batch_normalization import ConditionalBatchNormalization
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.self_attention import SelfAttention
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import MAX_FILTERS, doubled, stages

GAIN = math.sqrt(2)
"""Of the convolutions within a block; those beside it have 1."""


def generator(
    image_shape,
    latent_dim=128,
    filters=64,
    max_filters=MAX_FILTERS,
    num_classes=None,
    attention=None,
    seed=None,
):
    """Returns the generator: a projection, then a residual block for each doubling of the size.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of the latent. Default: 128 (the paper).
        filters: Feature maps at the full size, which double at each halving. Default: 64; the
            paper: 256 for 32 pixels, 64 for 64 and 128 pixels.
        max_filters: The most feature maps of a layer. Default: 512; the paper: 256 for 32 pixels,
            1024 for larger ones.
        num_classes: Number of labels, which set the scales and shifts after each normalisation.
            Default: None.
        attention: Side in pixels at which places attend to each other, see
            `layers.SelfAttention`; SAGAN: 32. Default: None, nowhere.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from latents (N, latent_dim), or [latents, labels], to images (N, height,
        width, channels) in [-1, 1].

    Raises:
        InputError: If an argument is out of range.
    """
    widths, base = _widths(image_shape, filters, max_filters, attention)
    check_whole_numbers(latent_dim=latent_dim)
    seeds = layer_seeds(seed, stream=0)
    latents = keras.Input((latent_dim,), name="latents")
    labels = keras.Input((), dtype="int32", name="labels") if num_classes else None

    def activate(x):
        if labels is None:
            x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        else:
            x = ConditionalBatchNormalization(num_classes)([x, labels])
        return layers.ReLU()(x)

    x = layers.Dense(math.prod(base) * widths[-1], kernel_initializer=_start(1, seeds))(latents)
    x = layers.Reshape((*base, widths[-1]))(x)
    for width in reversed(widths[:-1]):
        y = layers.UpSampling2D(2)(activate(x))
        y = activate(_conv(width, 3, seeds)(y))
        y = _conv(width, 3, seeds)(y)
        x = _conv(width, 1, seeds, gain=1)(layers.UpSampling2D(2)(x)) + y
        x = SelfAttention(next(seeds))(x) if x.shape[1] == attention else x
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))
    x = _conv(image_shape[-1], 3, seeds, gain=1)(x)
    inputs = latents if labels is None else [latents, labels]
    return keras.Model(inputs, layers.Activation("tanh", dtype="float32")(x), name="generator")


def discriminator(
    image_shape,
    filters=64,
    max_filters=MAX_FILTERS,
    num_classes=None,
    attention=None,
    normalization="spectral",
    seed=None,
):
    """Returns the discriminator: a residual block for each halving, one more, and sums over places.

    With phi(x) these sums of an image x, the logit is

        w^T phi(x) + b + V[label]^T phi(x),

    the last term, a projection on the label's vector, only with labels.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        filters: Feature maps of the first block, which double at each halving. Default: 64; the
            paper: 128 for 32 pixels, 64 for larger ones.
        max_filters: See `generator`; the paper: 128 for 32 pixels. Default: 512.
        num_classes: Number of labels. Default: None.
        attention: See `generator`. Default: None.
        normalization: "spectral" for spectral normalisation of every layer, V included, or None.
            Default: "spectral".
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels), or [images, labels], to logits
        (N, 1).

    Raises:
        InputError: If an argument is out of range.
    """
    if normalization not in (None, "spectral"):
        raise InputError(f'`normalization` is None or "spectral". Received: {normalization!r}.')
    widths, _ = _widths(image_shape, filters, max_filters, attention)
    seeds = layer_seeds(seed, stream=1)
    spectral = SpectralNormalization if normalization == "spectral" else lambda layer: layer

    def conv(width, size, gain=GAIN):
        return spectral(_conv(width, size, seeds, gain))

    images = keras.Input(tuple(image_shape), name="images")
    x = images
    for number, width in enumerate(widths):
        first, halved = number == 0, number < len(widths) - 1
        y = conv(width, 3)(x if first else layers.ReLU()(x))
        y = conv(width, 3)(layers.ReLU()(y))
        skip = x
        if halved:
            y, skip = (layers.AveragePooling2D(2)(part) for part in (y, skip))
        if halved or skip.shape[-1] != width:
            skip = conv(width, 1, gain=1)(skip)
        x = skip + y
        x = SelfAttention(next(seeds))(x) if x.shape[1] == attention else x
    sums = ops.sum(ops.cast(layers.ReLU()(x), "float32"), axis=(1, 2))

    def dense(units, **options):
        options |= {"kernel_initializer": _start(1, seeds), "dtype": "float32"}
        return spectral(layers.Dense(units, **options))

    logits = dense(1)(sums)
    if not num_classes:
        return keras.Model(images, logits, name="discriminator")
    labels = keras.Input((), dtype="int32", name="labels")
    chosen = ops.one_hot(labels, num_classes, dtype="float32")
    vectors = dense(widths[-1], use_bias=False)(chosen)
    logits = logits + ops.sum(vectors * sums, axis=1, keepdims=True)
    return keras.Model([images, labels], logits, name="discriminator")


def residual(architecture, networks, image_shape, latent_dim, filters, normalization, seed):
    """Returns the networks that a method makes if it is asked for these ones.

    Args:
        architecture: "resnet" for these, "dcgan" for others.
        networks: The generator and the discriminator that are given, or None for each.
        image_shape: See `generator`.
        latent_dim: See `generator`.
        filters: See `generator`; None for its default.
        normalization: See `discriminator`.
        seed: See `generator`.

    Returns:
        Both networks; None for those that are neither given nor made.

    Raises:
        InputError: If there is no such architecture.
    """
    if architecture not in ("dcgan", "resnet"):
        raise InputError(f'`architecture` is "dcgan" or "resnet". Received: {architecture!r}.')
    first, second = networks
    if architecture == "resnet":
        maps = 64 if filters is None else filters
        first = first or generator(image_shape, latent_dim, maps, seed=seed)
        options = {"normalization": normalization, "seed": seed}
        second = second or discriminator(image_shape, maps, **options)
    return first, second


def _widths(image_shape, filters, max_filters, attention):
    """Returns the feature maps at all sizes, the full one first, and the smallest size."""
    check_whole_numbers(filters=filters, max_filters=max_filters)
    doublings, base = stages(image_shape)
    sides = [image_shape[0] >> k for k in range(doublings)]
    if attention is not None and attention not in sides[1:]:
        raise InputError(
            f"`attention` is a height between the smallest and the full size: "
            f"{', '.join(map(str, sides[1:])) or 'none'} of {tuple(image_shape)}. "
            f"Received: {attention}."
        )
    return doubled(filters, doublings + 1, max_filters), base


def _conv(width, size, seeds, gain=GAIN):
    start = _start(gain, seeds)
    return Conv2D(width, size, padding="same", kernel_initializer=start)


def _start(gain, seeds):
    """Returns Glorot's uniform initial weights, times a gain."""
    return keras.initializers.VarianceScaling(gain**2, "fan_avg", "uniform", seed=next(seeds))
