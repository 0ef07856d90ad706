"""Constraints that an optimizer applies to a variable after each update."""

import keras
from keras import ops

from keras_gans.errors import InputError


@keras.saving.register_keras_serializable("keras_gans")
class WeightClip(keras.constraints.Constraint):
    """Clips every weight to [-limit, limit].

    Args:
        limit: Largest absolute value, positive float. Default: the paper's 0.01.

    Reference: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1, line 7.
    """

    def __init__(self, limit=0.01):
        if limit <= 0:
            raise InputError(f"`limit` must be positive. Received: {limit}.")
        self.limit = limit

    def __call__(self, w):
        """Returns the clipped weights."""
        return ops.clip(w, -self.limit, self.limit)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {"limit": self.limit}
