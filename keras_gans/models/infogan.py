"""InfoGAN: codes in the latent that can be read from the image, and so come to mean something."""

import math

import keras
import numpy as np
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.models.acgan import class_loss
from keras_gans.models.gan import GAN
from keras_gans.networks import dcgan, heads
from keras_gans.networks.sizes import SIZES
from keras_gans.penalties import default_penalties
from keras_gans.training import export, priors


@keras.saving.register_keras_serializable("keras_gans")
class InfoGAN(GAN):
    """A GAN that learns, without labels, what the codes in its latents mean.

    A latent is noise, codes of several kinds each (a one-hot vector, all kinds alike often) and
    continuous codes of U(-1, 1). A head of the discriminator, Q, reads the codes c of an image.
    Both players minimise, beside their adversarial losses,

        L_I = -information E[log Q(c | G(z, c))]

    for Q a softmax of each code of several kinds, and a normal distribution of variance 1 around
    its output of each continuous one. H(c) - L_I / information is at most the mutual information of
    codes and images.

    Args:
        generator: Keras model from latents (N, noise_dim + codes) to images. Default:
            `networks.dcgan.generator`, for `image_shape`.
        discriminator: Keras model from images to [logits, codes]: for each code of several kinds
            as many logits, then the continuous ones. Default: `networks.dcgan.discriminator` with a
            head for them.
        loss: See `GAN`. Default: "non_saturating".
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        noise_dim: Size of the noise. Default: 62 (the paper).
        categories: Numbers of kinds of the codes that have some, each at least 2. Default: (10,).
        continuous: Number of continuous codes. Default: 2.
        information: Weight of L_I, at least 0. Default: 1.
        filters: See `DCGAN`.
        upsampling: See `DCGAN`.
        normalization: See `DCGAN`. Default: None.
        penalties: See `GAN`. Default: as in `DCGAN`, but an R1 of weight 0.1.
        prior: See `GAN`; of the noise. Default: "normal".
        seed: See `GAN`. Default: 0.
        **engine: The other arguments of `GAN`.

    Raises:
        InputError: If an argument is out of range, or a network that is given does not fit the
            codes.

    Example:
        >>> gan = keras_gans.InfoGAN(image_shape=(16, 16, 1), categories=(10,), continuous=1)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("digits", image_size=16), epochs=100)
        >>> images = gan.generate(16, codes=[3, -0.5])

    Reference: Chen et al., "InfoGAN: Interpretable Representation Learning by Information
    Maximizing Generative Adversarial Nets", 2016. Matched to the authors' code: codes and their
    distributions, the bound in both players at weight 1, the fixed variance, Adam(0.5) with 2e-4
    for the discriminator and 1e-3 for the generator. Ours: DCGAN's networks and a lazy R1 penalty;
    noise from N(0, 1), where the authors' is uniform in [-1, 1] (`prior="uniform"`); Q is one layer
    on the discriminator's features, where theirs has another between them.
    """

    image_sizes = SIZES
    log_names = (
        *GAN.log_names,
        "information_loss",
        "generator_information_loss",
        "mutual_information",
    )

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        *,
        image_shape=None,
        noise_dim=62,
        categories=(10,),
        continuous=2,
        information=1.0,
        filters=None,
        upsampling=None,
        normalization=None,
        penalties=None,
        prior="normal",
        seed=0,
        **engine,
    ):
        categories = tuple(categories) if isinstance(categories, tuple | list) else (categories,)
        for number in categories:
            check_whole_numbers(2, categories=number)
        check_whole_numbers(noise_dim=noise_dim)
        check_whole_numbers(0, continuous=continuous)
        check_numbers(0, information=information)
        units = sum(categories) + continuous
        if "latent_dim" in engine:
            raise InputError(
                "The latent of an InfoGAN is its noise and its codes: `noise_dim`, `categories` "
                f"and `continuous`. Received: latent_dim={engine['latent_dim']}."
            )
        if not units:
            raise InputError("An InfoGAN has one code at least. Received: none.")
        if generator is None:
            options = {"upsampling": upsampling, "seed": seed}
            generator = dcgan.generator(image_shape, noise_dim + units, filters, **options)
        if discriminator is None:
            shape = generator.output_shape[1:]
            discriminator = dcgan.discriminator(shape, filters, normalization, seed=seed)
            discriminator = heads.add_head(discriminator, units, seed)
        heads.check_heads(discriminator, units, "InfoGAN", "codes")
        if penalties is None:
            penalties = default_penalties(loss, normalization, weight=0.1)
        super().__init__(
            generator, discriminator, loss, penalties, prior=prior, seed=seed, **engine
        )
        if self.latent_dim != noise_dim + units:
            raise InputError(
                f"The generator takes {noise_dim} numbers of noise and {units} of codes. "
                f"Received: one that takes {self.latent_dim}."
            )
        self.noise_dim, self.categories, self.continuous = noise_dim, categories, continuous
        self.information = information

    def default_optimizers(self):
        """Returns the authors' optimizers."""
        rates = {"generator": 1e-3, "discriminator": 2e-4}
        return {p: keras.optimizers.Adam(rate, 0.5, epsilon=1e-8) for p, rate in rates.items()}

    @classmethod
    def networks_for_points(cls, *arguments, **options):
        """Raises InputError: codes are read from images."""
        return super(GAN, cls).networks_for_points(*arguments, **options)

    def split(self, latents):
        """Returns the noise, a list of the codes of several kinds, and the continuous codes."""
        sizes = (self.noise_dim, *self.categories)
        return _split(latents, sizes)

    def from_normal(self, z):
        """Returns noise and codes that normal values stand for; see `LatentModel`.

        The largest of n of them, each as often, is the kind; the place of a value among normal ones
        is a continuous code.
        """
        noise, kinds, continuous = self.split(z)
        kinds = [ops.one_hot(ops.argmax(k, axis=-1), k.shape[-1], dtype=z.dtype) for k in kinds]
        parts = [priors.get(self.prior)(noise), *kinds, priors.uniform(continuous)]
        return ops.concatenate(parts, axis=-1)

    def latents_of(self, count, seed, threshold=None):
        """Draws noise, within a threshold if one is given, and codes; see `LatentModel`."""
        z = export.latents(count, self.latent_dim, seed)
        noise = priors.truncate(z[:, : self.noise_dim], threshold, self.prior)
        return self.from_normal(ops.concatenate([noise, z[:, self.noise_dim :]], axis=-1))

    def generate(self, count, seed=0, labels=None, batch_size=256, threshold=None, codes=None):
        """Makes images from a seed, with given codes.

        Args:
            count: See `LatentModel`.
            seed: See `LatentModel`.
            labels: None; an InfoGAN has no labels.
            batch_size: See `LatentModel`.
            threshold: See `LatentModel`.
            codes: A value for each code: the number of a kind, then continuous ones, mostly in
                -1..1; None for what the seed draws. Default: None for all.

        Raises:
            InputError: If there are not as many codes, or one is out of range.
        """
        if labels is not None:
            raise InputError(f"An InfoGAN has codes and no `labels`. Received: {labels}.")
        check_whole_numbers(count=count)
        latents = self.with_codes(self.latents_of(count, seed, threshold), codes)
        return self.images_of(latents, batch_size=batch_size)

    def with_codes(self, latents, codes):
        """Returns latents with given codes; see `generate`."""
        number = len(self.categories) + self.continuous
        codes = [None] * number if codes is None else codes
        if not isinstance(codes, list | tuple) or len(codes) != number:
            raise InputError(
                f"`codes` has {len(self.categories)} numbers of kinds and {self.continuous} "
                f"continuous ones. Received: {codes!r}."
            )
        latents, first = np.array(latents), self.noise_dim
        for code, kinds in zip(codes, (*self.categories, *[1] * self.continuous), strict=True):
            place = slice(first, first + kinds)
            first += kinds
            if code is not None and kinds > 1:
                check_whole_numbers(0, kinds - 1, codes=code)
                latents[:, place] = np.eye(kinds)[code]
            elif code is not None:
                check_numbers(-math.inf, codes=code)
                latents[:, place] = code
        return latents

    def preview(self, count=None, seed=0, labels=None):
        """Returns (images, columns): a row for each kind of a code, then rows of continuous ones.

        In rows of kinds the latents stay from row to row; in those of a continuous code, of which
        there are two for each, it goes from -1 to 1.
        """
        if count is not None or labels is not None:
            return super().preview(count, seed, labels)
        columns, number = 10, len(self.categories) + self.continuous
        latents, rows = self.latents_of(columns, seed), []
        for place, kinds in enumerate(self.categories):
            for kind in range(kinds):
                rows.append(
                    self.with_codes(
                        latents, [None] * place + [kind] + [None] * (number - place - 1)
                    )
                )
        for place in range(len(self.categories), number):
            for one in latents[:2]:
                row = np.repeat(np.asarray(one)[None], columns, axis=0)
                row[:, place - number + self.latent_dim] = np.linspace(-1, 1, columns)
                rows.append(row)
        return self.images_of(np.concatenate(rows)), columns

    def read(self, images):
        """Returns what Q reads from images.

        Args:
            images: uint8 (N, height, width, channels).

        Returns:
            A list of NumPy arrays: the most probable kind (N,) of each code of several kinds, then
            the continuous codes (N, continuous).

        Raises:
            InputError: If the images are of another type or shape.
        """

        def outputs(images):
            return self.judge(images / np.float32(127.5) - 1, training=False).extra

        outputs = self.in_parts(outputs, images)
        _, kinds, continuous = _split(outputs, (0, *self.categories))
        return [np.asarray(k).argmax(axis=-1) for k in kinds] + [np.asarray(continuous)]

    def code_losses(self, outputs, latents):
        """Returns -E[log Q] of the codes of several kinds, and of the continuous ones."""
        _, logits, means = _split(ops.cast(outputs, "float32"), (0, *self.categories))
        _, kinds, continuous = self.split(latents)
        pairs = zip(logits, kinds, strict=True)
        of_kinds = sum(class_loss(x, ops.argmax(k, axis=-1)) for x, k in pairs)
        squares = ops.square(means - ops.cast(continuous, "float32"))
        constant = 0.5 * self.continuous * math.log(2 * math.pi)
        return of_kinds, ops.mean(ops.sum(squares, axis=-1)) / 2 + constant

    def discriminator_terms(self, real, fake, labels, fakes):
        """Returns the adversarial loss and L_I."""
        of_kinds, of_continuous = self.code_losses(fake.extra, fakes.latents)
        self.track(mutual_information=sum(map(math.log, self.categories)) - of_kinds)
        terms = super().discriminator_terms(real, fake, labels, fakes)
        return terms | {"information_loss": self.information * (of_kinds + of_continuous)}

    def generator_terms(self, fake, real, fakes):
        """Returns the adversarial loss and L_I."""
        loss = self.information * sum(self.code_losses(fake.extra, fakes.latents))
        terms = super().generator_terms(fake, real, fakes)
        return terms | {"generator_information_loss": loss}

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ("noise_dim", "categories", "continuous", "information")
        return super().get_config() | {name: getattr(self, name) for name in names}


def _split(x, sizes):
    """Returns the first numbers, a list of the next ones, and the rest, of x (N, ...)."""
    ends = np.cumsum(sizes)
    first, *kinds = (x[..., end - size : end] for size, end in zip(sizes, ends, strict=True))
    return first, kinds, x[..., ends[-1] :]
