"""VAE: an autoencoder whose latents are noise, to compare with GANs."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_gans.checks import check_numbers, check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.spectral_normalization import power_iteration
from keras_gans.losses.latent import kl_divergence
from keras_gans.networks import dcgan, vae
from keras_gans.networks.sizes import SIZES
from keras_gans.training import export
from keras_gans.training.gradients import minimize
from keras_gans.training.latent_model import LatentModel
from keras_gans.training.strategy import as_logs

MIN_SIGMA = 1e-3
"""The least standard deviation of the Gaussian: a batch without any error has no other."""


@keras.saving.register_keras_serializable("keras_gans")
class VAE(LatentModel):
    """Variational autoencoder: the decoder is the generator, and there is no second player.

    The encoder gives each image x a distribution q(z | x) = N(mean, variance) of latents. Both
    networks maximise a lower bound of log p(x), in nats per image:

        bound = E_q[log p(x | z)] - KL(q(z | x) | N(0, I))
        KL = 1/2 sum(mean^2 + variance - 1 - log variance)

    With `beta` other than 1 they minimise -E_q[log p(x | z)] + beta KL instead (beta-VAE).

    Args:
        encoder: Built Keras model from images to [means, logarithms of variances], each
            (N, latent_dim). Default: `networks.vae.encoder`, for `image_shape`.
        generator: The decoder, see `GAN`. Default: `networks.dcgan.generator`, for `image_shape`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent. Default: 64.
        filters: See `DCGAN`, for both networks.
        upsampling: See `DCGAN`.
        hidden: See `DCGAN`. Default: none.
        likelihood: p(x | z), with y the generator's image: "bernoulli", where each value of y,
            brought from [-1, 1] to 0..1, is the probability of a one, and values of x in between
            count as shares of ones; or "gaussian", N(y, sigma^2 I), which has other bounds, not to
            be compared. `generate` gives y, without the noise of p(x | z). Default: "bernoulli".
        sigma: Standard deviation of the Gaussian, at least 0.001, in units of [-1, 1]; None for
            that of each batch's errors, its best value (Rybkin et al., 2021). Default: None.
        beta: Weight of the KL term, at least 0. Default: 1.
        kl_warmup: Steps in which that weight rises from 0, which keeps latents from being given up
            at the start (Bowman et al., 2016). Default: 0.
        ema_decay: See `GAN`; the encoder is not averaged. Default: None.
        seed: See `GAN`. Default: 0.

    Raises:
        InputError: If an argument is out of range, or the networks do not fit each other.

    Example:
        >>> vae = keras_gans.VAE(image_shape=(28, 28, 1))
        >>> vae.compile()
        >>> vae.fit(keras_gans.data.load("fashion_mnist"), epochs=10)
        >>> images = vae.generate(64, seed=0)

    Reference: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, equation 10; beta:
    Higgins et al., 2017. Matched: the bound, one sample of z for each image, the Bernoulli. Ours:
    convolutional networks with batch normalisation in place of one hidden layer, Adam(1e-3) in
    place of Adagrad, one sigma where the paper's decoder gives one for each value.
    """

    image_sizes = SIZES
    images_to_meet = 8
    log_names = ("autoencoder_loss", "reconstruction_loss", "kl_divergence", "bound")

    def __init__(
        self,
        encoder=None,
        generator=None,
        *,
        image_shape=None,
        latent_dim=64,
        filters=None,
        upsampling=None,
        hidden=(),
        likelihood="bernoulli",
        sigma=None,
        beta=1.0,
        kl_warmup=0,
        ema_decay=None,
        seed=0,
        **kwargs,
    ):
        if likelihood != "gaussian" and (likelihood != "bernoulli" or sigma is not None):
            raise InputError(
                '`likelihood` is "bernoulli", or "gaussian", which alone has a `sigma`. '
                f"Received: {likelihood!r} and {sigma}."
            )
        check_numbers(MIN_SIGMA, sigma=1.0 if sigma is None else sigma)
        check_numbers(0, beta=beta)
        check_whole_numbers(0, kl_warmup=kl_warmup)
        if generator is None:
            options = dict(upsampling=upsampling, hidden=hidden, seed=seed)
            generator = dcgan.generator(image_shape, latent_dim, filters, **options)
        super().__init__(generator, None, ema_decay, seed, self.log_names, **kwargs)
        self.encoder = encoder or vae.encoder(self.image_shape, self.latent_dim, filters, seed=seed)
        vae.check_pair(self.encoder, generator)
        self.likelihood, self.sigma, self.beta, self.kl_warmup = likelihood, sigma, beta, kl_warmup
        self.examples = None

    def players(self):
        """Returns the one player, of both networks."""
        return {"autoencoder": [self.encoder, self.generator]}

    def default_optimizers(self):
        """Returns Adam(1e-3)."""
        return {"autoencoder": keras.optimizers.Adam(1e-3)}

    def train_step(self, data):
        """Takes one step of both networks on a batch of images."""
        images, _ = self.unpack(data)
        for network in self.players()["autoencoder"]:
            power_iteration(network)
        variables = self.trainable("autoencoder")
        minimize(self.autoencoder_optimizer, variables, lambda: self.objective(images, True))
        self.end_step()
        return as_logs(self.get_metrics_result())

    def test_step(self, data):
        """Measures the bound on a batch, without updates."""
        self.objective(self.unpack(data)[0], training=False)
        return as_logs(self.get_metrics_result())

    def objective(self, images, training):
        """Returns what is minimised on images (N, ...), a scalar in nats per image; tracks terms.

        A latent of q(z | x) is mean + sqrt(variance) e with e of N(0, I), drawn by `latents`.
        """
        mean, log_variance = self.posterior(images, training)
        latents = mean + ops.exp(log_variance / 2) * self.latents(ops.shape(images)[0])
        reconstructions = self.generator(latents, training=training)
        error = -ops.mean(self.log_likelihood(images, reconstructions))
        kl = ops.mean(kl_divergence(mean, log_variance))
        weight = self.beta
        if self.kl_warmup:
            weight *= ops.minimum(1.0, ops.cast(self.step, "float32") / self.kl_warmup)
        loss = error + weight * kl
        terms = {"reconstruction_loss": error, "kl_divergence": kl, "bound": -error - kl}
        self.track(autoencoder_loss=loss, **terms)
        return loss

    def posterior(self, images, training=False):
        """Returns means and logarithms of variances of q(z | x), float32 (N, latent_dim) each."""
        return [ops.cast(output, "float32") for output in self.encoder(images, training=training)]

    def log_likelihood(self, images, reconstructions):
        """Returns log p(x | z) in nats, (N,), of images and what the generator makes of z."""
        x, y = ops.cast(images, "float32"), ops.cast(reconstructions, "float32")
        if self.likelihood == "bernoulli":
            # A wrong pixel costs 14 nats at most, and the logarithm of 0 is not taken.
            x, p = (x + 1) / 2, ops.clip((y + 1) / 2, 1e-6, 1 - 1e-6)
            values = x * ops.log(p) + (1 - x) * ops.log(1 - p)
        else:
            # The gradient may pass through the best sigma, for the derivative by it is 0 there.
            squares = (x - y) ** 2
            variance = self.sigma**2 if self.sigma else ops.mean(squares)
            variance = ops.maximum(variance, MIN_SIGMA**2)
            values = -(squares / variance + ops.log(2 * math.pi * variance)) / 2
        return ops.sum(values, axis=(1, 2, 3))

    def encode(self, images):
        """Returns the means of images' latents.

        Args:
            images: uint8 (N, height, width, channels).

        Returns:
            NumPy float32 (N, latent_dim).

        Raises:
            InputError: If the images are of another type or shape.
        """
        return self.in_parts(self._means, images)

    def reconstruct(self, images):
        """Returns what the generator makes of images' mean latents, uint8; see `encode`."""
        return self.in_parts(self._reconstructions, images)

    def _means(self, images):
        return self.posterior(ops.cast(images, "float32") / 127.5 - 1)[0]

    def _reconstructions(self, images):
        return export.to_uint8(self(self._means(images)))

    def inference_networks(self):
        """Returns the generator and the encoder."""
        return [self.average_generator, self.encoder]

    def signatures(self):
        """Returns those of `LatentModel`, and `encode` and `reconstruct` of uint8 images."""
        images = [tf.TensorSpec((None, *self.image_shape), "uint8", "images")]
        own = {"encode": (self._means, images), "reconstruct": (self._reconstructions, images)}
        return super().signatures() | own

    def meet(self, batch, in_range):
        """Checks the first batch and keeps a few images to show; see `Resumable`."""
        super().meet(batch, in_range)
        images = keras.utils.unpack_x_y_sample_weight(batch)[0][: self.images_to_meet]
        self.examples = np.asarray(export.to_uint8(ops.convert_to_tensor(images, "float32")))

    def preview(self, count=None, seed=0, labels=None):
        """Returns images of the data above their reconstructions, then whole rows of samples."""
        if self.examples is None:
            return super().preview(count, seed, labels)
        columns = len(self.examples)
        rows = max(1, (48 if count is None else count) // columns)
        samples = self.generate(rows * columns, seed, labels)
        return np.concatenate([self.examples, self.reconstruct(self.examples), samples]), columns

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        names = ("encoder", "generator", "likelihood", "sigma", "beta", "kl_warmup")
        return super().get_config(**{name: getattr(self, name) for name in names})
