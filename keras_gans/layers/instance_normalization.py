"""Instance normalisation: every feature map of every image on its own."""

import keras
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

    def call(self, inputs):
        """Normalises; computed in float32."""
        x = ops.cast(inputs, "float32")
        # Centred once, which spares a pass over the memory.
        x = x - ops.mean(x, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(x), axis=(1, 2), keepdims=True)
        return ops.cast(x * ops.rsqrt(variance + self.epsilon), inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape, which stays."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
