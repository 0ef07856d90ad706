"""A walk through the space of latents, as pictures that follow each other."""

import numpy as np
import tensorflow as tf

from keras_gans.checks import check_labels, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.latent.paths import interpolate
from keras_gans.latent.spaces import space_of
from keras_gans.training import export


def walk(model, keys=8, steps=16, seed=0, label=None, space=None, truncation=1.0, closed=True):
    """Makes the images of a path between random latents.

    Args:
        model: A GAN, or another model with latents.
        keys: Number of random latents to pass, at least 2. Default: 8.
        steps: Images from one of them to the next, both included, at least 2. Default: 16.
        seed: Int seed of the latents, those of `generate(keys, seed)`. Default: 0.
        label: Class of all images, of a conditional model. Default: None, 0.
        space: "z", along arcs between normal values, which the prior maps, or "w", along straight
            lines between the styles of a StyleGAN or StyleGAN2. Default: None, w if there is one.
        truncation: psi of the styles, see `map`; below 1 only of models that have them. Default: 1.
        closed: Whether the walk comes back to its beginning. Default: True.

    The kinds of an InfoGAN change from one image to the next.

    Returns:
        NumPy uint8 (n, height, width, channels); n as `interpolate` has it.

    Raises:
        InputError: If the model has no latents, no such space, or an argument is out of range.

    Example:
        >>> frames = walk(gan, keys=4, steps=24)
        >>> keras_gans.pictures.save_animation("walk.gif", frames)
    """
    check_whole_numbers(2, keys=keys, steps=steps)
    space, has_styles = space_of(model, space), hasattr(model, "map")
    if truncation != 1 and not has_styles:
        raise InputError(
            "Only a model with styles, such as a StyleGAN2, truncates them. "
            f"Received: {type(model).__name__}, truncation={truncation}."
        )
    if model.num_classes or label is not None:
        label = check_labels(1, 0 if label is None else label, model.num_classes)
    if space == "w":
        labels = None if label is None else np.repeat(label, keys)
        ends = np.asarray(model.map(model.latents_of(keys, seed), labels, truncation))
        path = interpolate(*ends, steps=steps, way="lerp", closed=closed)
        return model.images_of_styles(tf.constant(path))
    ends = export.latents(keys, model.latent_dim, seed).numpy()
    # Arcs are for normal values; what they stand for follows the prior all along.
    path = model.from_normal(tf.constant(interpolate(*ends, steps=steps, closed=closed)))
    options = {"truncation": truncation} if has_styles else {}
    labels = None if label is None else np.repeat(label, len(path))
    return model.images_of(path, labels, **options)
