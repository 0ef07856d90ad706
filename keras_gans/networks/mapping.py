"""The mapping network of StyleGAN: from latents to styles."""

import math

import keras
from keras import layers, ops

from keras_gans.layers.equalized import Equalized
from keras_gans.layers.pixel_normalization import PixelNormalization


def mapping(latent_dim, w_dim, num_layers, num_classes, seeds):
    """Returns the network from latents (N, latent_dim) and labels (N,) to styles (N, w_dim).

    Args:
        latent_dim: Size of a latent; 0 for a network of labels alone.
        w_dim: Size of a style.
        num_layers: Number of layers.
        num_classes: Number of labels, or None for a network of latents alone.
        seeds: Iterator of seeds.
    """
    inputs, parts = [], []
    if latent_dim:
        inputs.append(keras.Input((latent_dim,), name="latents"))
        parts.append(PixelNormalization(dtype="float32")(inputs[-1]))
    if num_classes:
        inputs.append(keras.Input((), dtype="int32", name="labels"))
        x = dense(w_dim, seeds)(ops.one_hot(inputs[-1], num_classes))
        parts.append(PixelNormalization(dtype="float32")(x))
    x = layers.Concatenate(dtype="float32")(parts) if len(parts) > 1 else parts[0]
    for _ in range(num_layers):
        x = activate(dense(w_dim, seeds, rate_multiplier=0.01)(x))
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], x, name="mapping")


def dense(units, seeds, **options):
    """Returns an equalised layer that computes in float32; options are those of `Equalized`."""
    return Equalized(layers.Dense(units, dtype="float32"), seed=next(seeds), **options)


def activate(x):
    """Returns leaky ReLU, scaled so that it keeps the mean square."""
    return ops.leaky_relu(x, 0.2) * math.sqrt(2)
