"""A learned constant, where a generator begins."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class ConstantInput(keras.layers.Layer):
    """Gives every image the same learned feature maps, which styles and noise then tell apart.

    Inputs are of any shape (N, ...) and count images only; outputs are (N, height, width, C).

    Args:
        shape: (height, width, C) of the maps.
        initializer: Of the maps. Default: "ones" (StyleGAN); StyleGAN2 has N(0, 1).

    Reference: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2019, section 2.
    """

    def __init__(self, shape, initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.shape, self.initializer = tuple(shape), keras.initializers.get(initializer)

    def build(self, input_shape):
        """Makes the maps."""
        self.maps = self.add_weight((1, *self.shape), self.initializer, name="maps")

    def call(self, inputs):
        """Repeats the maps."""
        return ops.repeat(self.maps, ops.shape(inputs)[0], axis=0)

    def compute_output_shape(self, input_shape):
        """Returns (N, height, width, C)."""
        return (input_shape[0], *self.shape)

    def get_config(self):
        """Returns the constructor's arguments."""
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "shape": self.shape, "initializer": initializer}
