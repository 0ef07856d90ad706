"""Batch normalisation whose scale and shift depend on a label."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Normalises features over a batch, then scales and shifts them as their class has it.

    y = gamma[label] (x - mean) / sqrt(variance + epsilon) + beta[label], for each channel.

    Inputs are [features (N, height, width, C), labels (N,) int32]. Mean and variance are those of
    the whole batch in training, whatever the labels, and moving averages in use.

    Args:
        num_classes: Number of classes.
        momentum: Of the moving averages. Default: 0.9.
        epsilon: Added to the variance. Default: 1e-5.

    Reference: Dumoulin et al., "A Learned Representation For Artistic Style", 2017; in GANs: Miyato
    and Koyama, "cGANs with Projection Discriminator", 2018.
    """

    def __init__(self, num_classes, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.num_classes, self.momentum, self.epsilon = num_classes, momentum, epsilon
        options = {"momentum": momentum, "epsilon": epsilon, "dtype": self.dtype_policy}
        self.normalize = keras.layers.BatchNormalization(center=False, scale=False, **options)

    def build(self, input_shape):
        """Makes a scale and a shift for each class and channel."""
        features, _ = input_shape
        self.normalize.build(features)
        shape = (self.num_classes, features[-1])
        self.gamma = self.add_weight(shape, "ones", name="gamma")
        self.beta = self.add_weight(shape, "zeros", name="beta")

    def call(self, inputs, training=False):
        """Normalises, scales and shifts."""
        x, labels = inputs
        x = self.normalize(x, training=training)
        # A product and no lookup, whose gradients Adam would square one by one before it adds them.
        chosen = ops.one_hot(labels, self.num_classes, dtype=x.dtype)
        gamma, beta = (
            ops.matmul(chosen, ops.cast(v, x.dtype))[:, None, None] for v in (self.gamma, self.beta)
        )
        return x * gamma + beta

    def compute_output_shape(self, input_shape):
        """Returns the features' shape, which stays."""
        return input_shape[0]

    def get_config(self):
        """Returns the constructor's arguments."""
        names = ("num_classes", "momentum", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
