"""SNGAN: hinge loss and a discriminator with spectral normalisation."""

import keras

from keras_gans.models.dcgan import DCGAN


@keras.saving.register_keras_serializable("keras_gans")
class SNGAN(DCGAN):
    """Spectrally normalised GAN: every layer of the discriminator has a largest gain of one.

    Args:
        generator: See `DCGAN`.
        discriminator: See `DCGAN`; one of your own should use `layers.SpectralNormalization`.
        loss: See `GAN`. Default: "hinge".
        penalties: See `GAN`. Default: none.
        normalization: See `DCGAN`. Default: "spectral".
        **kwargs: The arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.SNGAN(image_shape=(28, 28, 1))

    Reference: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018.
    Matched: one power iteration per update, the gradient through sigma, the hinge loss, and setting
    C of table 1: Adam(2e-4, 0.5, 0.999), one discriminator step. Ours: DCGAN's networks; the
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
        **kwargs,
    ):
        super().__init__(
            generator,
            discriminator,
            loss=loss,
            penalties=penalties,
            normalization=normalization,
            **kwargs,
        )
