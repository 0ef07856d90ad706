"""WGAN-GP: a critic that is kept Lipschitz by a gradient penalty."""

import keras

from keras_gans.models.dcgan import DCGAN
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
        **kwargs: The arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.WGANGP(image_shape=(28, 28, 1))

    Reference: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, algorithm 1.
    Matched: lambda 10, uniform interpolates, five critic updates on fresh images, Adam(1e-4, 0,
    0.9), no batch normalisation in the critic, whose weights begin as He's. Ours: DCGAN's networks;
    the generator's update reuses the critic's last fakes, where the authors draw new ones
    (`reuse_fakes=False`).
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
        **kwargs,
    ):
        super().__init__(
            generator,
            discriminator,
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
