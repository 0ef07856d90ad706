"""Latents that are moved until a classifier sees an attribute in their images."""

import dataclasses

import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.latent.directions import Direction, deviation_along, sample

BATCH = 64
"""Latents at a time."""


def climb(gan, classifier, latents, name, keep=(), space="z", steps=20, rate=0.1, keep_weight=1.0):
    """Moves latents uphill on a classifier's certainty of an attribute, through the frozen model.

    Each step goes `rate` standard deviations of the latents along the normalised gradient, at the
    image of a latent, of

        log p(name) - keep_weight sum over kept attributes of (their logits - those at first)^2 / K

    for K logits of all kept attributes together; so what goes together with the attribute in the
    latents, but not in the images, stays where it is.

    Args:
        gan: A model with latents.
        classifier: Keras model from images from 0 to 255 to {attribute: logits (N, kinds)}, see
            `train_attributes`.
        latents: NumPy (N, d); of styles in w those of one layer.
        name: The attribute, "glasses" for its kind 1, or "hair_colour=2".
        keep: Names of attributes whose logits are to stay. Default: none.
        space: "z", or "w" of a StyleGAN or StyleGAN2. Default: "z".
        steps: Number of steps. Default: 20.
        rate: Length of a step. Default: 0.1.
        keep_weight: Weight of what is kept, at least 0. Default: 1.

    Returns:
        NumPy float32 (N, d), moved.

    Raises:
        InputError: If there is no such attribute or space, or an argument is out of range.
    """
    check_whole_numbers(steps=steps)
    check_numbers(0, rate=rate, keep_weight=keep_weight)
    if space not in ("z", "w") or (space == "w" and not hasattr(gan, "map")):
        raise InputError(
            f"A {type(gan).__name__} has no space {space!r} to climb in. Received: {space!r}."
        )
    attribute, kind = _kind(classifier, name)
    others = [_kind(classifier, word)[0] for word in keep]
    latents = np.asarray(latents, "float32")
    scale = float(latents.std(axis=0).mean()) if len(latents) > 1 else 1.0

    def logits(points):
        if space == "w":
            images = gan.synthesize(ops.repeat(points[:, None], gan.num_styles, axis=1))
        else:
            images = gan(points)
        outputs = classifier(127.5 * (ops.clip(images, -1.0, 1.0) + 1.0), training=False)
        return {key: ops.cast(value, "float32") for key, value in outputs.items()}

    @tf.function
    def step(points, first):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            found = logits(points)
            height = ops.log_softmax(found[attribute], axis=-1)[:, kind]
            if others:
                moved = [ops.square(found[key] - first[key]) for key in others]
                height -= keep_weight * ops.mean(ops.concatenate(moved, axis=1), axis=1)
            total = ops.sum(height)
        slopes = tape.gradient(total, points)
        return points + rate * scale * slopes / (ops.norm(slopes, axis=1, keepdims=True) + 1e-12)

    parts = []
    for start in range(0, len(latents), BATCH):
        points = tf.constant(latents[start : start + BATCH])
        first = logits(points)
        for _ in range(steps):
            points = step(points, first)
        parts.append(points.numpy())
    return np.concatenate(parts)


def gradient_direction(gan, classifier, name, keep=(), space=None, count=128, seed=0, **options):
    """Returns the direction in which many latents climb, on the mean.

    Args:
        gan: See `climb`.
        classifier: See `climb`.
        name: See `climb`.
        keep: See `climb`. Default: none.
        space: "z" or "w". Default: None, w where there is one.
        count: Number of samples. Default: 128.
        seed: Int. Default: 0.
        **options: See `climb`.

    Returns:
        A `Direction`.

    Raises:
        InputError: As `climb` does.
    """
    space = ("w" if hasattr(gan, "map") else "z") if space is None else space
    latents = sample(gan, count, space, seed)
    moved = climb(gan, classifier, latents, name, keep, space, **options)
    direction = Direction((moved - latents).mean(axis=0), name, space)
    deviation = deviation_along(latents, direction.vector)
    return dataclasses.replace(direction, deviation=deviation)


def _kind(classifier, name):
    """Returns an attribute and the number of its kind."""
    outputs = getattr(classifier, "output", None)
    attribute, _, kind = name.partition("=")
    if not isinstance(outputs, dict) or attribute not in outputs:
        known = ", ".join(outputs) if isinstance(outputs, dict) else "none"
        raise InputError(f"The classifier knows the attributes {known}. Received: {name!r}.")
    kind = int(kind) if kind.isdecimal() else 1
    if kind >= outputs[attribute].shape[-1]:
        raise InputError(
            f"{attribute!r} has {outputs[attribute].shape[-1]} kinds. Received: {name!r}."
        )
    return attribute, kind
