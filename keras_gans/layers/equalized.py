"""Equalised learning rate: kernels that are scaled where they are used."""

import math

import keras
from keras import ops

from keras_gans.errors import InputError


@keras.saving.register_keras_serializable("keras_gans")
class Equalized(keras.layers.Wrapper):
    """Scales the kernel of a layer at each use, so that all layers learn at one speed.

    W' = W gain rate_multiplier / sqrt(fan_in),  b' = b rate_multiplier

    W, which is trained and saved, starts as N(0, 1 / rate_multiplier^2), so that an output has the
    variance gain^2 for inputs of variance 1. An optimizer such as Adam moves all values of W by
    about the same amount: without the scale, layers with small kernels would change faster.

    Args:
        layer: A layer with a kernel: Dense, Conv2D, Conv2DTranspose or one derived of them.
        gain: Standard deviation of the output for inputs of deviation 1. Default: 1.
        rate_multiplier: Share of the learning rate that the layer learns with, above 0. Default: 1.
        seed: Int seed of the initial kernel. Default: None.

    Raises:
        InputError: If the layer has no kernel.

    Reference: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", 2018, section 4.1; the rate multiplier: their StyleGAN, 2019.
    """

    def __init__(self, layer, gain=1.0, rate_multiplier=1.0, seed=None, **kwargs):
        super().__init__(layer, **{"dtype": getattr(layer, "dtype_policy", None)} | kwargs)
        self.gain, self.rate_multiplier, self.seed = gain, rate_multiplier, seed
        start = keras.initializers.RandomNormal(stddev=1 / rate_multiplier, seed=seed)
        layer.kernel_initializer = start

    def build(self, input_shape=None):
        """Builds the wrapped layer."""
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise InputError(
                "Equalized wraps layers that have a kernel. "
                f"Received: {self.layer.__class__.__name__}."
            )
        outputs = getattr(self.layer, "units", None) or self.layer.filters
        fan_in = math.prod(self.layer.kernel.shape) // outputs
        self.scale = self.gain * self.rate_multiplier / math.sqrt(fan_in)

    def call(self, inputs):
        """Calls the layer with its scaled kernel and bias."""
        scaled = [(self.layer.kernel, self.scale)]
        if getattr(self.layer, "bias", None) is not None and self.rate_multiplier != 1:
            scaled.append((self.layer.bias, self.rate_multiplier))
        # In float32; the layer casts its weights as it is used to.
        scaled = [(v, ops.cast(v.value, "float32") * factor) for v, factor in scaled]
        with keras.StatelessScope(scaled, initialize_variables=False):
            return self.layer(inputs)

    def compute_output_shape(self, input_shape):
        """Returns the wrapped layer's output shape."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        """Returns the constructor's arguments."""
        own = {"gain": self.gain, "rate_multiplier": self.rate_multiplier, "seed": self.seed}
        return {**super().get_config(), **own}
