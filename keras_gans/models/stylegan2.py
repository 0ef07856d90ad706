"""StyleGAN2: a mapping to styles, modulated kernels, and a generator that is kept smooth."""

import contextlib

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.noise_injection import without_noise
from keras_gans.models.gan import GAN, Fakes
from keras_gans.networks import stylegan2
from keras_gans.networks.sizes import SIZES, check_shape
from keras_gans.penalties import R1
from keras_gans.training import export
from keras_gans.training.gradients import Recording, input_gradient
from keras_gans.training.latent_model import inputs

PARTS = ("coarse", "middle", "fine")
"""What the styles of a third of the layers set: pose and shape, parts, colours."""


@keras.saving.register_keras_serializable("keras_gans")
class StyleGAN2(GAN):
    """A generator that is two networks: a mapping w = f(z), and a synthesis of images from styles.

    Each layer of the synthesis takes a style of its own, in training sometimes from two latents
    (style mixing). The discriminator has R1 at every 16th step, and the generator at every 8th

        path_weight E[(|J' y| - a)^2],  J' y = gradient of sum(G(w) y) with respect to w

    for images y of N(0, 1 / pixels) and a moving average a of these lengths, so that a step in w is
    a step of fixed size in the image.

    `map` and `synthesize` are the two networks in use, `mix` shows what which layers do, and
    `generate(truncation=0.7)` takes styles nearer to the mean: better images, fewer kinds.

    Args:
        generator: Built Keras model with layers "mapping" and "synthesis", see
            `networks.stylegan2.generator`. Default: that.
        discriminator: See `GAN`. Default: `networks.stylegan2.discriminator`.
        loss: See `GAN`. Default: "non_saturating".
        penalties: See `GAN`. Default: `[R1(gamma, every=16)]`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of a latent and of a style. Default: 128; the paper: 512.
        filters: Feature maps at the full size, which double at each halving. Default: 16; the
            paper: 32 for 1024 pixels, StyleGAN2-ADA 256 for 64 pixels and 64 for 256.
        max_filters: The most feature maps of a layer. Default: 128; the paper: 512.
        mapping_layers: Layers of the mapping. Default: 2, as StyleGAN2-ADA; the paper: 8.
        half_sizes: See `networks.stylegan2.generator`. Default: 4.
        num_classes: See `GAN`. Default: None.
        gamma: Weight of R1. Default: None, StyleGAN2-ADA's 0.0002 height width / 32.
        path_weight: Weight of the path length, at least 0. Default: 2.
        path_every: Its lazy interval. Default: 8; StyleGAN2-ADA: 4.
        mixing: How often images have two styles, in 0..1. Default: 0.9.
        ema_images: See `GAN`. Default: 10,000, as StyleGAN2.
        seed: See `GAN`. Default: 0.
        **engine: The other arguments of `GAN`, such as `augmentation=keras_gans.augment.ADA()`.

    Raises:
        InputError: If an argument is out of range, or the networks are of another kind.

    Example:
        >>> ada = keras_gans.augment.ADA()
        >>> gan = keras_gans.StyleGAN2(image_shape=(64, 64, 3), augmentation=ada)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("faces/", image_size=64), epochs=100)
        >>> images = gan.generate(16, truncation=0.7)

    Reference: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020. Matched
    to the authors' code of StyleGAN2-ADA: networks, gains and initial weights (config F has the
    numbers of their parameters), the loss and both regularisers, mixing, Adam(0.0025, 0, 0.99), the
    average by images. Ours: small networks by default; a lazy regulariser joins the loss of its
    step, where theirs takes a step of its own (and rate and betas are corrected for it); both
    players learn from the same generated images (`reuse_fakes`).
    """

    image_sizes = SIZES

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        penalties=None,
        *,
        image_shape=None,
        latent_dim=128,
        filters=16,
        max_filters=128,
        mapping_layers=2,
        half_sizes=4,
        num_classes=None,
        gamma=None,
        path_weight=2.0,
        path_every=8,
        mixing=0.9,
        ema_images=10_000,
        seed=0,
        **engine,
    ):
        check_numbers(0, path_weight=path_weight)
        check_numbers(0, 1, mixing=mixing)
        check_whole_numbers(path_every=path_every)
        options = {"half_sizes": half_sizes, "seed": seed, "num_classes": num_classes}
        if generator is None:
            sizes = (latent_dim, filters, max_filters, mapping_layers)
            generator = stylegan2.generator(image_shape, *sizes, **options)
        if discriminator is None:
            discriminator = stylegan2.discriminator(image_shape, filters, max_filters, **options)
        if penalties is None:
            height, width, _ = check_shape(tuple(discriminator.inputs[0].shape[1:]), 3)
            gamma = 0.0002 * height * width / 32 if gamma is None else gamma
            penalties = [R1(gamma, every=16)]
        engine |= {"num_classes": num_classes, "ema_images": ema_images, "seed": seed}
        super().__init__(generator, discriminator, loss, penalties, **engine)
        if {"mapping", "synthesis"} - {layer.name for layer in generator.layers}:
            raise InputError(
                'The generator of a StyleGAN2 has layers "mapping" and "synthesis". Received: '
                f"{', '.join(layer.name for layer in generator.layers)}."
            )
        self.path_weight, self.path_every, self.mixing = path_weight, path_every, mixing
        *_, self.num_styles, size = generator.get_layer("synthesis").input_shape
        options = {"trainable": False, "aggregation": "mean"}
        self.mean_style = self.add_weight((size,), "zeros", name="mean_style", **options)
        self.mean_path = self.add_weight((), "zeros", name="mean_path", **options)
        self.trackers["path_length"] = keras.metrics.Mean("path_length")

    def default_optimizers(self):
        """Returns Adam(0.0025, 0, 0.99) for both players."""
        return {p: keras.optimizers.Adam(0.0025, 0.0, 0.99, epsilon=1e-8) for p in self.players()}

    def draw(self, real, labels=None):
        """Returns the generator's recorded pass on new latents with mixed styles; see `GAN`."""
        latents = self.latents(ops.shape(real)[0])
        recording = Recording(_Painter(self), [latents, labels])
        return recording, Fakes(recording.outputs, latents, labels)

    def styles(self, latents, labels=None):
        """Returns styles for training (N, layers, latent_dim), mixed, and those of the latents."""
        mapping = self.generator.get_layer("mapping")
        own = mapping(inputs(mapping, latents, labels))
        styles = ops.repeat(own[:, None], self.num_styles, axis=1)
        if not self.mixing:
            return styles, own
        count, seed = ops.shape(latents)[0], self.seed_generator
        other = mapping(inputs(mapping, self.latents(count), labels))[:, None]
        # The first layers, one at least, have the latent's own style.
        first = keras.random.randint((count, 1), 1, self.num_styles, seed=seed)
        mixed = keras.random.uniform((count, 1), seed=seed) < self.mixing
        takes_other = mixed & (ops.arange(self.num_styles) >= first)
        return ops.where(takes_other[..., None], other, styles), own

    def generator_penalties(self, fakes):
        """Returns the path length's term, at each `path_every`-th step."""
        if not self.path_weight:
            return {}
        iterations = self.generator_optimizer.iterations
        term, mean = ops.cond(
            iterations % self.path_every == 0,
            lambda: self.path_length(fakes),
            lambda: (ops.zeros(()), ops.convert_to_tensor(self.mean_path)),
        )
        self.mean_path.assign(mean)
        return {"path_length": self.path_every * term}

    def path_length(self, fakes):
        """Returns the path length's term on half of a batch, and the moving average after it."""
        count = (ops.shape(fakes.latents)[0] + 1) // 2
        labels = None if fakes.labels is None else fakes.labels[:count]
        styles, _ = self.styles(self.latents(count), labels)
        height, width, _ = self.image_shape
        noise = keras.random.normal((count, *self.image_shape), seed=self.seed_generator)
        noise /= np.sqrt(height * width)

        def products(styles):
            images = self.generator.get_layer("synthesis")(styles, training=True)
            return ops.sum(ops.cast(images, "float32") * noise, axis=(1, 2, 3))

        # Without a loss scale: one that is too high once would stay in the average.
        squares = ops.sum(ops.square(input_gradient(products, styles)), axis=2)
        lengths = ops.sqrt(ops.mean(squares, axis=1) + 1e-12)
        mean = self.mean_path + 0.01 * (ops.mean(lengths) - self.mean_path)
        return self.path_weight * ops.mean(ops.square(lengths - mean)), mean

    def map(self, latents, labels=None, truncation=1.0, layers=None):
        """Returns the styles of latents, as the averaged mapping has them.

        Args:
            latents: Float (N, latent_dim), standard normal.
            labels: Integer (N,), of conditional models.
            truncation: psi: styles are mean + psi (w - mean), so that 0 is the mean. Default: 1.
            layers: How many layers, from the first, have truncated styles. Default: None, all.

        Returns:
            Float32 (N, layers, latent_dim).
        """
        mapping = self.average_generator.get_layer("mapping")
        styles = mapping(inputs(mapping, latents, labels))
        styles = ops.repeat(styles[:, None], self.num_styles, axis=1)
        count = self.num_styles if layers is None else layers
        kept = ops.where(ops.arange(self.num_styles) < count, truncation, 1.0)[:, None]
        return self.mean_style + kept * (styles - self.mean_style)

    def synthesize(self, styles, noise=True):
        """Returns the images of styles, as the averaged synthesis makes them.

        Args:
            styles: Float (N, layers, latent_dim), see `map`.
            noise: Whether there is noise, always the same, or none. Default: True.

        Returns:
            Float32 (N, height, width, channels), differentiable, mostly in [-1, 1].
        """
        with contextlib.nullcontext() if noise else without_noise():
            images = self.average_generator.get_layer("synthesis")(styles)
        return ops.cast(images, "float32")

    def call(self, latents, labels=None, training=False, truncation=1.0, noise=True):
        """Returns the averaged generator's images in inference mode; see `map`, `synthesize`."""
        return self.synthesize(self.map(latents, labels, truncation), noise)

    def mix(self, rows, columns, part="coarse", truncation=1.0):
        """Makes images with some styles of one latent and all others of another.

        Args:
            rows: Latents (R, latent_dim) of most styles.
            columns: Latents (C, latent_dim) of the styles of `part`.
            part: "coarse", "middle" or "fine", a third of the layers each; or a `slice`.
            truncation: See `map`. Default: 1.

        Returns:
            NumPy uint8 (R, C, height, width, channels).

        Raises:
            InputError: If there is no such part, or the model is conditional.
        """
        third = -(-self.num_styles // 3)
        parts = {name: slice(k * third, (k + 1) * third) for k, name in enumerate(PARTS)}
        if not isinstance(part, slice) and part not in parts:
            raise InputError(f"`part` is one of {', '.join(PARTS)}. Received: {part!r}.")
        if self.num_classes:
            raise InputError("Only models without labels mix styles. Received: a conditional one.")
        chosen = np.zeros((self.num_styles, 1), bool)
        chosen[part if isinstance(part, slice) else parts[part]] = True
        of_rows, of_columns = (self.map(z, truncation=truncation) for z in (rows, columns))
        return np.stack(
            [
                export.to_uint8(self.synthesize(ops.where(chosen, of_columns, row)))
                for row in of_rows
            ]
        )

    def signatures(self):
        """Returns those of `LatentModel`, and both networks.

        `map`: latents and `truncation`, a float32 scalar (labels too, if conditional) -> styles
        float32 (N, layers, latent_dim). `synthesize`: styles -> images float32.
        """
        latents = tf.TensorSpec((None, self.latent_dim), "float32", "latents")
        truncation = tf.TensorSpec((), "float32", "truncation")
        labels = [tf.TensorSpec((None,), "int32", "labels")] if self.num_classes else []
        styles = tf.TensorSpec((None, self.num_styles, self.latent_dim), "float32", "styles")

        def map_(latents, truncation, labels=None):
            return self.map(latents, labels, truncation)

        def synthesize(styles):
            return self.synthesize(styles)

        return super().signatures() | {
            "map": (map_, [latents, truncation, *labels]),
            "synthesize": (synthesize, [styles]),
        }

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        own = {name: getattr(self, name) for name in ("path_weight", "path_every", "mixing")}
        return super().get_config() | own


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
        return gan.generator.get_layer("synthesis")(styles, training=training)
