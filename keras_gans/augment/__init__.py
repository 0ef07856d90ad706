"""Differentiable augmentation of what a discriminator sees, as `GAN(augmentation=...)`."""

from keras_gans.augment.ada import ADA
from keras_gans.augment.diff_augment import DiffAugment, get

__all__ = ["ADA", "DiffAugment", "get"]
