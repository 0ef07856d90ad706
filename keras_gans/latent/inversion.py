"""From images to the latents that they could have come from."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.data.arrays import check_images
from keras_gans.errors import InputError
from keras_gans.latent.spaces import sample, space_of
from keras_gans.training import export
from keras_gans.training.gradients import minimize
from keras_gans.training.seed import derived_seed

SPACES = ("z", "w", "w+")
SCALES = 4
ROUNDS, ALONE = 10, 7
"""Parts of the steps, after each of which places are crossed, and after how many one is left."""

LEAST = 10
"""Steps of such a part, at least."""

NOISE = 0.1
"""Standard deviation of what is added to a cross, as a share of that of latents."""

POINTS = 128
"""Places that are looked at together, of as many images as that allows."""


@dataclasses.dataclass(frozen=True, eq=False)
class Inversion:
    """What was found for some images.

    Attributes:
        latents: float32 (N, latent_dim) in z, or styles (N, layers, d).
        images: uint8 (N, height, width, C), what the model makes of them.
        errors: Mean absolute error of each image, as a share of the range, float (N,).
        progress: uint8 (K, N, height, width, C), images on the way, the last of which are `images`.
        space: "z", "w" or "w+".
    """

    latents: np.ndarray
    images: np.ndarray
    errors: np.ndarray
    progress: np.ndarray
    space: str


def invert(
    gan,
    images,
    space=None,
    steps=400,
    starts=16,
    rate=0.05,
    prior=0.01,
    features=None,
    feature_weight=1.0,
    encoder=None,
    labels=None,
    seed=0,
    looks=6,
    pool=2000,
):
    """Looks for latents of given images, by gradient descent through the frozen generator.

    For each image it minimises over a latent z, with Adam,

        mean over k of mean|P_k(G(z) - x)| + feature_weight mean (f(G(z)) - f(x))^2 + prior mean z^2

    where P_k is the mean over squares of 1, 2, 4 and 8 pixels: coarse errors lead where fine ones
    do not yet overlap. In w and w+ there is (w - mean)^2 / variance, over the model's styles, in
    place of z^2. It begins at several places at once, those of a pool of samples that are nearest
    to the image at some 16 pixels. Six times, after each tenth of the steps, the worse half of an
    image's places gives way to crosses of the better half, whose numbers are from one or the other
    of two of them, with a little noise: descent alone ends in one of many valleys. The best one
    goes on from seven tenths. In w all layers have one style, in w+ each its own, which can be
    nearer to any image and means less: it begins where w has ended.

    Args:
        gan: A model with latents.
        images: uint8 (N, height, width, C), of the model's shape, or one image.
        space: "z", "w" or "w+". Default: None, w where there is one.
        steps: Updates, at least 3; in w+ half of them are for w. Default: 400.
        starts: Places to begin at, at least 1: of the pool; in w first the mean. Default: 16.
        rate: Learning rate, which falls along half a cosine. Default: 0.05.
        prior: Weight of the last term, at least 0. Default: 0.01.
        features: Function from images in [-1, 1] to features (N, ...). Default: None.
        feature_weight: Weight of their term, at least 0. Default: 1.
        encoder: Model of `train_encoder`, whose latents are one more place to begin at; for w+ one
            of w. Default: None.
        labels: Classes (N,) of a conditional model, in z. Default: None.
        seed: Int seed of the places and the crosses, at least 0. Default: 0.
        looks: Number of images of the progress, at least 2. Default: 6.
        pool: Random latents among which the places to begin at are looked for, shared between the
            classes if there are `labels`; at least as many as `starts`. Default: 2,000.

    Returns:
        An `Inversion`.

    Raises:
        InputError: If the images are of another shape, the model has no such space, or an argument
            is out of range.

    Reference: Abdal et al., "Image2StyleGAN", 2019, for w+; Karras et al. (StyleGAN2), 2020,
    section 5, for w. Ours: the absolute error and a prior in place of LPIPS and noise.
    """
    check_whole_numbers(3, steps=steps)
    check_whole_numbers(0, seed=seed)
    check_whole_numbers(starts=starts, pool=pool)
    check_whole_numbers(2, looks=looks)
    check_numbers(0, prior=prior, feature_weight=feature_weight, rate=rate)
    images = np.asarray(images)
    images = check_images(images[None] if images.shape == gan.image_shape else images)
    if images.shape[1:] != gan.image_shape:
        raise InputError(
            f"The model makes images of shape {gan.image_shape}. Received: {images.shape[1:]}."
        )
    space, labels = space_and_labels(gan, len(images), space, labels)
    if encoder is not None:
        _check_encoder(encoder, gan, space)
    parts, pool = [], _Pool(gan, space, pool, starts, seed, labels)
    together = max(1, POINTS // (starts + (encoder is not None)))
    for start in range(0, len(images), together):
        part = slice(start, start + together)
        some = None if labels is None else labels[part]
        problem = _Problem(gan, images[part], space, some, prior, features, feature_weight)
        nearest = pool.nearest(images[part], starts, some)
        # One for each image, so that it does not matter which others are inverted with it.
        randoms = [np.random.default_rng((seed, start + k)) for k in range(len(images[part]))]
        parts.append(_solve(problem, problem.starts(nearest, encoder), steps, rate, looks, randoms))
    latents, progress = (np.concatenate(p, axis=k) for k, p in enumerate(zip(*parts, strict=True)))
    made = progress[-1]
    errors = np.abs(made.astype(float) - images).reshape(len(images), -1).mean(axis=1) / 255
    return Inversion(latents, made, errors, progress, space)


def space_and_labels(gan, count, space=None, labels=None):
    """Returns the space to look for latents in, and the labels of images.

    Args:
        gan: A model with latents.
        count: Number of images.
        space: See `invert`. Default: None.
        labels: See `invert`. Default: None.

    Returns:
        A name, and int32 (count,) or None.

    Raises:
        InputError: If the model has no such space, or labels are missing, too many or no classes.
    """
    space = space_of(gan, space, SPACES)
    if space == "z" and gan.num_classes and labels is None:
        raise InputError(
            "The latents of images depend on their classes: a conditional model is inverted with "
            "`labels`, one for each image. Received: none."
        )
    if space != "z" and labels is not None:
        raise InputError(
            f"`labels` are for latents in z: a style says the class too. Received: space {space!r}."
        )
    return space, None if labels is None else check_labels(count, labels, gan.num_classes)


def _solve(problem, points, steps, rate, looks, randoms):
    """Returns the latents that were found, and images on the way (looks, N, ...)."""
    frames = []
    if problem.space == "w+":
        found, frames = _descend(problem, points, steps // 2, rate, looks // 2, randoms)
        points = [np.repeat(found[:, :1], problem.gan.num_styles, axis=1)]
        problem.one_style = False
        steps -= steps // 2
    found, later = _descend(problem, points, steps, rate, looks - len(frames), randoms)
    progress = np.stack([*frames, *later])
    progress[-1] = problem.images(found)
    return (found if problem.space == "z" else problem.styles(found).numpy()), progress


def _check_encoder(encoder, gan, space):
    space = space.removesuffix("+")
    size = sample(gan, 1, space).shape[1]
    sides = [getattr(encoder, name, None) for name in ("input_shape", "output_shape")]
    fits = [(None, *gan.image_shape), (None, size)] == sides
    if not fits or encoder.name != f"encoder_{space}":
        raise InputError(
            f"An encoder of this model makes {size} numbers in {space} of images of shape "
            f"{gan.image_shape}. Received: {encoder.name!r}, which makes {sides[1]} of {sides[0]}."
        )


class _Pool:
    """Random places, and small images of them, for each class that is asked for."""

    def __init__(self, gan, space, count, starts, seed, labels):
        self.gan, self.space = gan, space.removesuffix("+")
        kinds = [None] if labels is None else np.unique(labels)
        count = max(starts, count // len(kinds))
        # By the seed itself `generate` would have the same latents.
        self.places = sample(gan, count, self.space, derived_seed(seed, 0))
        self.images = {kind: self._images(kind) for kind in kinds}

    def _images(self, kind):
        """Returns what the model makes of the places, of one class if it is given."""
        small = []
        for start in range(0, len(self.places), POINTS):
            places = self.places[start : start + POINTS]
            if self.space == "w":
                made = self.gan.images_of_styles(np.repeat(places[:, None], self.gan.num_styles, 1))
            else:
                classes = None if kind is None else np.full(len(places), kind)
                made = self.gan.images_of(places, classes)
            small.append(_small(made))
        return np.concatenate(small)

    def nearest(self, images, count, labels=None):
        """Returns the places whose images are nearest, a list of `count` arrays (N, d)."""
        kinds = [None] * len(images) if labels is None else labels
        orders = [
            np.abs(self.images[kind] - image).sum(axis=1).argsort(kind="stable")[:count]
            for image, kind in zip(_small(images), kinds, strict=True)
        ]
        return [*self.places[np.transpose(orders)]]


def _small(images):
    """Returns images at some 16 pixels, float32 (N, height * width * C)."""
    squares = max(1, min(images.shape[1:3]) // 16)
    small = ops.average_pool(ops.cast(images, "float32"), squares)
    return np.asarray(small).reshape(len(images), -1)


class _Problem:
    """The images to meet, and what a latent costs."""

    def __init__(self, gan, images, space, labels, prior, features, feature_weight):
        self.gan, self.space, self.prior = gan, space, prior
        self.one_style = True
        self.labels = labels
        self.targets = tf.constant(images / np.float32(127.5) - 1)
        self.features, self.feature_weight = features, feature_weight
        self.wanted = None if features is None else tf.cast(features(self.targets), "float32")
        self.mean, self.variance = np.float32(0), np.float32(1)
        if space != "z":
            styles = sample(gan, 2000, "w")
            self.mean, self.variance = styles.mean(axis=0), styles.var(axis=0).mean() + 1e-12

    def starts(self, places, encoder):
        """Returns a list of places to begin at, each for all images.

        Args:
            places: Arrays (N, d), the last of which gives way to the mean in w.
            encoder: A network, whose guess comes last, or None.
        """
        if self.space != "z":
            places = [np.broadcast_to(self.mean, places[0].shape), *places[:-1]]
        if encoder is not None:
            places = [*places, np.asarray(encoder(self.targets))]
        return [place if self.space == "z" else place[:, None] for place in places]

    def styles(self, points):
        """Returns a style for each layer."""
        count = self.gan.num_styles if self.one_style else 1
        return ops.repeat(ops.convert_to_tensor(points), count, axis=1)

    def make(self, points, places=1):
        """Returns the float images of points of all images, place after place."""
        if self.space != "z":
            return self.gan.synthesize(self.styles(points))
        labels = None if self.labels is None else np.tile(self.labels, places)
        return self.gan(points, labels=labels)

    def images(self, points):
        """Returns uint8 images."""
        return np.asarray(export.to_uint8(self.make(points)))

    def costs(self, points, places):
        """Returns what each point costs, (N * places,)."""
        made = self.make(points, places)
        targets = tf.tile(self.targets, [places, 1, 1, 1])
        total, difference = 0.0, made - targets
        for _ in range(SCALES):
            total += ops.mean(ops.abs(difference), axis=(1, 2, 3)) / SCALES
            difference = ops.average_pool(difference, 2, padding="same")
        if self.features is not None:
            squares = ops.square(
                ops.cast(self.features(made), "float32") - _tiled(self.wanted, places)
            )
            total += self.feature_weight * ops.mean(ops.reshape(squares, (len(made), -1)), axis=1)
        squares = ops.square(points - self.mean) / self.variance
        total += self.prior * ops.mean(ops.reshape(squares, (len(made), -1)), axis=1)
        return total


def _tiled(x, times):
    return tf.tile(x, [times] + [1] * (len(x.shape) - 1))


def _descend(problem, places, steps, rate, looks, randoms):
    """Returns the best place of each image, (N, ...), and images on the way."""
    frames, done, scale = [], 0, math.sqrt(float(problem.variance))

    def go_down(places, end):
        nonlocal done
        descent.begin(places)
        while done < end:
            share = max((1 + math.cos(math.pi * done / steps)) / 2, 0.01)
            descent.step(rate * share * scale)
            if done * looks // steps != (done + 1) * looks // steps:
                frames.append(problem.images(*descent.best(1)))
            done += 1

    count, shape = len(places), places[0].shape
    if count > 1:
        descent, alone = _Descent(problem, count, shape), ALONE * steps // ROUNDS
        part = max(steps // ROUNDS, LEAST)
        for end in range(part, alone, part):
            go_down(places, end)
            places = descent.best(math.ceil(count / 2))
            missing = range(count - len(places))
            places = [*places, *(_cross(places, NOISE * scale, randoms) for _ in missing)]
        go_down(places, alone)
        places = descent.best(1)
    descent = _Descent(problem, 1, shape)
    go_down(places, steps)
    return descent.best(1)[0], frames


def _cross(places, noise, randoms):
    """Returns for each image a cross of two of its places, whichever they are, with noise."""
    crosses = []
    for image, random in enumerate(randoms):
        one, other = (places[k][image] for k in random.integers(len(places), size=2))
        cross = np.where(random.random(one.shape) < 0.5, one, other)
        crosses.append(cross + noise * random.normal(size=cross.shape))
    return np.array(crosses, "float32")


class _Descent:
    """Several places of each image, which go down by Adam."""

    def __init__(self, problem, count, shape):
        self.problem, self.count, self.number = problem, count, shape[0]
        self.points = keras.Variable(np.zeros((count * shape[0], *shape[1:]), "float32"))
        self.optimizer = keras.optimizers.Adam(1.0)
        self.optimizer.build([self.points])
        self._take_step = tf.function(self._minimize)

    def _minimize(self):
        def cost():
            return tf.reduce_sum(self.problem.costs(self.points.value, self.count))

        minimize(self.optimizer, [self.points], cost)

    def begin(self, places):
        """Goes to other places, a list of arrays (N, ...), where Adam begins anew."""
        self.points.assign(np.concatenate(places))
        for variable in self.optimizer.variables:
            variable.assign(ops.zeros_like(variable))

    def step(self, rate):
        """Takes one step."""
        self.optimizer.learning_rate.assign(rate)
        self._take_step()

    def best(self, count):
        """Returns the best places of each image, as a list of arrays, the best one first."""
        costs = np.asarray(self.problem.costs(self.points.value, self.count))
        order = costs.reshape(-1, self.number).argsort(axis=0)
        points = np.asarray(self.points).reshape(-1, self.number, *self.points.shape[1:])
        return [points[order[rank], np.arange(self.number)] for rank in range(count)]


def train_encoder(gan, space=None, steps=2000, batch_size=32, filters=32, rate=1e-3, seed=0):
    """Returns a network that guesses the latents of images, trained on the model's own samples.

    It minimises the mean squared error of latents, in w relative to their variance.

    Args:
        gan: A model with latents, without labels.
        space: "z" or "w". Default: None, w where there is one.
        steps: Updates. Default: 2,000.
        batch_size: Samples in each. Default: 32.
        filters: Feature maps of the first layer, which double at each halving. Default: 32.
        rate: Learning rate, which falls along half a cosine. Default: 1e-3.
        seed: Int seed of weights and samples, at least 0. Default: 0.

    Returns:
        A Keras model from images (N, height, width, C) in [-1, 1] to latents (N, d).

    Raises:
        InputError: If the model has labels, or no such space, or an argument is out of range.
    """
    space = space_of(gan, space)
    if gan.num_classes:
        raise InputError(
            f"An encoder is trained of a model without labels. Received: a {type(gan).__name__} of "
            f"{gan.num_classes} classes."
        )
    check_whole_numbers(steps=steps, batch_size=batch_size, filters=filters)
    check_whole_numbers(0, seed=seed)
    keras.utils.set_random_seed(seed)
    known = sample(gan, 2000, space, seed)
    mean, spread = known.mean(axis=0), float(known.std(axis=0).mean()) + 1e-12
    x = images = keras.Input(gan.image_shape, name="images")
    width, side = filters, min(gan.image_shape[:2])
    while side > 4:
        x = layers.Conv2D(width, 4, strides=2, padding="same", use_bias=False)(x)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization(momentum=0.9)(x))
        width, side = min(2 * width, 256), side // 2
    x = layers.Dense(256, activation="relu")(layers.Flatten()(x))
    guess = layers.Dense(known.shape[1])(x)
    encoder = keras.Model(images, guess * spread + mean, name=f"encoder_{space}")
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(encoder.trainable_variables)

    @tf.function
    def step(own_seed):
        z = gan.latents_of(batch_size, own_seed)
        wanted = gan.map(z)[:, 0] if space == "w" else z
        made = tf.clip_by_value(gan(z), -1.0, 1.0)
        minimize(
            optimizer,
            encoder.trainable_variables,
            lambda: ops.mean(ops.square((encoder(made, training=True) - wanted) / spread)),
        )

    for number in range(steps):
        step(tf.constant(derived_seed(seed, number)))
    return encoder
