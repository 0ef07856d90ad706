"""SNGAN: hinge loss and a discriminator with spectral normalisation."""

import keras

from keras_gans.models.dcgan import DCGAN
from keras_gans.networks import resnet


@keras.saving.register_keras_serializable("keras_gans")
class SNGAN(DCGAN):
    """Spectrally normalised GAN: every layer of the discriminator has a largest gain of one.

    Args:
        generator: See `DCGAN`.
        discriminator: See `DCGAN`; one of your own should use `layers.SpectralNormalization`.
        loss: See `GAN`. Default: "hinge".
        penalties: See `GAN`. Default: none.
        normalization: See `DCGAN`. Default: "spectral".
        architecture: "dcgan", or "resnet" for the residual networks of the paper's best figures,
            see `networks.resnet`. Default: "dcgan".
        image_shape: See `DCGAN`.
        latent_dim: See `DCGAN`. Default: 64; the paper: 128.
        filters: See `DCGAN`, or `networks.resnet` (default there: 64).
        seed: See `GAN`. Default: 0.
        **kwargs: The other arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.SNGAN(image_shape=(28, 28, 1))

    Reference: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018.
    Matched: one power iteration per update, the gradient through sigma, the hinge loss, and setting
    C of table 1: Adam(2e-4, 0.5, 0.999), one discriminator step. Ours: DCGAN's networks, unless
    `architecture="resnet"`, for which the paper has five steps and Adam(2e-4, 0, 0.9), maps that
    are alike at all sizes of 32 pixels, and a discriminator that halves these twice; the
    generator's update reuses the discriminator's fakes, where the authors draw new ones
    (`reuse_fakes=False`).
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        loss="hinge",
        penalties=(),
        normalization="spectral",
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
            penalties=penalties,
            normalization=normalization,
            **kwargs,
        )
