"""DRAGAN: a gradient penalty around the data."""

import keras

from keras_gans.models.dcgan import DCGAN
from keras_gans.penalties import DRAGANPenalty


@keras.saving.register_keras_serializable("keras_gans")
class DRAGAN(DCGAN):
    """Deep regret analytic GAN: the first GAN's loss with gradients of norm 1 around real images.

    Args:
        generator: See `DCGAN`.
        discriminator: See `DCGAN`.
        penalties: See `GAN`. Default: `[DRAGANPenalty(10)]`.
        normalization: See `DCGAN`; not "batch", for the penalty is about single images. Default:
            None.
        initializer: See `DCGAN`. Default: "glorot", as the authors (Xavier).
        **kwargs: The arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.DRAGAN(image_shape=(28, 28, 1))

    Reference: Kodali et al., "On Convergence and Stability of GANs", 2017, algorithm 1. Matched:
    the penalty and its weight, the non-saturating loss, one discriminator step, the authors' Xavier
    weights of the discriminator and their Adam(1e-4, 0.5, 0.9). Ours: DCGAN's networks, without
    batch normalisation in the discriminator; the generator's update reuses the discriminator's
    fakes, where the authors draw new ones (`reuse_fakes=False`).
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        penalties=None,
        normalization=None,
        initializer="glorot",
        **kwargs,
    ):
        super().__init__(
            generator,
            discriminator,
            penalties=[DRAGANPenalty()] if penalties is None else penalties,
            normalization=normalization,
            initializer=initializer,
            **kwargs,
        )

    def default_optimizers(self):
        """Returns the authors' optimizers."""
        return {p: keras.optimizers.Adam(1e-4, 0.5, 0.9, epsilon=1e-8) for p in self.players()}
