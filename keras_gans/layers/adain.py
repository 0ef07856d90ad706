"""Adaptive instance normalisation: a style sets mean and contrast of every feature map."""

import keras
from keras import ops

from keras_gans.layers.equalized import Equalized
from keras_gans.layers.instance_normalization import InstanceNormalization


@keras.saving.register_keras_serializable("keras_gans")
class AdaIN(keras.layers.Layer):
    """Instance normalisation whose scale and shift follow from a style.

    y = (1 + s) (x - mean) / sqrt(variance + epsilon) + t,  (s, t) = A w + b

    with mean and variance over the positions of one map of one image, and an equalised affine map
    of the style w. Inputs are [features (N, height, width, C), styles (N, w_dim)], outputs are the
    features.

    Args:
        epsilon: Added to the variance. Default: 1e-8.
        seed: Int seed of the initial affine map. Default: None.

    Reference: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
    Normalization", 2017; with an affine map of w: Karras et al. (StyleGAN), 2019, equation 1.
    """

    def __init__(self, epsilon=1e-8, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)  # Styles stay in float32.
        self.epsilon, self.seed = epsilon, seed

    def build(self, input_shape):
        """Makes the affine map."""
        features, style = input_shape
        self.normalization = InstanceNormalization(self.epsilon, dtype=self.dtype_policy)
        self.normalization.build(features)
        dense = keras.layers.Dense(2 * features[-1], dtype="float32")
        self.affine = Equalized(dense, seed=self.seed, name="affine")
        self.affine.build(style)

    def call(self, inputs):
        """Normalises, scales and shifts; computed in float32."""
        features, styles = inputs
        features = ops.cast(features, self.compute_dtype)
        scale, shift = ops.split(self.affine(styles)[:, None, None, :], 2, axis=-1)
        x = ops.cast(self.normalization(features), "float32")
        return ops.cast(x * (1.0 + scale) + shift, features.dtype)

    def compute_output_shape(self, input_shape):
        """Returns the features' shape."""
        return input_shape[0]

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon, "seed": self.seed}
