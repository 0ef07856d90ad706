"""Fully connected networks, for small images and for points in the plane."""

import math

import keras
from keras import layers

from keras_gans.errors import InputError
from keras_gans.networks.seeds import seeds


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
    output_shape = _check_shape(output_shape)
    seed = seeds(seed, stream=0)
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
    images = keras.Input(_check_shape(input_shape), name="images")
    seed = seeds(seed, stream=1)
    x = layers.Flatten()(images)
    for units in widths:
        x = _dense(units, next(seed))(x)
        x = layers.LeakyReLU(0.2)(x)
    logits = layers.Dense(
        1, kernel_initializer=keras.initializers.GlorotUniform(next(seed)), dtype="float32"
    )(x)
    return keras.Model(images, logits, name="discriminator")


def _dense(units, seed):
    return layers.Dense(units, kernel_initializer=keras.initializers.HeNormal(seed))


def _check_shape(shape):
    if shape is None:
        raise InputError("A model without networks of its own needs `image_shape`. Received: None.")
    return tuple(shape)
