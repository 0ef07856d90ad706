"""WGAN: a critic that is kept Lipschitz by clipping its weights."""

import keras

from keras_gans.constraints import WeightClip
from keras_gans.models.dcgan import DCGAN


@keras.saving.register_keras_serializable("keras_gans")
class WGAN(DCGAN):
    """Wasserstein GAN with weight clipping.

    Args:
        generator: See `DCGAN`.
        discriminator: The critic, see `DCGAN`.
        clip: Largest absolute value of the critic's weights after each update. Default: 0.01.
        loss: See `GAN`. Default: "wasserstein".
        penalties: See `GAN`. Default: none.
        normalization: See `DCGAN`. Default: "batch".
        discriminator_steps: Critic updates per generator update. Default: 5.
        **kwargs: The arguments of `DCGAN`.

    Example:
        >>> gan = keras_gans.WGAN(image_shape=(28, 28, 1))

    Reference: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1. Matched: RMSprop(5e-5) with
    the authors' decay and epsilon, five critic updates, all of the critic's trainable weights
    clipped after each, batch normalisation as in DCGAN. Ours: the generator's update reuses the
    critic's last fakes, where the authors draw new ones (`reuse_fakes=False`). Left out: the
    authors' code gives the critic 100 updates for each of the first 25 of the generator, and at
    every 500th.
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        clip=0.01,
        loss="wasserstein",
        penalties=(),
        normalization="batch",
        discriminator_steps=5,
        **kwargs,
    ):
        super().__init__(
            generator,
            discriminator,
            loss=loss,
            penalties=penalties,
            normalization=normalization,
            discriminator_steps=discriminator_steps,
            **kwargs,
        )
        self.clip = clip
        # The optimizer applies a variable's constraint after each of its updates.
        # Of frozen layers too, which may be thawed.
        for variable in self.discriminator.weights:
            variable.constraint = WeightClip(clip)

    def default_optimizers(self):
        """Returns the paper's optimizers."""
        # PyTorch's RMSprop, which the authors used, divides by sqrt(v) + 1e-8 and decays at 0.99.
        # Keras' adds its epsilon inside the root: its default of 1e-7 is a floor of 3e-4 under
        # gradients, most of which are smaller here.
        return {p: keras.optimizers.RMSprop(5e-5, 0.99, epsilon=1e-16) for p in self.players()}

    def get_config(self):
        """Returns all that makes the same model."""
        return super().get_config() | {"clip": self.clip}
