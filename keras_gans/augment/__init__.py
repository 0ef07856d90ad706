"""Differentiable augmentation of what a discriminator sees, as `GAN(augmentation=...)`."""

from keras_gans.augment.diff_augment import DiffAugment, get

__all__ = ["DiffAugment", "get"]
