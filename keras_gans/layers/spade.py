"""Spatially adaptive normalisation: a map says, place by place, how features are scaled."""

import keras
import numpy as np
from keras import layers

from keras_gans.layers.conv2d import Conv2D


@keras.saving.register_keras_serializable("keras_gans")
class SPADE(layers.Layer):
    """Normalises features, then scales and shifts them by what convolutions make of a map.

    y = (1 + gamma(m)) n + beta(m),    n = (x - mean) / sqrt(variance + 1e-5)

    with mean and variance of each channel over the batch, as batch normalisation has them. gamma
    and beta are 3x3 convolutions of a shared one with a ReLU. Inputs are [features (N, h, w, C),
    maps (N, factor h, factor w, L)], of which every `factor`-th place is taken; the output is
    (N, h, w, C).

    Args:
        factor: How many times as large as the features the maps are. Default: 1.
        hidden: Feature maps of the shared convolution. Default: 128 (the paper).
        seed: Int seed of the initial weights. Default: None.

    Reference: Park et al., "Semantic Image Synthesis with Spatially-Adaptive Normalization", 2019,
    equation 1.
    """

    def __init__(self, factor=1, hidden=128, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.hidden, self.seed = factor, hidden, seed

    def build(self, input_shape):
        """Makes the normalisation and the convolutions."""
        (*_, depth), maps = input_shape
        seeds = [None] * 3
        if self.seed is not None:
            seeds = map(int, np.random.SeedSequence(self.seed).generate_state(3))
        initial = map(keras.initializers.GlorotNormal, seeds)

        def convolution(depth, **options):
            options |= dict(kernel_initializer=next(initial), dtype=self.dtype_policy)
            return Conv2D(depth, 3, padding="same", **options)

        self.normalization = layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, center=False, scale=False, dtype=self.dtype_policy
        )
        self.shared = convolution(self.hidden, activation="relu")
        self.gamma, self.beta = convolution(depth), convolution(depth)
        self.normalization.build(input_shape[0])
        self.shared.build(maps)
        for convolution in (self.gamma, self.beta):
            convolution.build((*maps[:-1], self.hidden))

    def call(self, inputs, training=False):
        """Returns the features, scaled and shifted."""
        x, maps = inputs
        hidden = self.shared(maps[:, :: self.factor, :: self.factor])
        normalized = self.normalization(x, training=training)
        return normalized * (1.0 + self.gamma(hidden)) + self.beta(hidden)

    def compute_output_shape(self, input_shape):
        """Returns the features' shape."""
        return input_shape[0]

    def get_config(self):
        """Returns the constructor's arguments."""
        own = {"factor": self.factor, "hidden": self.hidden, "seed": self.seed}
        return super().get_config() | own
