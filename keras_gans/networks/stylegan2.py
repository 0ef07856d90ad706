"""The networks of StyleGAN2: mapping, synthesis with modulated kernels, residual discriminator."""

import math

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.layers.constant_input import ConstantInput
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.equalized import Equalized
from keras_gans.layers.minibatch_std import MinibatchStd
from keras_gans.layers.modulated_conv2d import ModulatedConv2D
from keras_gans.layers.noise_injection import NoiseInjection
from keras_gans.layers.resampling import FIRFilter2D
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.mapping import activate, dense, mapping
from keras_gans.networks.sizes import MAX_FILTERS, doubled, stages

CLAMP = 256.0
"""The largest absolute value of a feature in float16, which ends at 65,504."""


def generator(
    image_shape,
    latent_dim=512,
    filters=32,
    max_filters=MAX_FILTERS,
    mapping_layers=8,
    num_classes=None,
    half_sizes=4,
    bounded=False,
    seed=None,
):
    """Returns the generator: its networks "mapping" and "synthesis", one after the other.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of a latent z and of a style w. Default: 512 (the paper).
        filters: Feature maps at the full size, which double at each halving. Default: 32 (the
            paper, for 1024 pixels).
        max_filters: The most feature maps of a layer. Default: 512 (the paper).
        mapping_layers: Layers of the mapping. Default: 8 (the paper).
        num_classes: Number of labels, which the mapping sees. Default: None.
        half_sizes: The number of the largest sizes at which layers compute in Keras' global
            precision, all others in float32, as the smallest always does. Default: 4
            (StyleGAN2-ADA).
        bounded: Whether images are tanh(x / sqrt(K)), for the sum x of what K sizes add, and not
            x (the paper). Default: False.
        seed: Int seed of the initial weights and of the noise. Default: None.

    Returns:
        A Keras model from latents (N, latent_dim), or [latents, labels], to images (N, height,
        width, channels).

    Raises:
        InputError: If an argument is out of range.
    """
    check_whole_numbers(latent_dim=latent_dim, mapping_layers=mapping_layers)
    seeds = layer_seeds(seed, stream=0)
    map_ = mapping(latent_dim, latent_dim, mapping_layers, num_classes, seeds)
    sizes = (filters, max_filters, half_sizes)
    synthesize = synthesis(image_shape, latent_dim, *sizes, bounded, seeds)
    latents = keras.Input((latent_dim,), name="latents")
    labels = [keras.Input((), dtype="int32", name="labels")] if num_classes else []
    inputs = [latents, *labels] if labels else latents
    w = layers.RepeatVector(synthesize.input_shape[1])(map_(inputs))
    return keras.Model(inputs, synthesize(w), name="generator")


def synthesis(image_shape, w_dim, filters, max_filters, half_sizes, bounded, seeds):
    """Returns the network from styles (N, layers, w_dim), one for each layer, to images.

    Two layers for each size but the smallest, which has one, and one that makes the image of the
    largest size; what makes that of another size takes the style of the layer that follows.

    Args:
        image_shape: See `generator`.
        w_dim: Size of a style.
        filters: See `generator`.
        max_filters: See `generator`.
        half_sizes: See `generator`.
        bounded: See `generator`.
        seeds: Iterator of seeds.
    """
    doublings, base = stages(image_shape)
    widths = _widths(doublings, filters, max_filters)[::-1]
    styles = keras.Input((2 * doublings + 2, w_dim), name="styles")

    def layer(x, number, width, dtype, up=1):
        conv = ModulatedConv2D(width, up=up, use_bias=True, seed=next(seeds), dtype=dtype)
        x = NoiseInjection(seed=next(seeds), dtype=dtype)(conv([x, styles[:, number]]))
        return _activate(x)

    normal = keras.initializers.RandomNormal(stddev=1.0, seed=next(seeds))
    x, image = styles, None
    for level, width in enumerate(widths):
        # None is the global precision.
        dtype = None if level > max(0, doublings - half_sizes) else "float32"
        if level == 0:
            x = ConstantInput((*base, width), normal, dtype=dtype)(x)
            x = layer(x, 0, width, dtype)
        else:
            x = layer(x, 2 * level - 1, width, dtype, up=2)
            x = layer(x, 2 * level, width, dtype)
            image = FIRFilter2D(up=2, dtype="float32")(image)
        conv = ModulatedConv2D(
            image_shape[-1],
            1,
            demodulate=False,
            use_bias=True,
            seed=next(seeds),
            dtype=dtype,
        )
        part = ops.cast(_clamp(conv([x, styles[:, 2 * level + 1]])), "float32")
        image = part if image is None else image + part
    if bounded:
        image = ops.tanh(image / math.sqrt(len(widths)))
    return keras.Model(styles, image, name="synthesis")


def discriminator(
    image_shape,
    filters=32,
    max_filters=MAX_FILTERS,
    num_classes=None,
    group_size=4,
    half_sizes=4,
    seed=None,
):
    """Returns the discriminator: a residual block for each halving, then all images of a group.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        filters: See `generator`.
        max_filters: See `generator`.
        num_classes: Number of labels: the logit is then a product with an embedding of the label.
            Default: None.
        group_size: See `layers.MinibatchStd`. Default: 4.
        half_sizes: See `generator`.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels), or [images, labels], to logits
        (N, 1).

    Raises:
        InputError: If an argument is out of range.
    """
    doublings, _ = stages(image_shape)
    widths = _widths(doublings, filters, max_filters)
    seeds = layer_seeds(seed, stream=1)

    def conv(width, size, dtype, **options):
        options = {"padding": "same", "dtype": dtype} | options
        return Equalized(Conv2D(width, size, **options), seed=next(seeds))

    images = keras.Input(tuple(image_shape), name="images")
    x = _activate(conv(widths[0], 1, None if half_sizes > 0 else "float32")(images))
    for halving, width in enumerate(widths[1:]):
        dtype = None if halving < half_sizes else "float32"
        skip = FIRFilter2D(down=2, dtype=dtype)(x)
        skip = conv(width, 1, dtype, use_bias=False)(skip)
        x = _activate(conv(x.shape[-1], 3, dtype)(x))
        x = FIRFilter2D(pad=(2, 2), dtype=dtype)(x)
        x = _activate(conv(width, 3, dtype, strides=2, padding="valid")(x))
        x = (x + skip) * math.sqrt(0.5)
    x = MinibatchStd(group_size, dtype="float32")(ops.cast(x, "float32"))
    x = _activate(conv(widths[-1], 3, "float32")(x))
    x = activate(dense(widths[-1], seeds)(layers.Flatten()(x)))
    if not num_classes:
        return keras.Model(images, dense(1, seeds)(x), name="discriminator")
    embed = mapping(0, widths[-1], 8, num_classes, seeds)
    labels = keras.Input((), dtype="int32", name="labels")
    products = dense(widths[-1], seeds)(x) * embed(labels)
    logits = ops.sum(products, axis=1, keepdims=True) / math.sqrt(widths[-1])
    return keras.Model([images, labels], logits, name="discriminator")


def _widths(doublings, filters, max_filters):
    """Returns the feature maps at all sizes, the largest first."""
    check_whole_numbers(filters=filters, max_filters=max_filters)
    return doubled(filters, doublings + 1, max_filters)


def _activate(x):
    return _clamp(activate(x))


def _clamp(x):
    return ops.clip(x, -CLAMP, CLAMP) if x.dtype == "float16" else x
