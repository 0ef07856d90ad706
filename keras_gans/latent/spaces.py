"""The spaces of a model: z, and w where styles follow from it."""

import numpy as np

from keras_gans.checks import check_labels
from keras_gans.errors import InputError


def check_model(gan):
    """Raises InputError unless a model makes images from latents."""
    if not hasattr(gan, "latents_of") or not gan.makes_images:
        raise InputError(
            f"Only a model that makes images from latents will do. Received: {type(gan).__name__}."
        )


def space_of(gan, space=None, known=("z", "w")):
    """Returns a space of a model, by default w where there is one.

    Args:
        gan: A model that makes images from latents.
        space: A name, or None.
        known: The spaces that will do, of which all but the first need styles. Default: "z", "w".

    Raises:
        InputError: If the model makes no images from latents, or has no such space.
    """
    check_model(gan)
    has_styles = hasattr(gan, "map")
    space = ("w" if has_styles else "z") if space is None else space
    there = known if has_styles else known[:1]
    if space not in there:
        names = " or ".join(f'"{name}"' for name in there)
        raise InputError(
            f"The space of a {type(gan).__name__} is here {names}. Received: {space!r}."
        )
    return space


def sample(gan, count, space="z", seed=0, labels=None):
    """Returns latents of a model, or their styles w (of a layer, which are all alike).

    Args:
        gan: A model that makes images from latents.
        count: Number of latents.
        space: "z", or "w" of a StyleGAN or StyleGAN2. Default: "z".
        seed: Int, the same as that of `generate`. Default: 0.
        labels: Of a conditional model, see `generate`. Default: every class in turn.

    Returns:
        NumPy float32 (count, d).

    Raises:
        InputError: If the model has no such space, or `labels` are out of range.
    """
    space = space_of(gan, space)
    labels = check_labels(count, labels, gan.num_classes)
    latents = np.asarray(gan.latents_of(count, seed))
    return np.asarray(gan.map(latents, labels))[:, 0] if space == "w" else latents
