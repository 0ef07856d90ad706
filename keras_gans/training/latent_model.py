"""What models share that make images from latents: sampling, previews, signatures, their data."""

from numbers import Integral

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_labels, check_whole_numbers
from keras_gans.data.arrays import check_training_images, check_training_labels
from keras_gans.errors import InputError
from keras_gans.training import average, export, priors
from keras_gans.training.model import GenerativeModel


class LatentModel(GenerativeModel):
    """Base class of models with a generator from latents to images, or to points in the plane.

    Args:
        generator: Built Keras model from latents (N, latent_dim) to images (N, ...), or from
            [latents, labels] if conditional.
        num_classes: Number of labels of a conditional model, or None.
        ema_decay: Decay of the generator's moving average, 0..1, or None for no average.
        seed: Int seed of latents and noise.
        logs: Names of the means that are shown while training.
        prior: What latents are drawn from: "normal", "uniform" in -1..1, "truncated_normal" at 2,
            or "hypersphere", of length sqrt(latent_dim). Default: "normal".
    """

    takes_labels = False
    """Whether a method is conditional: it trains on (images, labels)."""

    def __init__(self, generator, num_classes, ema_decay, seed, logs, prior="normal", **kwargs):
        super().__init__(seed, ema_decay, logs, **kwargs)
        priors.get(prior)
        if (len(generator.inputs) > 1) != bool(num_classes):
            takes = "one that takes labels" if len(generator.inputs) > 1 else "one that takes none"
            raise InputError(
                "A generator takes labels where there are `num_classes`, and only there. "
                f"Received: {takes}, and num_classes={num_classes}."
            )
        self.prior = prior
        # Also of NumPy's numbers, which JSON does not know.
        self.generator, self.num_classes = generator, num_classes and int(num_classes)
        self.average_generator = average.clone(generator) if ema_decay else generator

    def averages(self):
        """Returns the generator's average, if it is kept."""
        return [(self.average_generator, self.generator)] if self.ema_decay else []

    def inference_networks(self):
        """Returns the averaged generator alone."""
        return [self.average_generator]

    @property
    def image_shape(self):
        """Shape of what the generator makes: (height, width, channels) for images."""
        return tuple(self.generator.output_shape[1:])

    @property
    def latent_dim(self):
        """Size of a latent."""
        return self.generator.inputs[0].shape[-1]

    @property
    def makes_images(self):
        """Whether the generator makes images, rather than points."""
        return len(self.image_shape) == 3

    def latents(self, count):
        """Draws latents (count, latent_dim) from the prior, for training."""
        z = keras.random.normal((count, self.latent_dim), seed=self.seed_generator)
        return self.from_normal(z)

    def from_normal(self, z):
        """Returns the prior's latents that normal values (count, latent_dim) stand for."""
        return priors.get(self.prior)(z)

    def latents_of(self, count, seed, threshold=None):
        """Draws latents from the prior, the same for the same seed, also in a SavedModel.

        Args:
            count: Number of latents, int or integer tensor.
            seed: Int or integer tensor.
            threshold: Magnitude beyond which values of a normal prior are drawn anew. Default:
                None, all stay.

        Returns:
            Float32 tensor (count, latent_dim).
        """
        z = export.latents(count, self.latent_dim, seed)
        return self.from_normal(priors.truncate(z, threshold, self.prior))

    @classmethod
    def from_data(cls, data, seed=0, **options):
        """Makes the model that fits what `keras_gans.data.load` returned.

        Args:
            data: The data set; with labels for a conditional method.
            seed: Int seed of weights, latents and noise. Default: 0.
            **options: Arguments of the class.

        Returns:
            The model, not compiled.

        Raises:
            InputError: If the method cannot be trained on the data, or an option is out of range.
        """
        if cls.takes_labels:
            if not data.config["labels"]:
                raise InputError(
                    f"{cls.__name__} trains on images with labels. Received: {data.name} without."
                )
            options = {"num_classes": len(data.class_names), **options}
        cls.check_classes(data, options)
        shape = tuple(data.image_shape)
        if len(shape) == 1:
            networks = cls.networks_for_points(shape[0], options.get("num_classes"), seed)
            return cls(seed=seed, **networks | options)
        return cls(seed=seed, **{"image_shape": shape, **options})

    @classmethod
    def check_classes(cls, data, options):
        """Raises InputError unless data have the labels that options are for; see `from_data`."""
        if (kind := data.config.get("kind", "images")) != "images":
            raise InputError(f"{cls.__name__} trains on images. Received: {kind}.")
        known = len(data.class_names) if data.config["labels"] else 0
        if options.get("num_classes", known) not in (None, known):
            raise InputError(
                f"`num_classes` must be that of {data.name}, {known or 'which has no labels'}. "
                f"Received: {options['num_classes']}."
            )

    @classmethod
    def networks_for_points(cls, size, num_classes, seed, latent_dim=2):
        """Returns the networks, {argument: network}, for points of `size` numbers."""
        raise InputError(f"{cls.__name__} trains on images. Received: points of {size} numbers.")

    def meet(self, batch, in_range):
        """Checks type, range, shape and labels of the first batch; see `Resumable`."""
        images, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if weights is not None:
            raise InputError("A batch is images, or (images, labels). Received: three parts.")
        check_training_images(np.asarray(images), self.image_shape, in_range)
        if self.num_classes:
            if labels is None:
                raise InputError(
                    "A conditional model trains on (images, labels). Received: images."
                )
            check_training_labels(np.asarray(labels), len(images), self.num_classes)

    def unpack(self, data):
        """Returns a batch's (images, labels); labels are None for an unconditional model."""
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        if self.num_classes and labels is None:
            raise InputError("A conditional model trains on (images, labels). Received: images.")
        if None in images.shape[1:]:  # Of files that were decoded in a graph.
            images = ops.reshape(images, (-1, *self.image_shape))
        images = ops.cast(ops.convert_to_tensor(images), "float32")
        return images, ops.convert_to_tensor(labels) if self.num_classes else None

    def call(self, latents, labels=None, training=False):
        """Returns the averaged generator's images in inference mode.

        Args:
            latents: Float (N, latent_dim), as the prior has them.
            labels: Integer (N,), or one for all; for conditional models.
            training: Of no effect: the average is for use, not for training.

        Returns:
            Float32 (N, ...) in [-1, 1], differentiable with respect to the latents.
        """
        self.check_latents(latents, labels)
        labels = self.classes_of(latents, labels)
        images = self.average_generator(inputs(self.average_generator, latents, labels))
        return ops.cast(images, "float32")

    def classes_of(self, latents, labels):
        """Returns labels as a tensor (N,), of which one may stand for all, or None."""
        if labels is None:
            return None
        labels = ops.convert_to_tensor(labels)
        return labels if ops.ndim(labels) else ops.broadcast_to(labels, ops.shape(latents)[:1])

    def generate(self, count, seed=0, labels=None, batch_size=256, threshold=None, **options):
        """Makes images from a seed.

        Args:
            count: Number of images, int of at least 1.
            seed: Int; the same seed gives the same latents. Default: 0.
            labels: One class for all, or `count` of them; only for conditional models. Default:
                every class in turn.
            batch_size: Images that are made at a time. Default: 256.
            threshold: Magnitude beyond which values of normal latents are drawn anew: fewer kinds
                of images, and better ones (BigGAN's truncation). Default: None.
            **options: What else calling the model takes, such as `truncation` of a StyleGAN2.

        Returns:
            NumPy uint8 (count, height, width, channels); float32 (count, 2) of a model of points.

        Raises:
            InputError: If `count`, `labels` or `threshold` is out of range.
        """
        check_whole_numbers(count=count)
        latents = self.latents_of(count, seed, threshold)
        return self.images_of(latents, labels, batch_size, **options)

    def images_of(self, latents, labels=None, batch_size=256, **options):
        """Makes the images of latents (N, latent_dim); for all else see `generate`."""
        check_whole_numbers(batch_size=batch_size)
        self.check_latents(latents)
        labels = check_labels(len(latents), labels, self.num_classes)
        batches = []
        for start in range(0, len(latents), batch_size):
            part = slice(start, start + batch_size)
            options["labels"] = None if labels is None else labels[part]
            images = self(latents[part], **options)
            batches.append(np.asarray(export.to_uint8(images) if self.makes_images else images))
        return np.concatenate(batches)

    def check_latents(self, latents, labels=None):
        """Raises InputError unless latents are (N, latent_dim), N at least 1, and labels theirs.

        Labels in a graph, whose values are not known yet, are not checked.
        """
        shape = tuple(latents.shape)
        if len(shape) != 2 or shape[1] != self.latent_dim or shape[0] == 0:
            raise InputError(
                f"The latents of a {type(self).__name__} have here the shape "
                f"(N, {self.latent_dim}). Received: {shape}."
            )
        if hasattr(labels, "numpy") or isinstance(labels, Integral | list | tuple | np.ndarray):
            check_labels(shape[0], labels, self.num_classes)

    def preview(self, count=None, seed=0, labels=None):
        """Returns (images, columns): what sample grids draw; see `GenerativeModel`.

        Args:
            count: Number of samples. Default: 64, or 10 of each class. A conditional model draws
                whole rows, one class each, at least one image of each.
            seed: Int seed of the latents. Default: 0.
            labels: Classes to draw instead of all, one for each image.

        Raises:
            InputError: If `labels` are not the model's, or are not `count`.
        """
        if labels is not None:
            count = np.size(labels) if count is None else count
            return self.generate(count, seed, labels), None
        if not self.num_classes:
            return self.generate(64 if count is None else count, seed), None
        columns = 10 if count is None else max(1, count // self.num_classes)
        labels = np.repeat(np.arange(self.num_classes), columns)
        return self.generate(len(labels), seed, labels), columns

    def alternatives(self, count, seed):
        """Returns samples of `count` latents: one group, or one for each of some classes."""
        if not self.num_classes:
            return [self.generate(count, seed)]
        # At least 8 of each class that is looked at, since pairs within a class are compared.
        labels = np.arange(count) % min(self.num_classes, max(1, count // 8))
        samples = self.generate(count, seed, labels)
        return [samples[labels == label] for label in np.unique(labels)]

    def signatures(self):
        """Returns the signatures of a SavedModel.

        `serving_default`: latents float32 (N, latent_dim) -> images float32 (N, ...) in [-1, 1].
        `generate`: count int32 and seed int32 scalars -> images uint8 (count, ...), the images of
        `generate(count, seed=seed)`; points stay float32. A conditional model's signatures also
        take `labels`, int32 (N,).
        """
        labels = [tf.TensorSpec((None,), "int32", "labels")] if self.num_classes else []

        def images_from_latents(latents, labels=None):
            return self(latents, labels=labels)

        def images_from_seed(count, seed, labels=None):
            images = self(self.latents_of(count, seed), labels=labels)
            return export.to_uint8(images) if self.makes_images else images

        latents = tf.TensorSpec((None, self.latent_dim), "float32", "latents")
        scalars = [tf.TensorSpec((), "int32", name) for name in ("count", "seed")]
        return {
            "serving_default": (images_from_latents, [latents, *labels]),
            "generate": (images_from_seed, [*scalars, *labels]),
        }


def inputs(network, x, labels):
    """Returns what a network takes: x, or [x, labels] if it has a second input."""
    if len(network.inputs) == 1:
        return x
    if labels is None:
        raise InputError(f"A conditional {network.name} takes `labels` (N,). Received: none.")
    return [x, labels]
