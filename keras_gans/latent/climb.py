"""Latents that are moved until a classifier sees an attribute in their images."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.data.prepare import floats_on_white
from keras_gans.errors import InputError
from keras_gans.latent.classifier import check_size, kinds_of
from keras_gans.latent.directions import Direction, deviation_along
from keras_gans.latent.names import attribute_and_kind, check_kind
from keras_gans.latent.spaces import sample, space_of
from keras_gans.training.gradients import input_gradient
from keras_gans.training.seed import derived_seed

BATCH = 64
"""Latents at a time."""

MOMENTUM = 0.9
"""Of the gradients' mean, so that it is one of some ten places."""

SURE = 0.9
"""Who has so much certainty does not move for more."""

SLACK = 0.05
"""Who is changed by no more than that does not move for less."""


def climb(
    gan,
    classifier,
    latents,
    name,
    keep=(),
    space="z",
    steps=60,
    rate=1.2,
    keep_weight=2.0,
    noise=0.25,
    labels=None,
    seed=0,
    start=None,
    samples=0,
):
    """Moves latents uphill on a classifier's certainty of an attribute, through the frozen model.

    Each step goes along the mean of the last gradients, each of length 1, of

        min(log p(name), log 0.9) - keep_weight sum over kept attributes of max(KL(p_0 || p), 0.05)

    at the image of a place near the latent, with p_0 the chances of an attribute's kinds as they
    were at first: what goes together with the attribute in the latents, but not in the images,
    stays as it is, and what was unsure too. The mean over places leads on: from one latent to the
    next the gradient turns, and climbs what only this one classifier sees. Of several classifiers
    it is the mean, and what all of them see is more often there. A latent stays where no more can
    be gained, or goes back to the highest place that it came to.

    What seldom goes together, such as a beard and long hair, may lie beyond a valley that no climb
    crosses. With `samples` a latent also climbs from the highest of so many of the model's own,
    which is somebody else who to the classifiers differs in the attribute alone, and takes that
    place if it ends higher.

    Args:
        gan: A model with latents.
        classifier: Keras model from images from 0 to 255 to {attribute: logits}, see `labels_of`;
            or a list of such that see the same attributes.
        latents: NumPy (N, d); of styles in w those of one layer.
        name: The attribute, such as "glasses", or "hair_colour=2" for one of several kinds.
        keep: Names of attributes that are to stay. Default: none.
        space: "z", or "w" of a StyleGAN or StyleGAN2. Default: "z".
        steps: Number of steps. Default: 60.
        rate: Length of a step where all gradients agree, in standard deviations of the latents;
            it falls along half a cosine. Default: 1.2.
        keep_weight: Weight of what is kept, at least 0. Default: 2.
        noise: Standard deviation of the places around a latent, in those of the latents, at least
            0. Default: 0.25.
        labels: Of latents in z of a conditional model, see `generate`. Default: every class in
            turn.
        seed: Int seed of the noise, at least 0. Default: 0.
        start: Latents (N, d) to climb from, such as those that a `Direction` moved, while what is
            kept is that of `latents`. Default: None, `latents` themselves.
        samples: Number of samples to look for another place to climb from, at least 0. Default: 0.

    Returns:
        NumPy float32 (N, d), moved.

    Raises:
        InputError: If there is no such attribute or space, or an argument is out of range.
    """
    check_whole_numbers(steps=steps)
    check_whole_numbers(0, samples=samples, seed=seed)
    check_numbers(0, rate=rate, keep_weight=keep_weight, noise=noise)
    goal = _Goal(gan, classifier, name, keep, space, keep_weight)
    seen = sample(gan, max(samples, 2000), space)
    latents, scale = np.asarray(latents, "float32"), float(seen.std(axis=0).mean())
    start = latents if start is None else np.asarray(start, "float32")
    if latents.shape[1:] != seen.shape[1:] or start.shape != latents.shape:
        raise InputError(
            f"Latents in {space} have the shape (N, {seen.shape[1]}), and `start` the same. "
            f"Received: {latents.shape} and {start.shape}."
        )
    labels = check_labels(len(latents), labels, gan.num_classes) if space == "z" else None
    ascent = _Ascent(goal, steps, rate * scale, noise * scale, seed)
    first = ascent.logs(latents, labels)
    points, heights = ascent.climb(start, labels, first)
    low = np.flatnonzero(heights < goal.top)
    if samples and len(low):
        first = _rows(first, low)
        labels = None if labels is None else labels[low]
        begin = ascent.highest(seen[:samples], labels, first)
        others, their_heights = ascent.climb(begin, labels, first)
        is_higher = their_heights > heights[low]
        points[low[is_higher]] = others[is_higher]
    return points


