"""LSGAN: least squares in place of cross-entropy."""

import keras

from keras_gans.models.dcgan import DCGAN


@keras.saving.register_keras_serializable("keras_gans")
class LSGAN(DCGAN):
    """Least squares GAN: both players are judged by their distance to the labels 0 and 1.

    Args:
        generator: See `DCGAN`.
        discriminator: See `DCGAN`.
        loss: See `GAN`. Default: "least_squares".
        penalties: See `GAN`. Default: none.
        normalization: See `DCGAN`. Default: "batch".
        **kwargs: The arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.LSGAN(image_shape=(28, 28, 1))

    Reference: Mao et al., "Least Squares Generative Adversarial Networks", 2017. Matched: the loss
    with labels 0 and 1, batch normalisation, the generator's update on the discriminator's fakes as
    in the authors' code, Adam(2e-4, 0.5); theirs for LSUN has 1e-3. Ours: DCGAN's networks.
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        loss="least_squares",
        penalties=(),
        normalization="batch",
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
