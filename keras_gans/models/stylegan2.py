"""StyleGAN2: a mapping to styles, modulated kernels, and a generator that is kept smooth."""

import keras
import numpy as np
from keras import ops

from keras_gans import losses
from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.models.style_based import StyleBased
from keras_gans.networks import stylegan2
from keras_gans.networks.sizes import SIZES, check_shape
from keras_gans.penalties import R1, R2
from keras_gans.training.gradients import input_gradient


@keras.saving.register_keras_serializable("keras_gans")
class StyleGAN2(StyleBased):
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
        penalties: See `GAN`. Default: `[R1(gamma, every=16)]`; for a loss that pairs images
            `[R1(gamma, every=8), R2(gamma, every=8)]`, as they need it (R3GAN).
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of a latent and of a style. Default: 128; the paper: 512.
        filters: Feature maps at the full size, which double at each halving. Default: 16; the
            paper: 32 for 1024 pixels, StyleGAN2-ADA 256 for 64 pixels and 64 for 256.
        max_filters: The most feature maps of a layer. Default: 128; the paper: 512.
        mapping_layers: Layers of the mapping. Default: 2, as StyleGAN2-ADA; the paper: 8.
        half_sizes: See `networks.stylegan2.generator`. Default: 4.
        bounded: See `networks.stylegan2.generator`; without it the first images are far from those
            of the data, and much of a short training is lost. Default: False (the paper).
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
    average by images, gradients that are clamped if they are not finite (in float16 the loss scale
    leaves such a step out). Ours: small networks by default; a lazy regulariser joins the loss of
    its step, where theirs takes a step of its own (and rate and betas are corrected for it); both
    players learn from the same generated images (`reuse_fakes`); the average begins with a decay
    of at most (1 + step) / (10 + step), where theirs has its half-life from the start (StyleGAN2)
    or one of at most a twentieth of the images seen (StyleGAN2-ADA).
    """

    image_sizes = SIZES
    gradient_limit = 1e5

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
        bounded=False,
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
            generator = stylegan2.generator(image_shape, *sizes, bounded=bounded, **options)
        if discriminator is None:
            discriminator = stylegan2.discriminator(image_shape, filters, max_filters, **options)
        if penalties is None:
            height, width, _ = check_shape(tuple(discriminator.inputs[0].shape[1:]), 3)
            gamma = 0.0002 * height * width / 32 if gamma is None else gamma
            paired = losses.get(loss).paired
            penalties = [R1(gamma, 8), R2(gamma, 8)] if paired else [R1(gamma, every=16)]
        engine |= {"num_classes": num_classes, "ema_images": ema_images, "seed": seed}
        super().__init__(generator, discriminator, loss, penalties, **engine)
        if {"mapping", "synthesis"} - {layer.name for layer in generator.layers}:
            raise InputError(
                'The generator of a StyleGAN2 has layers "mapping" and "synthesis". Received: '
                f"{', '.join(layer.name for layer in generator.layers)}."
            )
        self.mixing = mixing
        self.path_weight, self.path_every = path_weight, path_every
        *_, self.num_styles, size = generator.get_layer("synthesis").input_shape
        self.mean_style = self.add_mean("mean_style", (size,))
        self.mean_path = self.add_mean("mean_path")
        self.trackers["path_length"] = keras.metrics.Mean("path_length")

    def default_optimizers(self):
        """Returns Adam(0.0025, 0, 0.99) for both players."""
        return {p: keras.optimizers.Adam(0.0025, 0.0, 0.99, epsilon=1e-8) for p in self.players()}

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
            images = self.synthesis(self.generator)(styles, training=True)
            return ops.sum(ops.cast(images, "float32") * noise, axis=(1, 2, 3))

        # Without a loss scale: one that is too high once would stay in the average.
        squares = ops.sum(ops.square(input_gradient(products, styles)), axis=2)
        lengths = ops.sqrt(ops.mean(squares, axis=1) + 1e-12)
        mean = self.mean_path + 0.01 * (ops.mean(lengths) - self.mean_path)
        return self.path_weight * ops.mean(ops.square(lengths - mean)), mean

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        own = {name: getattr(self, name) for name in ("path_weight", "path_every", "mixing")}
        return super().get_config() | own
