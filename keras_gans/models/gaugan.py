"""GauGAN: label maps become images, in a style that can be chosen."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_numbers
from keras_gans.data.arrays import check_images
from keras_gans.data.label_maps import read_labels, to_labels
from keras_gans.errors import InputError
from keras_gans.losses.latent import kl_divergence
from keras_gans.models.pix2pix import Pix2Pix
from keras_gans.networks import patch_gan, spade
from keras_gans.networks.sizes import SIZES, check_shape
from keras_gans.training import export
from keras_gans.training.gradients import Recording
from keras_gans.training.strategy import as_logs


@keras.saving.register_keras_serializable("keras_gans")
class GauGAN(Pix2Pix):
    """Semantic image synthesis with spatially adaptive normalisation (SPADE).

    A `Pix2Pix` from label maps to images whose generator G(m, z) also takes a latent z of N(0, I):
    the style, which an encoder finds in an image. In training z is drawn from the encoder's
    q(z | b) for the image b that belongs to the map, and the generator minimises

        L = mean over sizes of L_G(D(m, G(m, z)))
          + feature_matching mean over sizes and layers of E|D_i(m, G(m, z)) - D_i(m, b)|
          + kl E KL(q(z | b) | N(0, I))  [+ l1 E|G(m, z) - b|]

    Label maps are grey images, label k being the grey level k, or images in the labels' colours.

    `translate(maps)` uses z = 0, with a seed a z drawn from it, and with `style` that of an image.

    Args:
        generator: Built Keras model from [maps, latents] to images, see `networks.spade.generator`.
            Default: that.
        discriminator: Built Keras model, see `networks.spade.discriminator`. Default: that.
        encoder: Built Keras model from images to [means, logarithms of variances] of latents.
            Default: `networks.spade.encoder`.
        loss: An `AdversarialLoss` or its name. Default: "hinge".
        image_shape: (height, width, channels) of the images to train on.
        labels: Number of labels, from 1 to 256, or their colours, see `keras_gans.data.pairs`.
        latent_dim: Size of the latent. Default: 64; the paper: 256.
        filters: Feature maps of the default networks at the full size. Default: 64.
        doublings: See `networks.spade.generator`. Default: None, as many as begin with 4 to 7
            pixels.
        blocks: See `networks.spade.generator`. Default: 2.
        hidden: See `layers.SPADE`. Default: 128.
        patch_depth: See `Pix2Pix`. Default: None, 3 (the authors) or as many as the images allow.
        scales: See `Pix2Pix`. Default: 2.
        adversarial: See `Pix2Pix`. Default: 1.
        l1: See `Pix2Pix`. Default: 0 (the paper).
        feature_matching: See `Pix2Pix`. Default: 40, the authors' 10 for the sum over 4 layers.
        kl: Weight of the KL term in nats per image, at least 0. Default: 0.05.
        size_step: What height and width are multiples of. Default: that of the default generator.
        ema_decay: See `Pix2Pix`. Default: None.
        **kwargs: `perceptual` and `perceptual_weight`, see `Pix2Pix`.
        seed: Seed of the initial weights of default networks and of latents. Default: 0.

    Raises:
        InputError: If an argument is out of range.

    Attributes:
        num_labels: Number of labels.
        palette: Their colours as lists of three numbers, or None.

    Example:
        >>> data = keras_gans.data.pairs("label_maps/", "photos/", labels=35)
        >>> gan = keras_gans.GauGAN.from_data(data)
        >>> gan.compile()
        >>> gan.fit(data, epochs=50)
        >>> photos = gan.translate(label_maps, style=photo)

    Reference: Park et al., "Semantic Image Synthesis with Spatially-Adaptive Normalization", 2019.
    Matched to the authors' code: a block, spectral normalisation where they have it, hinge, two
    sizes, features, Adam(1e-4, 0, 0.9) and Adam(4e-4, 0, 0.9). Ours: the discriminator is updated
    first and the fakes serve both updates; the style encoder is always there; the KL term is a
    mean over images, not a sum; features of a VGG only if given as `perceptual`; see
    `networks.spade.generator`.
    """

    image_sizes = (8, 10, 12, 14, *SIZES)

    def __init__(
        self,
        generator=None,
        discriminator=None,
        encoder=None,
        loss="hinge",
        *,
        image_shape,
        labels,
        latent_dim=64,
        filters=64,
        doublings=None,
        blocks=2,
        hidden=128,
        patch_depth=None,
        scales=2,
        adversarial=1.0,
        l1=0.0,
        feature_matching=40.0,
        kl=0.05,
        size_step=None,
        ema_decay=None,
        seed=0,
        **kwargs,
    ):
        num_labels, palette = read_labels(labels)
        check_numbers(0, kl=kl)
        *sides, channels = check_shape(image_shape, 3)
        doublings = max(1, min(sides).bit_length() - 3) if doublings is None else doublings
        if generator is None:
            options = (num_labels, channels, latent_dim, filters, doublings, blocks, hidden)
            generator = spade.generator(*options, seed=seed)
        if discriminator is None:
            halvings = patch_gan.fitting_depth(image_shape, patch_depth, 3, scales)
            options = (num_labels, channels, filters, halvings, scales)
            discriminator = spade.discriminator(*options, seed=seed)
        latent_dim = generator.inputs[1].shape[-1]
        encoder = encoder or spade.encoder(tuple(image_shape), latent_dim, filters, seed=seed)
        super().__init__(
            generator,
            discriminator,
            loss,
            image_shape=image_shape,
            adversarial=adversarial,
            l1=l1,
            feature_matching=feature_matching,
            size_step=2**doublings if size_step is None else size_step,
            ema_decay=ema_decay,
            seed=seed,
            **kwargs | {"input_channels": 1},
        )
        self.num_labels, self.palette = num_labels, palette
        self.encoder, self.kl = encoder, kl
        self.latent_dim = latent_dim
        self.trackers["kl_divergence"] = keras.metrics.Mean("kl_divergence")

    @classmethod
    def from_data(cls, data, seed=0, **options):
        """Makes the model that fits pairs of label maps and images; see `TranslationModel`."""
        labels = getattr(data, "palette", None) or getattr(data, "num_labels", None)
        labels = options.pop("labels", labels)
        if labels is None:
            raise InputError(
                f"{cls.__name__} trains on label maps and images: `pairs(..., labels=N)` "
                "(--labels) says how many labels there are. Received: images alone."
            )
        return super().from_data(data, seed, labels=labels, **options)

    def players(self):
        """Returns the generator with the encoder, and the discriminator."""
        players = super().players()
        return players | {"generator": [self.generator, self.encoder]}

    def default_optimizers(self):
        """Returns Adam(1e-4, 0, 0.9) and for the discriminator Adam(4e-4, 0, 0.9)."""
        rates = {"generator": 1e-4, "discriminator": 4e-4}
        return {p: keras.optimizers.Adam(r, 0.0, 0.9, epsilon=1e-8) for p, r in rates.items()}

    def meet(self, batch, in_range):
        """Checks the first batch, labels included; see `Resumable`."""
        super().meet(batch, in_range)
        to_labels(np.rint((np.asarray(batch[0]) + 1) * 127.5).astype("uint8"), self.num_labels)

    def as_input(self, image, domain):
        """Returns the labels of a label map; see `TranslationModel`."""
        image = check_images(np.asarray(image)[None])
        return to_labels(image, self.num_labels, self.palette, "the label map")[0]

    def shown(self, images, domain):
        """Returns label maps as grey levels that can be told apart."""
        spread = 255 // max(1, self.num_labels - 1)
        return images * np.uint8(spread) if domain == "a" else images

    def draw(self, a, b):
        """Returns the recorded pass on maps a, in the styles of images b."""
        noise = keras.random.normal((ops.shape(b)[0], self.latent_dim), seed=self.seed_generator)
        return Recording(_Painter(self), [a, b, noise])

    def discriminator_objective(self, a, b, made, training=True):
        """Returns what the discriminator minimises, of what `draw` recorded; see `Pix2Pix`."""
        return super().discriminator_objective(a, b, made[0], training)

    def generator_terms(self, a, b, made):
        """Returns the terms of `Pix2Pix` and the KL term, of what `draw` recorded."""
        images, mean, log_variance = made
        kl = ops.mean(kl_divergence(mean, log_variance))
        self.track(kl_divergence=kl)
        return [*super().generator_terms(a, b, images), self.kl * kl]

    def test_step(self, data):
        """Measures what both players minimise, without updates."""
        a, b = self.unpack(data)
        mean, log_variance = self.encoder(b, training=False)
        made = [self.generator([a, mean], training=False), mean, log_variance]
        self.discriminator_objective(a, b, made, training=False)
        self.generator_objective(a, b, made)
        return as_logs(self.get_metrics_result())

    @property
    def has_noise(self):
        """True: a seed draws a latent."""
        return True

    def paint(self, images, to, seed, latents=None):
        """Returns what the averaged generator makes of maps.

        Args:
            images: Maps, float (N, height, width, 1).
            to: "b".
            seed: Int or integer tensor that one latent for all is drawn from, or None for 0.
            latents: Float (1 or N, latent_dim) in place of it. Default: None.
        """
        shape = (ops.shape(images)[0], self.latent_dim)
        if latents is None and seed is not None:
            latents = export.latents(1, self.latent_dim, seed)
        latents = ops.zeros(shape) if latents is None else ops.broadcast_to(latents, shape)
        return self.average_translators[to]([images, latents])

    def translate(self, images, to="b", seed=None, tile=512, verbose=False, style=None):
        """Makes images of label maps; see `TranslationModel`.

        Args:
            images: Label maps, uint8 (N, height, width, 1), or a list of (height, width, 1); or
                with 3 channels in the labels' colours.
            to: "b".
            seed: Int that a style is drawn from. Default: None, the mean style.
            tile: See `TranslationModel`.
            verbose: See `TranslationModel`.
            style: Image whose style to take, uint8 (height, width, channels). Default: None.

        Raises:
            InputError: If a map has labels that the model does not know, or as `TranslationModel`.
        """
        if isinstance(images, list):
            images = [self.as_input(image, "a") for image in images]
        else:
            images = to_labels(check_images(np.asarray(images)), self.num_labels, self.palette)
        latents = None if style is None else self.encode(np.asarray(style)[None])
        return super().translate(images, to, seed, tile, verbose, latents=latents)

    def encode(self, images):
        """Returns the mean latents of images' styles.

        Args:
            images: uint8 (N, height, width, channels), of the size that was trained on.

        Returns:
            NumPy float32 (N, latent_dim).

        Raises:
            InputError: If the images are of another type or shape.
        """
        return self.in_parts(self._means, images)

    def _means(self, images):
        return ops.cast(self.encoder(ops.cast(images, "float32") / 127.5 - 1)[0], "float32")

    def inference_networks(self):
        """Returns the averaged generator and the encoder."""
        return [*super().inference_networks(), self.encoder]

    def signatures(self):
        """Returns those of `TranslationModel`, and of styles.

        `to_b_from_latents`: maps uint8 and latents float32 (1 or N, latent_dim) -> images uint8.
        `encode`: images uint8 of the trained size -> latents.
        """

        def from_latents(images, latents):
            images = ops.cast(images, "float32") / 127.5 - 1
            return export.to_uint8(self(images, latents=latents))

        maps = tf.TensorSpec((None, None, None, 1), "uint8", "images")
        latents = tf.TensorSpec((None, self.latent_dim), "float32", "latents")
        images = tf.TensorSpec((None, *self.image_shape), "uint8", "images")
        return super().signatures() | {
            "to_b_from_latents": (from_latents, [maps, latents]),
            "encode": (self._means, [images]),
        }

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        config = super().get_config()
        own = {"encoder": self.encoder, "kl": self.kl}
        own["labels"] = self.palette or self.num_labels
        return config | keras.saving.serialize_keras_object(own)


class _Painter:
    """The encoder, the drawing of latents and the generator as one network."""

    def __init__(self, gan):
        self._gan = gan
        self.trainable_variables = gan.trainable("generator")

    def __call__(self, inputs, training):
        maps, images, noise = inputs
        outputs = self._gan.encoder(images, training=training)
        mean, log_variance = (ops.cast(output, "float32") for output in outputs)
        latents = mean + ops.exp(log_variance / 2) * noise
        return self._gan.generator([maps, latents], training=training), mean, log_variance
