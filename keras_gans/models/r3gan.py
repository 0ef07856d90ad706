"""R3GAN: relativistic pairing, R1 and R2, and residual networks without normalisation."""

import keras

from keras_gans.models.gan import GAN
from keras_gans.networks import r3gan
from keras_gans.networks.sizes import SIZES
from keras_gans.penalties import R1, R2


@keras.saving.register_keras_serializable("keras_gans")
class R3GAN(GAN):
    """The modern baseline: a loss with proven local convergence makes all other tricks unnecessary.

    Args:
        generator: See `GAN`. Default: `networks.r3gan.generator`, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.r3gan.discriminator`, for `image_shape`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent, which the paper also takes as 64. Default: 64.
        width: Channels at the full size of an image; doubles at each halving. Default: 32.
        loss: See `GAN`. Default: "relativistic".
        gamma: Weight of both penalties. Default: 1.
        penalties: See `GAN`. Default: `[R1(gamma), R2(gamma)]`, at every step.
        **engine: The arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape.

    Example:
        >>> gan = keras_gans.R3GAN(image_shape=(28, 28, 1))

    Reference: Huang et al., "The GAN is dead; long live the GAN! A Modern Baseline GAN", 2024.
    Matched: the loss, both penalties at every step, the blocks and their initial weights, Adam's
    first beta of 0 and epsilon of 1e-8, its rate of 2e-4 at the start. Ours: few channels and one
    block per size; one group of channels where the authors' 3x3 convolutions are grouped;
    bilinear and average resampling where they filter with [1, 3, 3, 1]; constants where they have
    schedules: gamma (0.05 falling to 0.005 for CIFAR-10), the rate (to 5e-5 by a cosine), Adam's
    second beta (here 0.99) and the average's decay; no augmentation (theirs reaches probabilities
    of 0.3 to 0.55); one batch of real images for both players' updates, which also share the
    generated ones, where theirs draw separate ones.
    """

    image_sizes = SIZES

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        image_shape=None,
        latent_dim=64,
        width=32,
        loss="relativistic",
        gamma=1.0,
        penalties=None,
        seed=0,
        **engine,
    ):
        if generator is None:
            generator = r3gan.generator(image_shape, latent_dim, width, seed=seed)
        if discriminator is None:
            discriminator = r3gan.discriminator(image_shape, width, seed=seed)
        penalties = [R1(gamma), R2(gamma)] if penalties is None else penalties
        super().__init__(
            generator, discriminator, loss=loss, penalties=penalties, seed=seed, **engine
        )

    def default_optimizers(self):
        """Returns the paper's optimizers."""
        return {p: keras.optimizers.Adam(2e-4, 0.0, 0.99, epsilon=1e-8) for p in self.players()}
