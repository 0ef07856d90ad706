"""What models share that make images from images: translation, previews, signatures, data."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import check_images, check_training_images
from keras_gans.data.prepare import prepare, prepare_all
from keras_gans.errors import InputError
from keras_gans.layers.noise_dropout import NoiseDropout, noise
from keras_gans.networks.sizes import check_shape
from keras_gans.training import average, export, tiles
from keras_gans.training.model import GenerativeModel

EXAMPLES = 8
"""Images of each domain that sample grids show."""

OTHER = {"a": "b", "b": "a"}
"""The domain that images of a domain are made from."""

BATCH = 16
"""The most images of one size that are translated at once."""


class TranslationModel(GenerativeModel):
    """Base class of models that bring images of domain a to domain b, and perhaps back.

    Args:
        translators: {domain: built Keras model that makes images of it from images of the other},
            of "b" alone or of "b" and "a".
        image_shape: (height, width, channels) of the images of b to train on.
        input_channels: Channels of the images of a; None for as many.
        size_step: What height and width of the translators' images are multiples of.
        least_side: The least height and width of an image.
        ema_decay: Decay of the translators' moving averages, 0..1, or None for no average.
        seed: Int seed of what is drawn while training.
        logs: Names of the means that are shown while training.

    Attributes:
        data_kind: Which data it trains on: "unpaired" or "pairs".
        shapes: {domain: (height, width, channels)} of the images to train on.
    """

    data_kind = None
    images_to_meet = EXAMPLES

    def __init__(
        self,
        translators,
        image_shape,
        input_channels,
        size_step,
        least_side,
        ema_decay,
        seed,
        logs,
        **kwargs,
    ):
        super().__init__(seed, ema_decay, logs, **kwargs)
        self.image_shape = check_shape(image_shape, 3)
        *sides, channels = self.image_shape
        self.shapes = {"a": (*sides, input_channels or channels), "b": self.image_shape}
        check_whole_numbers(size_step=size_step, least_side=least_side)
        # What is widened to a multiple is mirrored by up to half of a step.
        least_side = max(least_side, size_step // 2 + 1)
        self.size_step, self.least_side = size_step, least_side
        if min(sides) < least_side or any(side % size_step for side in sides):
            raise InputError(
                f"Height and width of `image_shape` must be multiples of {size_step}, and at least "
                f"{least_side}. Received: {self.image_shape}."
            )
        for network in translators.values():
            self._check_step(network)
        self.translators = translators
        self.average_translators = {
            domain: average.clone(network) if ema_decay else network
            for domain, network in translators.items()
        }
        # They belong to the model, so that its pictures are the same wherever it is loaded.
        self.examples = {
            domain: self.add_weight(
                shape=(EXAMPLES, *shape),
                initializer="zeros",
                dtype="uint8",
                trainable=False,
                name=f"examples_{domain}",
            )
            for domain, shape in self.shapes.items()
        }

    def _check_step(self, network):
        """Raises InputError if a translator fails at a size that is a multiple of `size_step`."""
        inputs = getattr(network, "inputs", None) or ()
        if not any(x.shape[1:3] == (None, None) for x in inputs):
            return  # It takes one size only, or does not tell.
        for more in (0, self.size_step):
            sides = height, width = [side + more for side in self.image_shape[:2]]
            given = []
            for x in inputs:
                _, *shape = x.shape
                shape[:2] = sides if shape[:2] == [None, None] else shape[:2]
                given.append(keras.KerasTensor((1, *shape), x.dtype))
            given = keras.tree.pack_sequence_as(network.input, given)
            try:
                made = network.compute_output_spec(given).shape[1:3]
                fits = all(a in (None, b) for a, b in zip(made, sides, strict=True))
            except ValueError:
                fits = False
            if not fits:
                raise InputError(
                    "`size_step` is what height and width of a translator's images are multiples "
                    f"of: 2^depth of a U-Net. Received: {self.size_step} and a translator that "
                    f"does not keep the size of {width}x{height} pixels."
                )

    def averages(self):
        """Returns the translators' averages, if they are kept."""
        pairs = [(self.average_translators[k], self.translators[k]) for k in self.translators]
        return pairs if self.ema_decay else []

    def inference_networks(self):
        """Returns the averaged translators; that to domain b comes first."""
        return list(self.average_translators.values())

    @classmethod
    def from_data(cls, data, seed=0, **options):
        """Makes the model that fits what `kg.data.unpaired` or `kg.data.pairs` returned.

        Args:
            data: The data set.
            seed: Int seed of weights and of what is drawn. Default: 0.
            **options: Arguments of the class.

        Returns:
            The model, not compiled.

        Raises:
            InputError: If the method cannot be trained on the data, or an option is out of range.
        """
        kind = data.config.get("kind", "images")
        if kind != cls.data_kind:
            raise InputError(f"{cls.__name__} trains on {cls.data_kind}. Received: {kind}.")
        if getattr(data, "num_labels", None) and "labels" not in options:
            raise InputError(
                "Pairs with `labels` (--labels) are label maps and images, for a GauGAN. "
                f"Received: {cls.__name__}."
            )
        shapes = {"image_shape": tuple(data.image_shape)}
        if data.input_shape[-1] != data.image_shape[-1]:
            shapes["input_channels"] = data.input_shape[-1]
        return cls(seed=seed, **shapes | options)

    def meet(self, batch, in_range):
        """Checks the first batch of both domains and keeps some to show; see `Resumable`."""
        *domains, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if domains[1] is None or weights is not None:
            found = "images" if weights is None else "three parts"
            raise InputError(
                f"{type(self).__name__} trains on (images of a, images of b). Received: {found}."
            )
        for (domain, shape), images in zip(self.shapes.items(), domains, strict=True):
            check_training_images(np.asarray(images), shape, in_range)
            images = ops.convert_to_tensor(images[:EXAMPLES], "float32")
            # Fewer are repeated, which `preview` notices.
            shown = np.resize(export.to_uint8(images), (EXAMPLES, *shape))
            self.examples[domain].assign(shown)

    def unpack(self, data):
        """Returns a batch's images of domain a and of domain b."""
        a, b, _ = keras.utils.unpack_x_y_sample_weight(data)
        return tuple(ops.cast(ops.convert_to_tensor(x), "float32") for x in (a, b))

    def call(self, images, to="b", seed=None, training=False, **options):
        """Returns images of a domain, float32 in [-1, 1], made of such images of the other.

        Args:
            images: Float (N, height, width, channels) in [-1, 1], of any size of at least
                `least_side`; others than its multiples are widened by their reflection on the way.
            to: Domain of the result. Default: "b".
            seed: Int or integer tensor of what `layers.NoiseDropout` drops. Default: None, nothing.
            training: Of no effect: the average is for use, not for training.
            **options: What else a model takes, see its `paint`.
        """
        height, width = ops.shape(images)[1:3]
        borders = [
            (side // 2, side - side // 2)
            for side in (-height % self.size_step, -width % self.size_step)
        ]
        padded = tf.pad(images, [(0, 0), *borders, (0, 0)], "REFLECT")
        made = ops.cast(self.paint(padded, to, seed, **options), "float32")
        (top, _), (left, _) = borders
        return made[:, top : top + height, left : left + width]

    def paint(self, images, to, seed):
        """Returns what the averaged translator makes of images of a size that it takes."""
        with noise(seed):
            return self.average_translators[to](images)

    def translate(self, images, to="b", seed=None, tile=512, verbose=False, **options):
        """Brings images to the other domain.

        Args:
            images: uint8 (N, height, width, channels), or a list of arrays (height, width,
                channels) of any sizes of at least `least_side`.
            to: Domain of the result, "b" or, of models that know the way back, "a". Default: "b".
            seed: Int of the noise of models that have some, such as Pix2Pix: the same image and
                seed give the same result. Default: None, no noise.
            tile: Larger images are translated in overlapping tiles of this side, at least
                `least_side`, which bounds the memory, and blended. The statistics of instance
                normalisation are those of each tile. Default: 512.
            verbose: Whether to show the progress of many tiles. Default: False.
            **options: What else a model takes, see its `paint`.

        Returns:
            NumPy uint8 images of the same sizes, as an array or as a list.

        Raises:
            InputError: If there is no such domain, or an image is of another kind or too small.
        """
        if to not in self.translators:
            raise InputError(
                f"`to` is one of {', '.join(self.translators)} for a {type(self).__name__}. "
                f"Received: {to!r}."
            )
        check_whole_numbers(tile=tile)
        other, tile = OTHER[to], max(tile, self.least_side)

        def bring(batch):
            made = self(ops.cast(batch, "float32") / 127.5 - 1, to=to, seed=seed, **options)
            return np.asarray(export.to_uint8(made))

        if not isinstance(images, list):
            images = check_images(np.asarray(images))
            self._check_image(images[0], other)
            height, width = images.shape[1:3]
            if max(height, width) <= tile:
                # Keras keeps the features of all layers: those of a tile's pixels at a time.
                count = max(1, min(BATCH, tile**2 // (height * width)))
                parts = range(0, len(images), count)
                return np.concatenate([bring(images[k : k + count]) for k in parts])
            tiled = (list(images), to, seed, tile, verbose)
            return np.stack(TranslationModel.translate(self, *tiled, **options))
        for image in images:
            self._check_image(image, other)

        def bring_one(image):
            made = tiles.map_tiles(lambda part: bring(part[None])[0], image, tile, verbose)
            return np.rint(made).astype("uint8")

        return [bring_one(image) for image in images]

    def as_input(self, image, domain):
        """Returns an image of any source as what is to be translated.

        Args:
            image: uint8 (height, width, 1 or 3).
            domain: Where it belongs.

        Returns:
            uint8 (height, width, channels of the domain).

        Raises:
            InputError: If the model cannot know what it means.
        """
        return prepare(image, channels=self.shapes[domain][-1])

    def _check_image(self, image, domain):
        channels = self.shapes[domain][-1]
        is_image = getattr(image, "ndim", 0) == 3 and image.dtype == np.uint8
        if not is_image or image.shape[-1] != channels or min(image.shape) < 1:
            raise InputError(
                f"Images to translate are uint8 arrays (height, width, {channels}). "
                f"Received: {getattr(image, 'dtype', type(image).__name__)} of shape "
                f"{np.shape(image)}."
            )
        if min(image.shape[:2]) < self.least_side:
            raise InputError(
                f"Images to translate have at least {self.least_side} pixels on each side. "
                f"Received: {image.shape[1]}x{image.shape[0]}."
            )

    @property
    def has_noise(self):
        """Whether a translator has layers that drop features in use, see `translate`."""
        networks = self.translators.values()
        return any(isinstance(x, NoiseDropout) for n in networks for x in n._flatten_layers())

    def signatures(self):
        """Returns the signatures of a SavedModel, for images of any size.

        `serving_default`: float32 (N, height, width, channels) in [-1, 1] -> such images of b.
        `to_b`, and `to_a` of models that know the way back: uint8 -> uint8, as `translate`. Of
        models with noise also `to_b_from_seed`: with a `seed`, int32 scalar. They never cut images
        into tiles, so their results are those of `translate` up to the size of one tile.
        """

        def bring(to, images, seed=None):
            images = ops.cast(images, "float32") / 127.5 - 1
            return export.to_uint8(self(images, to=to, seed=seed))

        def images(domain, dtype):
            return tf.TensorSpec((None, None, None, self.shapes[domain][-1]), dtype, "images")

        found = {"serving_default": (self.call, [images("a", "float32")])}
        for to in self.translators:
            specs = [images(OTHER[to], "uint8")]
            found[f"to_{to}"] = (functools.partial(bring, to), specs)
            if self.has_noise:
                specs = [*specs, tf.TensorSpec((), "int32", "seed")]
                found[f"to_{to}_from_seed"] = (functools.partial(bring, to), specs)
        return found

    def export(self, filepath, format="tf_saved_model", verbose=True, **kwargs):
        """Writes the model for inference; see `GenerativeModel`.

        ONNX and LiteRT files have the translator to domain b with its own inputs: images in [-1, 1]
        and, of a GauGAN, latents. That of ONNX takes sizes that are multiples of `size_step`, that
        of LiteRT one image of the size that was trained on.
        """
        if format == "litert":
            inputs = [
                keras.KerasTensor(
                    (1, *(self.shapes["a"] if None in x.shape[1:] else x.shape[1:])),
                    "float32",
                    name=x.name,
                )
                for x in self.inference_networks()[0].inputs
            ]
            # Several inputs are one argument, a list.
            inputs = inputs if len(inputs) == 1 else [inputs]
            kwargs = {"input_signature": inputs, **kwargs}
        super().export(filepath, format, verbose, **kwargs)

    def preview(self, count=None, seed=0, labels=None):
        """Returns rows of images of the data, of their translations and of what they become back.

        Where there is no way back, the third row has the images that were wanted.
        """
        columns = self._examples_met()
        columns = columns if count is None else max(1, min(columns, count // 3))
        known = {domain: np.asarray(each)[:columns] for domain, each in self.examples.items()}
        rows = []
        for to in self.translators:
            other = OTHER[to]
            made = self.translate(known[other], to)
            back = self.translate(made, other) if other in self.translators else known[to]
            end = other if other in self.translators else to
            rows += [self.shown(*row) for row in ((known[other], other), (made, to), (back, end))]
        channels = max(row.shape[-1] for row in rows)
        return np.concatenate([prepare_all(row, channels=channels) for row in rows]), columns

    def _examples_met(self):
        """Returns how many examples there are before they are repeated."""
        pairs = [np.asarray(each).reshape(EXAMPLES, -1) for each in self.examples.values()]
        pairs = np.concatenate(pairs, axis=1)
        numbers = range(1, EXAMPLES)
        repeated = (n for n in numbers if np.array_equal(pairs[n:], pairs[:-n]))
        return next(repeated, EXAMPLES)

    def shown(self, images, domain):
        """Returns images of a domain as they are to be looked at."""
        return images

    def get_config(self, **arguments):
        """Returns all that makes the same model, but for the weights."""
        own = {n: getattr(self, n) for n in ("image_shape", "size_step")}
        return super().get_config(**own, **arguments)
