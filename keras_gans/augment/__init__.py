"""Differentiable augmentation of what a discriminator sees, as `GAN(augmentation=...)`."""

from keras_gans.augment.ada import ADA
from keras_gans.augment.diff_augment import DiffAugment

__all__ = ["ADA", "DiffAugment", "get"]


def get(identifier):
    """Returns an augmentation.

    Args:
        identifier: None for none, "ada" for `ADA()`, a policy of `DiffAugment` such as
            "translation,cutout", or a function from (images, seed) to images.

    Raises:
        InputError: If it is none of them.
    """
    if identifier is None or callable(identifier):
        return identifier
    return ADA() if identifier == "ada" else DiffAugment(identifier)
