"""Gradients: the only uses of `tf.GradientTape`."""

import tensorflow as tf


def minimize(optimizer, variables, objective):
    """Takes one step of an optimizer on the variables of one player.

    Only `variables` are watched and changed: the other player is frozen because nothing
    differentiates it. Under `tf.distribute` the Keras optimizer sums gradients over replicas, so
    the loss, a mean over the replica's images, is divided once by the number of replicas.

    Args:
        optimizer: A built `keras.optimizers.Optimizer`.
        variables: The `keras.Variable`s to change.
        objective: Function without arguments that returns a scalar loss.
    """
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        loss = optimizer.scale_loss(objective() / _replicas())
    optimizer.apply(tape.gradient(loss, tensors), variables)


class Recording:
    """Records a network's forward pass, so that a later loss can be pulled back through it.

    The generator's images serve the discriminator's update first and the generator's own update
    afterwards: one forward pass instead of two.

    Args:
        network: A built Keras model.
        inputs: Its inputs.

    Attributes:
        outputs: The network's outputs in training mode.
    """

    def __init__(self, network, inputs):
        self._variables = network.trainable_variables
        self._tensors = [variable.value for variable in self._variables]
        with tf.GradientTape(watch_accessed_variables=False) as self._tape:
            self._tape.watch(self._tensors)
            self.outputs = network(inputs, training=True)

    def minimize(self, optimizer, objective):
        """Takes one step of an optimizer on the recorded network's variables.

        Args:
            optimizer: A built `keras.optimizers.Optimizer`.
            objective: Function from the outputs to a scalar loss.
        """
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.outputs)
            loss = optimizer.scale_loss(objective(self.outputs) / _replicas())
        pulled_back = tape.gradient(loss, self.outputs)
        gradients = self._tape.gradient(self.outputs, self._tensors, output_gradients=pulled_back)
        optimizer.apply(gradients, self._variables)


def input_gradient(critic, inputs):
    """Returns the gradient of each sample's logits with respect to that sample, in float32.

    Args:
        critic: Function from samples (N, ...) to logits (N, ...). Logits of one sample are summed.
        inputs: Samples, float of shape (N, ...).

    Returns:
        Float32 of the shape of `inputs`, differentiable.
    """
    inputs = tf.convert_to_tensor(inputs)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        logits = tf.cast(critic(inputs), "float32")
    return tf.cast(tape.gradient(logits, inputs), "float32")


def _replicas():
    return tf.distribute.get_strategy().num_replicas_in_sync
