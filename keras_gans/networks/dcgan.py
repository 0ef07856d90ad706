"""The convolutional networks of DCGAN, at any size of 4 to 7 pixels times a power of two."""

import math

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.conv2d_transpose import Conv2DTranspose
from keras_gans.layers.minibatch_std import MinibatchStd
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D
from keras_gans.methods import LARGE
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import DISCRIMINATOR_MAPS, feature_maps, stages

INITIALIZERS = {
    "normal": lambda seed: keras.initializers.RandomNormal(stddev=0.02, seed=seed),
    "he": lambda seed: keras.initializers.HeNormal(seed=seed),
    "glorot": lambda seed: keras.initializers.GlorotUniform(seed=seed),
}
MODULATION_UNITS = 64
"""Units between the latent and a stage's scales and shifts."""


def generator(
    image_shape,
    latent_dim=64,
    filters=None,
    upsampling=None,
    hidden=(),
    self_modulation=None,
    seed=None,
):
    """Returns the generator: a projection, then one stage per doubling of the size.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of the latent. Default: 64.
        filters: Feature maps at half the image's size, which double at each halving, or one number
            for each halving, see `sizes.feature_maps`. Default: None, 32 or, from 48 pixels on,
            numbers that suit minutes of training.
        upsampling: "transpose" for 4x4 transposed convolutions of stride 2 (the paper); "resize"
            for nearest-neighbour resizing and a 3x3 convolution in one (no checkerboard; Odena et
            al., 2016); or "subpixel", which is "resize" but for the last doubling: there a 3x3
            convolution makes the four pixels of each position at once (Shi et al., 2016). Default:
            None, "transpose" below 48 pixels and "subpixel" from there on.
        hidden: Units of fully connected layers before the projection, such as (128, 128): with
            them a latent between two classes is more often drawn as one of the two. Default: none
            (the paper).
        self_modulation: Whether the latent scales and shifts the features of every stage after
            their normalisation (Chen et al., 2019), so that all parts of an image agree, in colours
            above all. Kernels are then Glorot's, else N(0, 0.02) (the paper). Default: None, from
            48 pixels on.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from latents (N, latent_dim) to images (N, height, width, channels).

    Raises:
        InputError: If an argument is out of range.
    """
    _, base = stages(image_shape)
    is_large = min(image_shape[:2]) >= LARGE
    if upsampling is None:
        upsampling = "subpixel" if is_large else "transpose"
    if upsampling not in ("transpose", "resize", "subpixel"):
        raise InputError(
            f'`upsampling` is "transpose", "resize" or "subpixel". Received: {upsampling!r}.'
        )
    if not isinstance(hidden, tuple | list) or not all(
        isinstance(units, int) and units >= 1 for units in hidden
    ):
        raise InputError(
            f"`hidden` is a list of layers' units, such as (128, 128). Received: {hidden!r}."
        )
    check_whole_numbers(latent_dim=latent_dim)
    self_modulation = is_large if self_modulation is None else self_modulation
    seed = layer_seeds(seed, stream=0)
    initial = INITIALIZERS["glorot" if self_modulation else "normal"]
    latents = keras.Input((latent_dim,), name="latents")

    def widen(x, depth, last=False):
        options = dict(padding="same", use_bias=False, kernel_initializer=initial(next(seed)))
        if upsampling == "transpose":
            return Conv2DTranspose(depth, 4, strides=2, **options)(x)
        if last and upsampling == "subpixel":
            return ops.depth_to_space(Conv2D(4 * depth, 3, **options)(x), 2)
        return UpsamplingConv2D(depth, **options)(x)

    def dense(x, units, **options):
        return layers.Dense(units, kernel_initializer=initial(next(seed)), **options)(x)

    def modulate(x):
        style = dense(latents, MODULATION_UNITS, activation="relu")
        scale, shift = (layers.Reshape((1, 1, -1))(dense(style, x.shape[-1])) for _ in range(2))
        return x * (1.0 + scale) + shift

    def activate(x):
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = modulate(x) if self_modulation and len(x.shape) == 4 else x
        return layers.ReLU()(x)

    depths = feature_maps(image_shape, filters)[::-1]
    x = latents
    for units in hidden:
        x = activate(dense(x, units, use_bias=False))
    x = dense(x, math.prod(base) * depths[0], use_bias=False)
    x = activate(layers.Reshape((*base, depths[0]))(x))
    for depth in depths[1:]:
        x = activate(widen(x, depth))
    x = widen(x, image_shape[-1], last=True)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32")(x), name="generator")


def discriminator(
    image_shape,
    filters=None,
    normalization=None,
    initializer="normal",
    minibatch_std=None,
    seed=None,
):
    """Returns the discriminator: one strided convolution per halving of the size, then one unit.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        filters: Feature maps at half the image's size and below, see `generator`. Default: None.
        normalization: "batch" for batch normalisation on all layers but the first and the last (the
            paper), "spectral" for spectral normalisation of every layer, or None. Default: None.
        initializer: Of the kernels: "normal" for N(0, 0.02) (the paper, made for batch
            normalisation), "he" or "glorot", with which the gradient at an image has a norm near 1
            from the start, as gradient penalties want it. Default: "normal".
        minibatch_std: Whether the last convolution is followed by the minibatch standard deviation
            and a 3x3 convolution (Karras et al., 2018), so that fewer kinds of images are left out.
            Default: None, from 48 pixels on.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels) to logits (N, 1).

    Raises:
        InputError: If an argument is out of range.
    """
    if normalization not in (None, "batch", "spectral"):
        raise InputError(
            f'`normalization` is None, "batch" or "spectral". Received: {normalization!r}.'
        )
    if initializer not in INITIALIZERS:
        raise InputError(
            f"`initializer` is one of {', '.join(INITIALIZERS)}. Received: {initializer!r}."
        )
    depths = feature_maps(image_shape, filters, DISCRIMINATOR_MAPS)
    seed, initial = layer_seeds(seed, stream=1), INITIALIZERS[initializer]
    spectral = SpectralNormalization if normalization == "spectral" else lambda layer: layer

    x = images = keras.Input(image_shape, name="images")
    for k, depth in enumerate(depths):
        init = initial(next(seed))
        options = dict(strides=2, padding="same", kernel_initializer=init)
        x = spectral(Conv2D(depth, 4, **options))(x)
        if normalization == "batch" and k > 0:
            x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.LeakyReLU(0.2)(x)
    if minibatch_std or (minibatch_std is None and min(image_shape[:2]) >= LARGE):
        init = initial(next(seed))
        conv = Conv2D(depths[-1], 3, padding="same", kernel_initializer=init)
        x = layers.LeakyReLU(0.2)(spectral(conv)(MinibatchStd()(x)))
    init = initial(next(seed))
    x = layers.Flatten()(x)
    logits = spectral(layers.Dense(1, kernel_initializer=init, dtype="float32"))(x)
    return keras.Model(images, logits, name="discriminator")
