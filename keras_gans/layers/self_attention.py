"""Self-attention over the places of a feature map."""

import keras
from keras import layers, ops

from keras_gans.layers.spectral_normalization import SpectralNormalization


@keras.saving.register_keras_serializable("keras_gans")
class SelfAttention(keras.layers.Layer):
    """Adds to each place what is found at all others that matter to it.

    y = x + gamma o(softmax(f(x) g(x)^T) h(x)), f, g, h and o being 1x1 convolutions with spectral
    normalisation, g and h of maxima of 2x2 places, and gamma a number that starts at 0.

    Inputs and outputs are (N, height, width, C), height and width even.

    Args:
        seed: Int seed of the initial weights. Default: None.

    Reference: Zhang et al., "Self-Attention Generative Adversarial Networks", 2019, section 3.
    Matched to the authors' code: C / 8 channels of f and g, C / 2 of h, the maxima, no biases.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, input_shape):
        """Makes the four convolutions and gamma."""
        channels = input_shape[-1]
        inner, half = max(1, channels // 8), max(1, channels // 2)
        sizes = {"f": (channels, inner), "g": (channels, inner), "h": (channels, half)}
        sizes["o"] = (half, channels)
        for number, (name, (inputs, outputs)) in enumerate(sizes.items()):
            seed = None if self.seed is None else self.seed + number
            start = keras.initializers.GlorotUniform(seed)
            options = {"use_bias": False, "kernel_initializer": start, "dtype": self.dtype_policy}
            conv = SpectralNormalization(layers.Conv2D(outputs, 1, **options), name=name)
            conv.build((*input_shape[:-1], inputs))
            setattr(self, name, conv)
        self.gamma = self.add_weight((), "zeros", name="gamma")

    def call(self, inputs):
        """Attends."""
        _, height, width, _ = inputs.shape
        queries = _flat(self.f(inputs))
        keys, values = (_flat(ops.max_pool(part(inputs), 2)) for part in (self.g, self.h))
        scores = ops.cast(ops.matmul(queries, ops.transpose(keys, (0, 2, 1))), "float32")
        shares = ops.cast(ops.softmax(scores, axis=-1), inputs.dtype)
        found = ops.reshape(ops.matmul(shares, values), (-1, height, width, values.shape[-1]))
        return inputs + ops.cast(self.gamma, inputs.dtype) * self.o(found)

    def compute_output_shape(self, input_shape):
        """Returns the input's shape, which stays."""
        return input_shape

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "seed": self.seed}


def _flat(x):
    """Returns (N, places, C)."""
    _, height, width, channels = x.shape
    return ops.reshape(x, (-1, height * width, channels))
