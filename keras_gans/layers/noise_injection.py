"""Noise between the layers of a generator, for what is random in every image."""

import contextlib
import contextvars

import keras
from keras import ops

from keras_gans.layers.replica_seed_generator import ReplicaSeedGenerator

_IS_ON = contextvars.ContextVar("is_on", default=True)


@contextlib.contextmanager
def without_noise():
    """Lets the `NoiseInjection` layers of networks that are called within add nothing."""
    token = _IS_ON.set(False)
    try:
        yield
    finally:
        _IS_ON.reset(token)


@keras.saving.register_keras_serializable("keras_gans")
class NoiseInjection(keras.layers.Layer):
    """Adds noise to features, one picture of noise for all maps of an image.

    y = x + strength n [+ b],  n of N(0, 1) at every position

    The strength, 0 at first, is learned. In training n is drawn for each image, in use it is always
    the same, so that a latent means one image. Inputs and outputs are (N, height, width, C).

    Args:
        per_channel: Whether every map has a strength of its own (StyleGAN), or all have one
            (StyleGAN2). Default: False.
        use_bias: Whether to add b, a number for each map, too. Default: False.
        seed: Int seed of the noise. Default: None.

    Reference: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2019, section 3.2.
    """

    def __init__(self, per_channel=False, use_bias=False, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.per_channel, self.use_bias, self.seed = per_channel, use_bias, seed
        self.seed_generator = ReplicaSeedGenerator(seed)

    def build(self, input_shape):
        """Makes the strength, and the noise that is used when there is no training."""
        _, height, width, channels = input_shape
        shape = (channels,) if self.per_channel else ()
        self.strength = self.add_weight(shape, "zeros", name="strength")
        if self.use_bias:
            self.bias = self.add_weight((channels,), "zeros", name="bias")
        start = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        self.noise = self.add_weight((height, width, 1), start, trainable=False, name="noise")

    def call(self, inputs, training=False):
        """Adds noise."""
        if self.use_bias:
            inputs = inputs + ops.cast(self.bias, inputs.dtype)
        if not _IS_ON.get():
            return inputs
        noise = self.noise
        if training:
            shape = (*ops.shape(inputs)[:-1], 1)
            noise = keras.random.normal(shape, dtype=inputs.dtype, seed=self.seed_generator)
        return inputs + ops.cast(self.strength, inputs.dtype) * ops.cast(noise, inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape, which stays."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        names = ("per_channel", "use_bias", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
