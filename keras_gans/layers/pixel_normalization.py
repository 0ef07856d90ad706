"""Pixel normalisation: the feature vector of every position has the same length."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class PixelNormalization(keras.layers.Layer):
    """Brings the features of each position of each image to a mean square of 1.

    y = x / sqrt(mean over channels of x^2 + epsilon)

    A generator whose features cannot grow does not run away from its discriminator. Inputs and
    outputs are (N, ..., C): feature maps, or latents.

    Args:
        epsilon: Added to the mean square. Default: 1e-8.

    Reference: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", 2018, section 4.2.
    """

    def __init__(self, epsilon=1e-8, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs):
        """Normalises; computed in float32."""
        x = ops.cast(inputs, "float32")
        square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return ops.cast(x * ops.rsqrt(square + self.epsilon), inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape, which stays."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
