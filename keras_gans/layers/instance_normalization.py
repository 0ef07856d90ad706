"""Instance normalisation: every feature map of every image on its own."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class InstanceNormalization(keras.layers.Layer):
    """Brings each feature map of each image to mean 0 and variance 1.

    y = (x - mean) / sqrt(variance + epsilon)

    with mean and variance over the positions of one map of one image, so that an image's contrast
    is lost and images do not depend on their batch. Inputs and outputs are (N, height, width, C).

    Args:
        epsilon: Added to the variance. Default: 1e-5.

    Reference: Ulyanov et al., "Instance Normalization: The Missing Ingredient for Fast
    Stylization", 2016. Ours: no trained scale and shift, as in CycleGAN's code.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs, training=False):
        """Normalises; computed in float32."""
        x = ops.cast(inputs, "float32")
        if training and inputs.shape[0] == 1:
            y = self._normalize_batch(x)  # One image is a batch of its own.
        else:
            # Centred once, which spares a pass over the memory.
            x = x - ops.mean(x, axis=(1, 2), keepdims=True)
            variance = ops.mean(ops.square(x), axis=(1, 2), keepdims=True)
            y = x * ops.rsqrt(variance + self.epsilon)
        return ops.cast(y, inputs.dtype)

    def _normalize_batch(self, x):
        """Returns a batch brought to mean 0 and variance 1, in one operation of TensorFlow."""
        maps = (x.shape[-1],)
        scale, offset, unknown = tf.ones(maps), tf.zeros(maps), tf.zeros((0,))
        return tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=scale,
            offset=offset,
            mean=unknown,
            variance=unknown,
            epsilon=self.epsilon,
            is_training=True,
        ).y

    def compute_output_shape(self, input_shape):
        """Returns the shape, which stays."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