class _Ascent:
    """Climbs of latents in batches.

    Args:
        goal: A `_Goal`.
        steps: Number of steps.
        length: Of the first step, where all gradients agree.
        noise: Standard deviation of the places around a latent.
        seed: Int.
    """

    def __init__(self, goal, steps, length, noise, seed):
        self.goal, self.steps, self.length = goal, steps, length
        self.noise, self.seed = noise, seed
        self._logs = tf.function(goal.logs)
        self._height = tf.function(
            lambda x, classes, first: goal.height(first, goal.logs(x, classes))
        )
        self._slopes = tf.function(self._slopes_near)

    def _slopes_near(self, points, classes, first, seed):
        near = points + self.noise * tf.random.stateless_normal(tf.shape(points), seed)
        gradients = input_gradient(lambda x: self._height(x, classes, first), near)
        return gradients / (ops.norm(gradients, axis=1, keepdims=True) + 1e-12)

    def logs(self, points, labels):
        """Returns `_Goal.logs` of points (n, d) and labels (n,), in NumPy."""
        parts = [self._logs(*part) for _, *part in _batches(points, labels)]
        return tf.nest.map_structure(lambda *some: np.concatenate(some), *parts)

    def highest(self, samples, labels, first):
        """Returns for each row of labels and of `first` the highest of the samples (m, d)."""
        logs, found = {}, []
        for row in range(len(first[0][self.goal.attribute])):
            label = None if labels is None else labels[row]
            if label not in logs:
                classes = None if labels is None else np.full(len(samples), label)
                logs[label] = self.logs(samples, classes)
            found.append(np.argmax(self.goal.height(_rows(first, [row]), logs[label])))
        return samples[found]

    def climb(self, points, labels, first):
        """Returns the highest places (n, d) on the way from points and their heights (n,)."""
        parts = []
        for rows, x, classes in _batches(points, labels):
            own = tf.nest.map_structure(tf.constant, _rows(first, rows))
            mean, best, highest = tf.zeros_like(x), x, self._height(x, classes, own)
            for number in range(self.steps):
                if np.all(highest >= self.goal.top):
                    break
                seed = tf.constant([derived_seed(self.seed, rows.start), number])
                slopes = self._slopes(x, classes, own, seed)
                mean = MOMENTUM * mean + (1 - MOMENTUM) * slopes
                x += self.length * (1 + math.cos(math.pi * number / self.steps)) / 2 * mean
                height = self._height(x, classes, own)
                is_better = (height > highest) & (highest < self.goal.top)
                best = tf.where(is_better[:, None], x, best)
                highest = tf.where(is_better, height, highest)
            parts.append((best, highest))
        return [np.concatenate(some) for some in zip(*parts, strict=True)]


def _batches(points, labels):
    """Yields which rows are in a batch, and their points and labels (or None) as tensors."""
    for offset in range(0, len(points), BATCH):
        rows = slice(offset, offset + BATCH)
        classes = None if labels is None else tf.constant(labels[rows])
        yield rows, tf.constant(points[rows]), classes


def _rows(logs, rows):
    """Returns such rows of what `_Ascent.logs` returns."""
    return tf.nest.map_structure(lambda values: values[rows], logs)


class _Goal:
    """What a climb is for: an attribute that classifiers see, while others stay as they were.

    Attributes:
        attribute: The attribute's name.
        top: The height from which on no more is to be gained.
    """

    def __init__(self, gan, classifier, name, keep, space, keep_weight):
        self.gan, self.space, self.keep_weight = gan, space_of(gan, space), keep_weight
        alone = isinstance(classifier, keras.Model)
        self.classifiers = [classifier] if alone else list(classifier)
        known = _known(self.classifiers)
        for each in self.classifiers:
            check_size(each, gan.image_shape)
        check_kind(name, known)
        self.attribute, self.kind = attribute_and_kind(name, known)
        self.others = sorted({attribute_and_kind(word, known)[0] for word in keep})
        self.others = [other for other in self.others if other != self.attribute]
        top = math.log(SURE) - keep_weight * SLACK * len(self.others)
        self.top = top - 1e-5 * abs(top)  # The sum is rounded.

    def logs(self, points, classes):
        """Returns {attribute: log p of its kinds (n, kinds)} of each classifier."""
        if self.space == "w":
            styles = ops.repeat(points[:, None], self.gan.num_styles, axis=1)
            images = self.gan.synthesize(styles)
        else:
            images = self.gan(points, labels=classes)
        images = ops.clip(images, -1.0, 1.0)
        return [_log_chances(each, images) for each in self.classifiers]

    def height(self, first, then):
        """Returns how high images are (n,), given what was seen at first and is seen in them."""
        total = 0.0
        for before, now in zip(first, then, strict=True):
            total += ops.minimum(now[self.attribute][:, self.kind], math.log(SURE))
            for key in self.others:
                change = ops.sum(ops.exp(before[key]) * (before[key] - now[key]), axis=1)
                total -= self.keep_weight * ops.maximum(change, SLACK)
        return total / len(self.classifiers)


def _known(classifiers):
    """Returns the number of kinds of each attribute that all classifiers tell."""
    if not classifiers:
        raise InputError("A climb takes at least one classifier. Received: none.")
    known, *others = map(kinds_of, classifiers)
    for other in others:
        if other != known:
            raise InputError(f"All classifiers see the same kinds. Received: {known} and {other}.")
    return known


def _log_chances(classifier, images):
    """Returns {attribute: log p of its kinds (n, kinds)} that a classifier sees, float32."""
    if images.shape[-1] == 4 and classifier.input_shape[-1] == 3:
        images = floats_on_white(images)
    outputs = classifier(127.5 * (images + 1.0), training=False)
    outputs = {key: ops.cast(value, "float32") for key, value in outputs.items()}
    return {
        key: ops.log_softmax(ops.pad(x, ((0, 0), (1, 0))) if x.shape[-1] == 1 else x, axis=-1)
        for key, x in outputs.items()
    }


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
    moved = climb(gan, classifier, latents, name, keep, space, labels=labels, seed=seed, **options)
    direction = Direction((moved - latents).mean(axis=0), name, space)
    deviation = deviation_along(latents, direction.vector)
    return dataclasses.replace(direction, deviation=deviation)
