"""Discriminators that say more of an image than real or generated: one body, several heads."""

import keras

from keras_gans.errors import InputError
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.networks.layer_seeds import layer_seeds


def add_head(discriminator, units, seed=None):
    """Returns a discriminator with another head on the features that its logits come from.

    Args:
        discriminator: Keras model whose last layer is dense, such as those of `networks.dcgan` and
            `networks.mlp`; its layers are shared. If that layer has spectral normalisation, the new
            one gets it too.
        units: Outputs of the head, such as one for each class.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, ...) to [logits (N, 1), outputs (N, units)].
    """
    last = discriminator.layers[-1]
    init = keras.initializers.GlorotUniform(next(layer_seeds(seed, stream=2)))
    head = keras.layers.Dense(units, kernel_initializer=init, dtype="float32")
    if isinstance(last, SpectralNormalization):
        head = SpectralNormalization(head)
    outputs = [discriminator.output, head(last.input)]
    return keras.Model(discriminator.input, outputs, name="discriminator")


def check_heads(discriminator, units, method, what):
    """Raises InputError unless a method's discriminator gives logits and so many other outputs."""
    shapes = [tuple(output.shape) for output in discriminator.outputs]
    if shapes[1:] != [(None, units)]:
        raise InputError(
            f"The discriminator of an {method} gives [logits, {what} (N, {units})]. "
            f"Received: outputs of shapes {shapes}."
        )
