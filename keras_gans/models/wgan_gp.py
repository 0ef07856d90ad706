"""WGAN-GP: a critic that is kept Lipschitz by a gradient penalty."""

import keras

from keras_gans.models.dcgan import DCGAN
from keras_gans.networks import resnet
from keras_gans.penalties import GradientPenalty


@keras.saving.register_keras_serializable("keras_gans")
class WGANGP(DCGAN):
    """Wasserstein GAN with gradient penalty.

    Args:
        generator: See `DCGAN`.
        discriminator: The critic, see `DCGAN`.
        loss: See `GAN`. Default: "wasserstein".
        penalties: See `GAN`. Default: `[GradientPenalty(10)]`.
        discriminator_steps: Critic updates per generator update. Default: 5.
        normalization: See `DCGAN`; not "batch", for the penalty is about single images. Default:
            None.
        initializer: See `DCGAN`. Default: "he", as the authors.
        architecture: "dcgan", or "resnet" for the residual networks of the paper's best figures,
            see `networks.resnet`. Default: "dcgan".
        image_shape: See `DCGAN`.
        latent_dim: See `DCGAN`. Default: 64; the paper: 128.
        filters: See `DCGAN`, or `networks.resnet` (default there: 64).
        seed: See `GAN`. Default: 0.
        **kwargs: The other arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.WGANGP(image_shape=(28, 28, 1))

    Reference: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, algorithm 1.
    Matched: lambda 10, uniform interpolates, five critic updates on fresh images, Adam(1e-4, 0,
    0.9), no batch normalisation in the critic, whose weights begin as He's. Ours: DCGAN's networks,
    unless `architecture="resnet"`, whose critic has no normalisation at all, adds up what the
    paper's averages over places, and begins as Glorot's; the generator's update reuses the critic's
    last fakes, where the authors draw new ones (`reuse_fakes=False`).
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        loss="wasserstein",
        penalties=None,
        discriminator_steps=5,
        normalization=None,
        initializer="he",
        architecture="dcgan",
        image_shape=None,
        latent_dim=64,
        filters=None,
        seed=0,
        **kwargs,
    ):
        sizes = (image_shape, latent_dim, filters)
        networks = (generator, discriminator)
        networks = resnet.residual(architecture, networks, *sizes, normalization, seed)
        super().__init__(
            *networks,
            image_shape=image_shape,
            latent_dim=latent_dim,
            filters=filters,
            seed=seed,
            loss=loss,
            penalties=[GradientPenalty()] if penalties is None else penalties,
            discriminator_steps=discriminator_steps,
            normalization=normalization,
            initializer=initializer,
            **kwargs,
        )

    def default_optimizers(self):
        """Returns the paper's optimizers."""
        return {p: keras.optimizers.Adam(1e-4, 0.0, 0.9, epsilon=1e-8) for p in self.players()}
