"""Dropout that also serves as noise where a network is used."""

import contextlib
import contextvars

import keras
from keras import ops

from keras_gans.layers.replica_seed_generator import ReplicaSeedGenerator

_SEED = contextvars.ContextVar("seed", default=None)


@contextlib.contextmanager
def noise(seed):
    """Lets the `NoiseDropout` layers of networks that are called within drop features.

    Args:
        seed: Int or integer tensor; the same seed drops the same features, of each image alike.
            None drops none.
    """
    token = _SEED.set(seed)
    try:
        yield
    finally:
        _SEED.reset(token)


@keras.saving.register_keras_serializable("keras_gans")
class NoiseDropout(keras.layers.Layer):
    """Dropout, in training as that of Keras, and in use as `noise` says.

    y = m x / (1 - rate), with m of 0 and 1, and 1 with a probability of 1 - rate

    In use y = x, unless the network is called within `noise(seed)`. Then m depends on the seed and
    on `number` alone: an image and a seed always give the same result.

    Args:
        rate: Share of the features that are dropped, in 0..1.
        number: Tells the layers of one network apart. Default: 0.
        seed: Int seed of what is dropped in training. Default: None.

    Reference: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks",
    2017, section 3.2.1, where dropout is the noise. Ours: the seed.
    """

    def __init__(self, rate, number=0, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.number, self.seed = rate, number, seed
        self.seed_generator = ReplicaSeedGenerator(seed)

    def call(self, inputs, training=False):
        """Drops features."""
        seed = _SEED.get()
        if training:
            return keras.random.dropout(inputs, self.rate, seed=self.seed_generator)
        if seed is None:
            return inputs
        shape = (1, *ops.shape(inputs)[1:])
        drawn = keras.random.uniform(shape, seed=_Fixed(seed, self.number))
        return inputs * ops.cast(drawn >= self.rate, inputs.dtype) / (1.0 - self.rate)

    def compute_output_shape(self, input_shape):
        """Returns the inputs' shape."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        own = {"rate": self.rate, "number": self.number, "seed": self.seed}
        return {**super().get_config(), **own}


class _Fixed(keras.random.SeedGenerator):
    """Gives one seed, made of two numbers, which may be tensors."""

    def __init__(self, *numbers):
        self._numbers = numbers

    def next(self, ordered=True):
        return ops.stack([ops.cast(number, "int32") for number in self._numbers])
