"""Fully connected networks, for small images and for points in the plane."""

import math

import keras
from keras import layers

from keras_gans.checks import check_whole_numbers
from keras_gans.networks.conditional import condition
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import check_shape


def generator(output_shape, latent_dim=64, widths=(256, 512, 1024), activation="tanh", seed=None):
    """Returns a fully connected generator.

    Args:
        output_shape: Shape of one output, such as (28, 28, 1) or (2,).
        latent_dim: Size of the latent. Default: 64.
        widths: Units of the hidden layers. Default: 256, 512, 1024.
        activation: Of the output: "tanh" for images in [-1, 1], None for points. Default: "tanh".
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from latents (N, latent_dim) to (N, *output_shape).
    """
    check_whole_numbers(latent_dim=latent_dim)
    output_shape = check_shape(output_shape)
    seed = layer_seeds(seed, stream=0)
    x = latents = keras.Input((latent_dim,), name="latents")
    for units in widths:
        x = _dense(units, next(seed))(x)
        x = layers.LeakyReLU(0.2)(x)
    x = _dense(math.prod(output_shape), next(seed))(x)
    x = layers.Reshape(output_shape)(x)
    return keras.Model(latents, layers.Activation(activation, dtype="float32")(x), name="generator")


def discriminator(input_shape, widths=(512, 256), seed=None):
    """Returns a fully connected discriminator.

    Args:
        input_shape: Shape of one input, such as (28, 28, 1) or (2,).
        widths: Units of the hidden layers. Default: 512, 256.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from inputs (N, *input_shape) to logits (N, 1).
    """
    images = keras.Input(check_shape(input_shape), name="images")
    seed = layer_seeds(seed, stream=1)
    x = layers.Flatten()(images)
    for units in widths:
        x = _dense(units, next(seed))(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(
        1, kernel_initializer=keras.initializers.GlorotUniform(next(seed)), dtype="float32"
    )(x)
    return keras.Model(images, logits, name="discriminator")


def for_points(size, num_classes=None, seed=None, latent_dim=2):
    """Returns small networks for points, such as the modes of `keras_gans.data.gaussian_mixture`.

    Args:
        size: Numbers of a point.
        num_classes: Number of labels that both networks also take, or None.
        seed: Int seed of the initial weights. Default: None.
        latent_dim: Size of the latent. Default: 2.

    Returns:
        Dict of a "generator" and a "discriminator", with two hidden layers of 128 units each.
    """
    classes, widths = num_classes or 0, (128, 128)
    networks = {
        "generator": generator((size,), latent_dim + classes, widths, None, seed=seed),
        "discriminator": discriminator((size + classes,), widths, seed=seed),
    }
    return {k: condition(v, classes) if classes else v for k, v in networks.items()}


def _dense(units, seed):
    return layers.Dense(units, kernel_initializer=keras.initializers.HeNormal(seed))
