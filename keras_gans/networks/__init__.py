"""Network architectures, tailored to no loss and no training setup."""

from keras_gans.networks import (
    dcgan,
    mlp,
    patch_gan,
    progressive,
    r3gan,
    residual,
    resnet,
    sizes,
    spade,
    stylegan,
    stylegan2,
    unet,
    vae,
)
from keras_gans.networks.conditional import condition

__all__ = [
    "condition",
    "dcgan",
    "mlp",
    "patch_gan",
    "progressive",
    "r3gan",
    "residual",
    "resnet",
    "sizes",
    "spade",
    "stylegan",
    "stylegan2",
    "unet",
    "vae",
]
