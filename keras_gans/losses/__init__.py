"""Adversarial losses on logits, by name in `GAN(loss=...)`; errors of images and of latents."""

from keras_gans.losses.adversarial import (
    AdversarialLoss,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
    get,
)
from keras_gans.losses.latent import kl_divergence
from keras_gans.losses.reconstruction import absolute_error
from keras_gans.losses.total import total

__all__ = [
    "AdversarialLoss",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "Relativistic",
    "Wasserstein",
    "absolute_error",
    "get",
    "kl_divergence",
    "total",
]
