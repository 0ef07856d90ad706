"""ACGAN's discriminator: one body, a head for real or generated and a head for the class."""

import keras

from keras_gans.errors import InputError
from keras_gans.layers.spectral_normalization import SpectralNormalization
from keras_gans.networks.layer_seeds import layer_seeds


def add_class_head(discriminator, num_classes, seed=None):
    """Returns a discriminator that also classifies, from the features that its logits come from.

    Args:
        discriminator: Keras model whose last layer is dense, such as those of `networks.dcgan` and
            `networks.mlp`; its layers are shared. If that layer has spectral normalisation, the new
            one gets it too.
        num_classes: Number of classes.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, ...) to [logits (N, 1), class logits (N, num_classes)].
    """
    last = discriminator.layers[-1]
    init = keras.initializers.GlorotUniform(next(layer_seeds(seed, stream=2)))
    head = keras.layers.Dense(num_classes, kernel_initializer=init, dtype="float32")
    if isinstance(last, SpectralNormalization):
        head = SpectralNormalization(head)
    outputs = [discriminator.output, head(last.input)]
    return keras.Model(discriminator.input, outputs, name="discriminator")


def check_heads(discriminator, num_classes):
    """Raises InputError unless a discriminator gives logits and the logits of so many classes."""
    shapes = [tuple(output.shape) for output in discriminator.outputs]
    if shapes[1:] != [(None, num_classes)]:
        raise InputError(
            "An ACGAN's discriminator gives [logits, class logits (N, num_classes)]. "
            f"Received: outputs of shapes {shapes} for {num_classes} classes."
        )
