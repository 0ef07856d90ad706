"""The residual networks of R3GAN: no normalisation, grouped convolutions, inverted bottlenecks."""

import math

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.basis import Basis
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.resampling import FIRFilter2D
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import MAX_FILTERS, doubled, stages

SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # Keeps the variance through a leaky ReLU.


def generator(
    image_shape,
    latent_dim=64,
    width=32,
    blocks=1,
    expansion=2,
    group_size=None,
    max_width=MAX_FILTERS,
    fir=False,
    num_classes=None,
    seed=None,
):
    """Returns the generator: a basis of the smallest size, then residual blocks at every size.

    Args:
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent. Default: 64.
        width: Channels at the full size; twice as many at each halving, 512 at most. Default: 32.
        blocks: Residual blocks per size; the paper: 2 or more. Default: 1.
        expansion: Width of a block's inside, times its outside. Default: 2.
        group_size: Channels per group of the 3x3 convolutions, which divides their width at every
            size; the paper: 16, for ImageNet 32. Default: None for one group.
        max_width: The most channels. Default: 512; the paper: 768, for ImageNet 1536.
        fir: Whether to double sizes with the filter [1, 3, 3, 1] (the paper), beyond whose border
            are zeros, rather than by linear interpolation. Default: False.
        num_classes: Number of labels, an embedding of which stands beside the latent. Default:
            None.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from latents (N, latent_dim), or [latents, labels], to images (N, height,
        width, channels).

    Raises:
        InputError: If an argument is out of range.
    """
    check_whole_numbers(latent_dim=latent_dim, width=width, blocks=blocks, expansion=expansion)
    doublings, base = stages(image_shape)
    widths = doubled(width, doublings + 1, max_width)[::-1]
    seed = layer_seeds(seed, stream=0)
    total = blocks * len(widths)

    x = inputs = keras.Input((latent_dim,), name="latents")
    if num_classes:
        labels = keras.Input((), dtype="int32", name="labels")
        embedded = _embedding(num_classes, latent_dim, num_classes**-0.5, seed)(labels)
        x, inputs = layers.Concatenate()([inputs, embedded]), [inputs, labels]
    x = layers.Dense(widths[0], use_bias=False, kernel_initializer=_scaled(1, seed))(x)
    x = Basis(base, next(seed))(x)
    for stage, channels in enumerate(widths):
        if stage:
            x = _pointwise(channels, seed)(x) if x.shape[-1] != channels else x
            x = (FIRFilter2D(up=2) if fir else layers.UpSampling2D(interpolation="bilinear"))(x)
        for _ in range(blocks):
            x = _block(x, channels * expansion, group_size, total, seed)
    x = _pointwise(image_shape[-1], seed)(x)
    return keras.Model(inputs, layers.Activation("linear", dtype="float32")(x), name="generator")


def discriminator(
    image_shape,
    width=32,
    blocks=1,
    expansion=2,
    group_size=None,
    max_width=MAX_FILTERS,
    fir=False,
    num_classes=None,
    seed=None,
):
    """Returns the discriminator: the generator's mirror image.

    Args:
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        width: Channels at the full size; twice as many at each halving, 512 at most. Default: 32.
        blocks: Residual blocks per size. Default: 1.
        expansion: Width of a block's inside, times its outside. Default: 2.
        group_size: See `generator`. Default: None.
        max_width: See `generator`. Default: 512.
        fir: Whether to halve sizes with that filter rather than by means. Default: False.
        num_classes: Number of labels: the logit is then a product with an embedding of the label.
            Default: None.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels), or [images, labels], to logits
        (N, 1).

    Raises:
        InputError: If an argument is out of range.
    """
    check_whole_numbers(width=width, blocks=blocks, expansion=expansion)
    doublings, base = stages(image_shape)
    widths = doubled(width, doublings + 1, max_width)
    seed = layer_seeds(seed, stream=1)
    total = blocks * len(widths)

    images = keras.Input(tuple(image_shape), name="images")
    x = _pointwise(widths[0], seed)(images)
    for stage, channels in enumerate(widths):
        if stage:
            x = (FIRFilter2D(down=2) if fir else layers.AveragePooling2D(2))(x)
            x = _pointwise(channels, seed)(x) if x.shape[-1] != channels else x
        for _ in range(blocks):
            x = _block(x, channels * expansion, group_size, total, seed)
    init = keras.initializers.RandomNormal(stddev=1 / math.sqrt(math.prod(base)), seed=next(seed))
    x = layers.DepthwiseConv2D(base, use_bias=False, depthwise_initializer=init)(x)
    x = layers.Flatten()(x)
    options = {"use_bias": False, "kernel_initializer": _scaled(1, seed), "dtype": "float32"}
    if not num_classes:
        return keras.Model(images, layers.Dense(1, **options)(x), name="discriminator")
    units = widths[-1]
    labels = keras.Input((), dtype="int32", name="labels")
    embedded = _embedding(num_classes, units, (num_classes * units) ** -0.5, seed)(labels)
    logits = ops.sum(layers.Dense(units, **options)(x) * embedded, axis=1, keepdims=True)
    return keras.Model([images, labels], logits, name="discriminator")


def _block(x, hidden, group_size, total, seed):
    # Fixup: the last convolution starts at zero, the others shrink with the number of blocks.
    init = _scaled(GAIN * total ** (-1 / 4), seed)
    y = Conv2D(hidden, 1, kernel_initializer=init)(x)
    y = layers.LeakyReLU(SLOPE)(y)
    init = _scaled(GAIN * total ** (-1 / 4), seed)
    group_size = hidden if group_size is None else group_size
    check_whole_numbers(group_size=group_size)
    if hidden % group_size:
        raise InputError(
            "`group_size` must divide the width of each block's inside. "
            f"Received: {group_size} for {hidden}."
        )
    groups = hidden // group_size
    y = Conv2D(hidden, 3, padding="same", groups=groups, kernel_initializer=init)(y)
    y = layers.LeakyReLU(SLOPE)(y)
    y = Conv2D(x.shape[-1], 1, use_bias=False, kernel_initializer="zeros")(y)
    return ops.add(x, y)


def _embedding(num_classes, units, stddev, seed):
    start = keras.initializers.RandomNormal(stddev=stddev, seed=next(seed))
    return layers.Embedding(num_classes, units, embeddings_initializer=start, dtype="float32")


def _pointwise(channels, seed):
    return Conv2D(channels, 1, use_bias=False, kernel_initializer=_scaled(1, seed))


def _scaled(gain, seed):
    return keras.initializers.VarianceScaling(
        gain**2, mode="fan_in", distribution="untruncated_normal", seed=next(seed)
    )
