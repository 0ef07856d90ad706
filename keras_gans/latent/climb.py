"""Latents that are moved until a classifier sees an attribute in their images."""

import dataclasses

import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.latent.classifier import check_size, kinds_of
from keras_gans.latent.directions import Direction, deviation_along
from keras_gans.latent.names import attribute_and_kind
from keras_gans.latent.spaces import sample, space_of

BATCH = 64
"""Latents at a time."""


def climb(
    gan,
    classifier,
    latents,
    name,
    keep=(),
    space="z",
    steps=20,
    rate=0.1,
    keep_weight=1.0,
    labels=None,
):
    """Moves latents uphill on a classifier's certainty of an attribute, through the frozen model.

    Each step goes `rate` standard deviations of the latents along the normalised gradient, at the
    image of a latent, of

        log p(name) - keep_weight sum over kept attributes of (their logits - those at first)^2 / K

    for K logits of all kept attributes together; so what goes together with the attribute in the
    latents, but not in the images, stays where it is.

    Args:
        gan: A model with latents.
        classifier: Keras model from images from 0 to 255 to {attribute: logits}, see `labels_of`.
        latents: NumPy (N, d); of styles in w those of one layer.
        name: The attribute, "glasses" for its kind 1, or "hair_colour=2".
        keep: Names of attributes whose logits are to stay. Default: none.
        space: "z", or "w" of a StyleGAN or StyleGAN2. Default: "z".
        steps: Number of steps. Default: 20.
        rate: Length of a step. Default: 0.1.
        keep_weight: Weight of what is kept, at least 0. Default: 1.
        labels: Of latents in z of a conditional model, see `generate`. Default: every class in
            turn.

    Returns:
        NumPy float32 (N, d), moved.

    Raises:
        InputError: If there is no such attribute or space, or an argument is out of range.
    """
    check_whole_numbers(steps=steps)
    check_numbers(0, rate=rate, keep_weight=keep_weight)
    space_of(gan, space)
    known = kinds_of(classifier)
    check_size(classifier, gan.image_shape)
    attribute, kind = attribute_and_kind(name, known)
    others = [attribute_and_kind(word, known)[0] for word in keep]
    seen = sample(gan, 2000, space)
    latents, scale = np.asarray(latents, "float32"), float(seen.std(axis=0).mean())
    if latents.shape[1:] != seen.shape[1:]:
        raise InputError(
            f"Latents in {space} have the shape (N, {seen.shape[1]}). Received: {latents.shape}."
        )
    labels = check_labels(len(latents), labels, gan.num_classes) if space == "z" else None

    def logits(points, classes):
        if space == "w":
            images = gan.synthesize(ops.repeat(points[:, None], gan.num_styles, axis=1))
        else:
            images = gan(points, labels=classes)
        outputs = classifier(127.5 * (ops.clip(images, -1.0, 1.0) + 1.0), training=False)
        outputs = {key: ops.cast(value, "float32") for key, value in outputs.items()}
        return {
            key: ops.pad(x, ((0, 0), (1, 0))) if x.shape[-1] == 1 else x
            for key, x in outputs.items()
        }

    @tf.function
    def step(points, classes, first):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            found = logits(points, classes)
            height = ops.log_softmax(found[attribute], axis=-1)[:, kind]
            if others:
                moved = [ops.square(found[key] - first[key]) for key in others]
                height -= keep_weight * ops.mean(ops.concatenate(moved, axis=1), axis=1)
            total = ops.sum(height)
        slopes = tape.gradient(total, points)
        return points + rate * scale * slopes / (ops.norm(slopes, axis=1, keepdims=True) + 1e-12)

    parts = []
    for start in range(0, len(latents), BATCH):
        part = slice(start, start + BATCH)
        points = tf.constant(latents[part])
        classes = None if labels is None else tf.constant(labels[part])
        first = logits(points, classes)
        for _ in range(steps):
            points = step(points, classes, first)
        parts.append(points.numpy())
    return np.concatenate(parts)


def gradient_direction(
    gan, classifier, name, keep=(), space=None, count=128, seed=0, labels=None, **options
):
    """Returns the direction in which many latents climb, on the mean.

    Args:
        gan: See `climb`.
        classifier: See `climb`.
        name: See `climb`.
        keep: See `climb`. Default: none.
        space: "z" or "w". Default: None, w where there is one.
        count: Number of samples. Default: 128.
        seed: Int. Default: 0.
        labels: See `climb`.
        **options: See `climb`.

    Returns:
        A `Direction`.

    Raises:
        InputError: As `climb` does.
    """
    space = space_of(gan, space)
    latents = sample(gan, count, space, seed, labels)
    moved = climb(gan, classifier, latents, name, keep, space, labels=labels, **options)
    direction = Direction((moved - latents).mean(axis=0), name, space)
    deviation = deviation_along(latents, direction.vector)
    return dataclasses.replace(direction, deviation=deviation)
