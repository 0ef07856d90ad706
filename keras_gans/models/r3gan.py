"""R3GAN: relativistic pairing, R1 and R2, and residual networks without normalisation."""

import math

import keras
from keras import ops

from keras_gans.augment import ADA
from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.models.gan import GAN
from keras_gans.networks import r3gan
from keras_gans.networks.sizes import MAX_FILTERS, SIZES
from keras_gans.penalties import R1, R2
from keras_gans.training.rates import learning_rate

MILLION = 1_000_000
# Size, width at it, channels of a group, gamma at first, images of the schedules, half-life of the
# average and probability of augmentation at their end.
PRESETS = {
    "cifar10": (32, 768, 16, 0.05, 20 * MILLION, 5 * MILLION, 0.55),
    "imagenet32": (32, 1536, 32, 0.5, 200 * MILLION, 50 * MILLION, 0.5),
    "ffhq64": (64, 384, 16, 2.0, 20 * MILLION, MILLION // 2, 0.3),
    "imagenet64": (64, 1536, 32, 1.0, 200 * MILLION, 50 * MILLION, 0.4),
    "ffhq256": (256, 96, 16, 150.0, 20 * MILLION, MILLION // 2, 0.3),
}


@keras.saving.register_keras_serializable("keras_gans")
class R3GAN(GAN):
    """The modern baseline: a loss with proven local convergence makes all other tricks unnecessary.

    `R3GAN(image_shape=...)` is small and has constant settings, for minutes. `R3GAN.published` has
    the authors' networks and schedules, for days.

    Args:
        generator: See `GAN`. Default: `networks.r3gan.generator`, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.r3gan.discriminator`, for `image_shape`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent, which the paper also takes as 64. Default: 64.
        width: Channels at the full size of an image; doubles at each halving. Default: 32.
        blocks: Residual blocks per size. Default: 1; the paper: 2.
        group_size: See `networks.r3gan.generator`. Default: None; the paper: 16 or, for
            ImageNet, 32.
        max_width: The most channels. Default: 512; the paper: 768 or, for ImageNet, 1536.
        fir: See `networks.r3gan.generator`. Default: False; the paper: True.
        num_classes: See `GAN`. Default: None.
        loss: See `GAN`. Default: "relativistic".
        gamma: Weight of both penalties. Default: 1.
        penalties: See `GAN`. Default: `[R1(gamma), R2(gamma)]`, at every step.
        scheduled_images: Over how many images, along half a cosine, the penalties fall to a tenth
            and the learning rates to a quarter, and Adam's second beta rises from 0.9 to 0.99, the
            half-life of the average from 0 to `ema_images`, if it is given, and the probability of
            an `ADA` whose target is None from 0 to its own. Default: None, all stay.
        **engine: The other arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape.

    Example:
        >>> gan = keras_gans.R3GAN(image_shape=(28, 28, 1))
        >>> gan = keras_gans.R3GAN.published("ffhq64")

    Reference: Huang et al., "The GAN is dead; long live the GAN! A Modern Baseline GAN", 2024.
    Matched: the loss, both penalties at every step, the blocks and their initial weights, Adam's
    first beta of 0 and epsilon of 1e-8, its rate of 2e-4 at the start; in `published` also widths,
    blocks, groups, the filter [1, 3, 3, 1], all schedules, augmentation, and a batch of real images
    and latents for each player's update. Ours by default: few channels and one block per size, one
    group, bilinear and average resampling, constants where they have schedules, no augmentation,
    one batch for both updates.
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
        blocks=1,
        group_size=None,
        max_width=MAX_FILTERS,
        fir=False,
        num_classes=None,
        loss="relativistic",
        gamma=1.0,
        penalties=None,
        scheduled_images=None,
        seed=0,
        **engine,
    ):
        check_whole_numbers(scheduled_images=scheduled_images or 1)
        options = {"blocks": blocks, "group_size": group_size, "max_width": max_width, "fir": fir}
        options |= {"width": width, "num_classes": num_classes, "seed": seed}
        if generator is None:
            generator = r3gan.generator(image_shape, latent_dim, **options)
        if discriminator is None:
            discriminator = r3gan.discriminator(image_shape, **options)
        penalties = [R1(gamma), R2(gamma)] if penalties is None else penalties
        engine |= {"num_classes": num_classes, "seed": seed}
        super().__init__(generator, discriminator, loss=loss, penalties=penalties, **engine)
        self.scheduled_images = scheduled_images
        if scheduled_images:
            first = {"trainable": False, "aggregation": "only_first_replica"}
            self.share = self.add_weight((), "zeros", name="share", **first)

    @classmethod
    def published(cls, preset, **changes):
        """Returns the model of a preset of the authors.

        They train "cifar10" and ImageNet with labels, `num_classes=10` and 1000, and compute the
        three largest sizes, of 64 and 256 pixels four, in half precision. Here that is Keras'
        global precision, for all sizes.

        Args:
            preset: "cifar10", "imagenet32", "ffhq64", "imagenet64" or "ffhq256".
            **changes: Arguments of the class that differ, such as `width=96`.

        Raises:
            InputError: If there is no such preset.
        """
        if preset not in PRESETS:
            raise InputError(f"`preset` is one of {', '.join(PRESETS)}. Received: {preset!r}.")
        size, width, group_size, gamma, images, half_life, probability = PRESETS[preset]
        policy = "blit,geometry,color:0.5,cutout"
        options = {
            "image_shape": (size, size, 3),
            "width": width,
            "blocks": 2,
            "group_size": group_size,
            "max_width": max(width, 768),
            "fir": True,
            "gamma": gamma,
            "scheduled_images": images,
            "ema_images": half_life,
            "augmentation": ADA(policy, target=None, probability=probability),
            "separate_batches": True,
        }
        return cls(**options | changes)

    @classmethod
    def from_data(cls, data, seed=0, preset=None, **options):
        """Makes the model that fits what `keras_gans.data.load` returned; see `LatentModel`.

        Args:
            data: The data set.
            seed: Int seed of weights, latents and noise. Default: 0.
            preset: See `published`, of the data's size. Default: None, the class's own defaults.
            **options: Arguments of the class.

        Raises:
            InputError: If there is no such preset, or it is of another size.
        """
        if preset is None:
            return super().from_data(data, seed, **options)
        cls.check_classes(data, options)
        shape = tuple(data.image_shape)
        if preset in PRESETS and shape[:2] != (side := PRESETS[preset][0], side):
            raise InputError(
                f"The preset {preset!r} is of images of {side} by {side} pixels "
                f"(`--image-size {side}`). Received: {shape}."
            )
        return cls.published(preset, **{"image_shape": shape, "seed": seed, **options})

    @property
    def moves_rates(self):
        """Whether the learning rates follow a schedule; see `GenerativeModel`."""
        return bool(self.scheduled_images)

    def default_optimizers(self):
        """Returns the paper's optimizers."""
        if self.scheduled_images:
            return {p: ScheduledAdam(2e-4, 0.0, 0.9, epsilon=1e-8) for p in self.players()}
        return {p: keras.optimizers.Adam(2e-4, 0.0, 0.99, epsilon=1e-8) for p in self.players()}

    def compile(self, *arguments, **options):
        """Sets the optimizers, whose rates are lowered as far as a schedule is; see `GAN`."""
        super().compile(*arguments, **options)
        if not self.scheduled_images:
            return
        for player in self.optimizers:
            rate = learning_rate(self, player)
            rate.assign(rate * self.along(1.0, 0.25))

    def begin_step(self):
        """Moves all that is scheduled to where so many images have it."""
        super().begin_step()
        if not self.scheduled_images:
            return
        before = self.along(1.0, 0.25)
        done = ops.cast(self.images_done, "float32") / self.scheduled_images
        self.share.assign((1.0 - ops.cos(math.pi * ops.clip(done, 0.0, 1.0))) / 2.0)
        for optimizer in self.optimizers.values():
            optimizer = getattr(optimizer, "inner_optimizer", optimizer)
            # By a factor, so that other changes of the rates are kept.
            rate = optimizer.learning_rate
            rate.assign(rate * (self.along(1.0, 0.25) / before))
            if isinstance(optimizer, ScheduledAdam):
                optimizer.beta_2.assign(self.along(0.9, 0.99))
        if isinstance(self.augmentation, ADA) and self.augmentation.target is None:
            self.augmentation.strengthen(self.share)

    def along(self, first, last):
        """Returns the value of a schedule now."""
        return first + (last - first) * ops.convert_to_tensor(self.share)

    def half_life(self):
        """Returns the average's half-life in images now; see `GenerativeModel`."""
        if self.scheduled_images and self.ema_images:
            return ops.maximum(1.0, self.along(0.0, float(self.ema_images)))
        return super().half_life()

    def begins_with_close_averages(self):
        """Returns whether no half-life rises from 0, which does the same; see `half_life`."""
        return not (self.scheduled_images and self.ema_images)

    def weigh_penalty(self, value):
        """Returns a penalty as it counts now; see `GAN`."""
        return self.along(1.0, 0.1) * value if self.scheduled_images else value

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        return super().get_config() | {"scheduled_images": self.scheduled_images}


@keras.saving.register_keras_serializable("keras_gans")
class ScheduledAdam(keras.optimizers.Adam):
    """Adam whose second beta is a variable, so that it can change while training."""

    @property
    def beta_2(self):
        """The second beta: a number before the optimizer is built, then a variable."""
        return getattr(self, "_beta_2_now", self._beta_2_first)

    @beta_2.setter
    def beta_2(self, value):
        self._beta_2_first = value

    def build(self, variables):
        """Makes the optimizer's variables."""
        if not self.built:
            start = keras.initializers.Constant(self._beta_2_first)
            self._beta_2_now = self.add_variable((), start, name="beta_2")
        super().build(variables)

    def get_config(self):
        """Returns the constructor's arguments."""
        return super().get_config() | {"beta_2": self._beta_2_first}
