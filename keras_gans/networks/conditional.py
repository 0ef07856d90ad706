"""Makes any generator and discriminator conditional by joining labels to their inputs."""

import keras

from keras_gans.layers.label_planes import LabelPlanes


def condition(network, num_classes):
    """Returns a network that also takes labels.

    Labels join the input as a one-hot vector (latents) or as constant planes (images), so the given
    network must have been built for `num_classes` more channels than the result takes.

    Args:
        network: Keras model from (N, ..., C + num_classes).
        num_classes: Number of classes.

    Returns:
        A Keras model from [(N, ..., C), labels (N,) int32] to the network's output.
    """
    *shape, channels = network.input_shape[1:]
    inputs = keras.Input((*shape, channels - num_classes), name=network.inputs[0].name)
    labels = keras.Input((), dtype="int32", name="labels")
    outputs = network(LabelPlanes(num_classes)([inputs, labels]))
    return keras.Model([inputs, labels], outputs, name=f"conditional_{network.name}")
