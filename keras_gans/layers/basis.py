"""A learned feature map of each channel, where R3GAN's generator begins."""

import keras


@keras.saving.register_keras_serializable("keras_gans")
class Basis(keras.layers.Layer):
    """A learned feature map of each channel, scaled by that channel of the input.

    (N, channels) -> (N, height, width, channels).

    Args:
        side: (height, width) of the map, or one number for both.
        seed: Int seed of the initial map, N(0, 1). Default: None.

    Reference: Huang et al., "The GAN is dead; long live the GAN! A Modern Baseline GAN", 2024.
    """

    def __init__(self, side, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.side = (side, side) if isinstance(side, int) else tuple(side)
        self.seed = seed

    def build(self, input_shape):
        """Makes the map."""
        self.basis = self.add_weight(
            shape=(1, *self.side, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0, seed=self.seed),
            name="basis",
        )

    def call(self, inputs):
        """Scales the map."""
        return self.basis * inputs[:, None, None, :]

    def compute_output_shape(self, input_shape):
        """Returns (N, height, width, channels)."""
        return (input_shape[0], *self.side, input_shape[-1])

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "side": self.side, "seed": self.seed}
