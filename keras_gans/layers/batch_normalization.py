"""Finds the batch normalisation of a network, and extends it to all replicas of a strategy."""

import keras


def batch_normalizations(network):
    """Returns the `keras.layers.BatchNormalization` layers of a network, a list."""
    kind = keras.layers.BatchNormalization
    return [layer for layer in network._flatten_layers() if isinstance(layer, kind)]


def synchronize_batch_normalization(network):
    """Lets a network's batch normalisation take its statistics from the whole batch.

    Under `tf.distribute` each replica takes them from its own part of the batch by default, which
    is faster, and enough where a part has some 16 images or more.

    Args:
        network: A Keras model, whose layers are changed in place before it is trained.

    Returns:
        The number of layers that were changed.

    Example:
        >>> with strategy.scope():
        ...     gan = keras_gans.DCGAN(image_shape=(64, 64, 3))
        ...     keras_gans.layers.synchronize_batch_normalization(gan.generator)
    """
    found = batch_normalizations(network)
    for layer in found:
        layer.synchronized = True
    return len(found)
