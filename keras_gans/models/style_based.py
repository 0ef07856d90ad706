"""What StyleGAN and StyleGAN2 share: mixed styles in training, truncation and mixing in use."""

import contextlib

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_labels
from keras_gans.errors import InputError
from keras_gans.layers.noise_injection import without_noise
from keras_gans.models.gan import GAN, Fakes
from keras_gans.training import export
from keras_gans.training.gradients import Recording
from keras_gans.training.latent_model import inputs

PARTS = ("coarse", "middle", "fine")
"""What the styles of a third of the layers set: pose and shape, parts, colours."""


class StyleBased(GAN):
    """A GAN whose generator is a mapping w = f(z) and a synthesis of images from styles.

    A subclass sets `num_styles`, the layers that have styles; `mixing`, how often images have the
    styles of two latents in training, in 0..1; and `mean_style`, by `add_mean`.
    """

    def mapping(self, generator):
        """Returns a generator's network from latents to styles (N, w_dim)."""
        return generator.get_layer("mapping")

    def synthesis(self, generator):
        """Returns a generator's network from styles (N, layers, w_dim) to images."""
        return generator.get_layer("synthesis")

    def styles_at_work(self):
        """Returns how many layers have an effect, an int of at least 2."""
        return self.num_styles

    def add_mean(self, name, shape=()):
        """Adds a variable, a moving average over all replicas, that starts at 0."""
        options = {"trainable": False, "aggregation": "mean", "name": name}
        return self.add_weight(shape, "zeros", **options)

    def draw(self, real, labels=None):
        """Returns the generator's recorded pass on new latents with mixed styles; see `GAN`."""
        latents = self.latents(ops.shape(real)[0])
        recording = Recording(_Painter(self), [latents, labels])
        return recording, Fakes(recording.outputs, latents, labels)

    def styles(self, latents, labels=None):
        """Returns styles for training (N, layers, w_dim), mixed, and those of the latents."""
        mapping = self.mapping(self.generator)
        own = mapping(inputs(mapping, latents, labels))
        styles = ops.repeat(own[:, None], self.num_styles, axis=1)
        if not self.mixing:
            return styles, own
        count, seed = ops.shape(latents)[0], self.seed_generator
        other = mapping(inputs(mapping, self.latents(count), labels))[:, None]
        # The first layers, one at least, have the latent's own style.
        first = keras.random.randint((count, 1), 1, self.styles_at_work(), seed=seed)
        mixed = keras.random.uniform((count, 1), seed=seed) < self.mixing
        takes_other = mixed & (ops.arange(self.num_styles) >= first)
        return ops.where(takes_other[..., None], other, styles), own

    def map(self, latents, labels=None, truncation=1.0, layers=None):
        """Returns the styles of latents, as the averaged mapping has them.

        Args:
            latents: Float (N, latent_dim), standard normal.
            labels: Integer (N,), or one for all; of conditional models.
            truncation: psi: styles are mean + psi (w - mean), so that 0 is the mean. Default: 1.
            layers: How many layers, from the first, have truncated styles. Default: None, all.

        Returns:
            Float32 (N, layers, w_dim).
        """
        self.check_latents(latents, labels)
        mapping, latents = self.mapping(self.average_generator), ops.convert_to_tensor(latents)
        styles = mapping(inputs(mapping, latents, self.classes_of(latents, labels)))
        styles = ops.repeat(styles[:, None], self.num_styles, axis=1)
        count = self.num_styles if layers is None else layers
        kept = ops.where(ops.arange(self.num_styles) < count, truncation, 1.0)[:, None]
        return self.mean_style + kept * (styles - self.mean_style)

    def synthesize(self, styles, noise=True):
        """Returns the images of styles, as the averaged synthesis makes them.

        Args:
            styles: Float (N, layers, w_dim), see `map`.
            noise: Whether there is noise, always the same, or none. Default: True.

        Returns:
            Float32 (N, height, width, channels), differentiable, mostly in [-1, 1].
        """
        size = self.mean_style.shape[-1]
        if tuple(styles.shape[1:]) != (self.num_styles, size):
            raise InputError(
                f"The styles of a {type(self).__name__} have here the shape (N, {self.num_styles}, "
                f"{size}), as `map` makes them. Received: {tuple(styles.shape)}."
            )
        with contextlib.nullcontext() if noise else without_noise():
            images = self.synthesis(self.average_generator)(ops.convert_to_tensor(styles))
        return ops.cast(images, "float32")

    def images_of_styles(self, styles, batch_size=64):
        """Returns the uint8 images of styles (N, layers, w_dim), so many at a time."""
        parts = range(0, len(styles), batch_size)
        images = [export.to_uint8(self.synthesize(styles[k : k + batch_size])) for k in parts]
        return np.concatenate(images)

    def call(self, latents, labels=None, training=False, truncation=1.0, noise=True):
        """Returns the averaged generator's images in inference mode; see `map`, `synthesize`."""
        return self.synthesize(self.map(latents, labels, truncation), noise)

    def mix(self, rows, columns, part="coarse", truncation=1.0, labels=None):
        """Makes images with some styles of one latent and all others of another.

        Args:
            rows: Latents (R, latent_dim) of most styles.
            columns: Latents (C, latent_dim) of the styles of `part`.
            part: "coarse", "middle" or "fine", a third each of the layers that have an effect, the
                first ones one more if it does not come out even; or a `slice` of all layers.
            truncation: See `map`. Default: 1.
            labels: One class for all, or R + C of them, those of the rows first; only for
                conditional models. Default: every class in turn.

        Returns:
            NumPy uint8 (R, C, height, width, channels).

        Raises:
            InputError: If there is no such part, or `labels` are not the model's.
        """
        thirds = np.array_split(np.arange(self.styles_at_work()), len(PARTS))
        parts = dict(zip(PARTS, thirds, strict=True))
        if not isinstance(part, slice) and part not in parts:
            raise InputError(f"`part` is one of {', '.join(PARTS)}. Received: {part!r}.")
        if not isinstance(part, slice) and not len(parts[part]):
            raise InputError(
                "A part is a third of the layers that have an effect, of three at least. "
                f"Received: {part!r} of {self.styles_at_work()}."
            )
        count = len(rows)
        labels = check_labels(count + len(columns), labels, self.num_classes)
        first, rest = (None, None) if labels is None else (labels[:count], labels[count:])
        chosen = np.zeros((self.num_styles, 1), bool)
        chosen[part if isinstance(part, slice) else parts[part]] = True
        of_rows = self.map(rows, first, truncation)
        of_columns = self.map(columns, rest, truncation)
        return np.stack(
            [
                export.to_uint8(self.synthesize(ops.where(chosen, of_columns, row)))
                for row in of_rows
            ]
        )

    def signatures(self):
        """Returns those of `LatentModel`, and both networks.

        `map`: latents and `truncation`, a float32 scalar (labels too, if conditional) -> styles
        float32 (N, layers, w_dim). `synthesize`: styles -> images float32.
        """
        latents = tf.TensorSpec((None, self.latent_dim), "float32", "latents")
        truncation = tf.TensorSpec((), "float32", "truncation")
        labels = [tf.TensorSpec((None,), "int32", "labels")] if self.num_classes else []
        # Networks of one's own may have styles of another size than the latents.
        shape = (None, self.num_styles, self.mean_style.shape[-1])
        styles = tf.TensorSpec(shape, "float32", "styles")

        def map_(latents, truncation, labels=None):
            return self.map(latents, labels, truncation)

        def synthesize(styles):
            return self.synthesize(styles)

        return super().signatures() | {
            "map": (map_, [latents, truncation, *labels]),
            "synthesize": (synthesize, [styles]),
        }


class _Painter:
    """The mapping, the mixing of styles and the synthesis as one network."""

    def __init__(self, gan):
        self._gan = gan
        self.trainable_variables = gan.trainable("generator")

    def __call__(self, inputs, training):
        gan = self._gan
        styles, own = gan.styles(*inputs)
        mean = ops.mean(own, axis=0)
        gan.mean_style.assign(mean + 0.995 * (gan.mean_style - mean))
        return gan.synthesis(gan.generator)(styles, training=training)
