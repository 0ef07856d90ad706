"""Gradient penalties on the discriminator: `weight` times a function of its gradient at images.

`g(x)` is the gradient of the logits with respect to the image x, `|g(x)|` its Euclidean norm over
all of one image's values, and `E` the mean over the batch.
"""

import warnings

import keras
from keras import ops

from keras_gans import losses
from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.batch_normalization import batch_normalizations
from keras_gans.training.gradients import input_gradient


class Penalty:
    """Base class of the gradient penalties: `weight * value(critic, real, fake)`.

    A penalty that keeps state, such as a running mean, makes it in `build` with the model's
    `add_weight`: it is then one of the model's variables, in checkpoints and files.

    Args:
        weight: Factor of the penalty, float of at least 0.
        every: Lazy interval: the penalty is taken at every `every`-th discriminator update, times
            `every` so that its mean strength stays the same (StyleGAN2, section 3.2). Default: 1.
    """

    name = None

    def __init__(self, weight, every=1):
        if not weight >= 0:
            raise InputError(f"`weight` must be at least 0. Received: {weight}.")
        check_whole_numbers(every=every)
        self.weight, self.every = weight, every

    def build(self, model):
        """Looks at the model, and makes the state, if there is one, as the model's weights."""
        if batch_normalizations(model.discriminator):
            warnings.warn(
                "A penalty is about the gradient at single images, which batch normalisation in "
                "the discriminator mixes: use one of the two.",
                stacklevel=2,
            )

    def __call__(self, critic, real, fake, seed=None):
        """Returns the weighted penalty of one batch, a float32 scalar.

        Args:
            critic: Function from images (N, ...) to logits (N, ...), or a `training` `Critic`,
                whose passes at real and at generated images are then used again.
            real: Real images, float32 of shape (N, ...).
            fake: Generated images, same shape.
            seed: Integer or `keras.random.SeedGenerator` for penalties that draw points.
        """
        return self.weight * self.value(critic, real, fake, seed)

    def value(self, critic, real, fake, seed=None):
        """Returns the penalty before it is weighted."""
        raise NotImplementedError

    def lazily(self, update, critic, real, fake, seed=None):
        """Returns the penalty times `every` at each `every`-th update (from 0), 0 at the others."""

        def value():
            return self.every * self(critic, real, fake, seed=seed)

        if self.every == 1:
            return value()
        # Only the value is conditional: an update inside a condition fails under strategies.
        return ops.cond(update % self.every == 0, value, lambda: ops.zeros(()))

    def get_config(self):
        """Returns the constructor's arguments."""
        return {"weight": self.weight, "every": self.every}

    @classmethod
    def from_config(cls, config):
        """Makes the penalty from `get_config`'s dict."""
        return cls(**config)


def squared_norm(gradient):
    """Returns the squared Euclidean norm of each sample of (N, ...), of shape (N,)."""
    return ops.sum(ops.reshape(gradient, (ops.shape(gradient)[0], -1)) ** 2, axis=1)


def norm(gradient):
    """Returns the Euclidean norm of each sample of (N, ...), of shape (N,), smooth at 0."""
    return ops.sqrt(squared_norm(gradient) + 1e-12)


def _uniform(like, seed):
    # One number per sample, shaped to scale whole images.
    shape = (ops.shape(like)[0],) + (1,) * (len(like.shape) - 1)
    return keras.random.uniform(shape, seed=seed)


@keras.saving.register_keras_serializable("keras_gans")
class GradientPenalty(Penalty):
    """WGAN-GP: the gradient's norm is 1 on straight lines between real and generated images.

    weight * E[(|g(u)| - 1)^2] at u = real + a (fake - real), a uniform in [0, 1], one per image.

    Args:
        weight: Factor, float. Default: the paper's 10.
        every: Lazy interval. Default: 1.

    Reference: Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, equation 3.
    """

    name = "gradient_penalty"

    def __init__(self, weight=10.0, every=1):
        super().__init__(weight, every)

    def excess(self, norms):
        """Returns how far norms (N,) are from what is wanted."""
        return norms - 1.0

    def value(self, critic, real, fake, seed=None):
        """See the class."""
        points = real + _uniform(real, seed) * (fake - real)
        return ops.mean(self.excess(norm(input_gradient(critic, points))) ** 2)


@keras.saving.register_keras_serializable("keras_gans")
class LipschitzPenalty(GradientPenalty):
    """One-sided gradient penalty: only norms above 1 are punished.

    weight * E[max(0, |g(u)| - 1)^2] at the points of `GradientPenalty`.

    Reference: Petzka et al., "On the regularization of Wasserstein GANs", 2018, equation 8.
    """

    name = "lipschitz_penalty"

    def excess(self, norms):
        """Returns how far norms (N,) are above 1."""
        return ops.relu(norms - 1.0)


@keras.saving.register_keras_serializable("keras_gans")
class DRAGANPenalty(Penalty):
    """DRAGAN: the gradient's norm is 1 around the data.

    weight * E[(|g(x + a d)| - 1)^2] with d = 0.5 std(x) u, u uniform in [0, 1] per value, a uniform
    in [0, 1] per image, std(x) the standard deviation of all values of the batch.

    Args:
        weight: Factor, float. Default: the paper's 10.
        every: Lazy interval. Default: 1.

    Reference: Kodali et al., "On Convergence and Stability of GANs", 2017, algorithm 1, with the
    noise of the authors' code.
    """

    name = "dragan_penalty"

    def __init__(self, weight=10.0, every=1):
        super().__init__(weight, every)

    def value(self, critic, real, fake, seed=None):
        """See the class."""
        noise = 0.5 * ops.std(real) * keras.random.uniform(ops.shape(real), seed=seed)
        points = real + _uniform(real, seed) * noise
        return ops.mean((norm(input_gradient(critic, points)) - 1.0) ** 2)


@keras.saving.register_keras_serializable("keras_gans")
class R1(Penalty):
    """Zero-centred gradient penalty on real images.

    weight / 2 * E[|g(x)|^2] at real images x.

    Args:
        weight: The papers' gamma, float. Default: 10.
        every: Lazy interval. Default: 1.

    Reference: Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018,
    equation 9.
    """

    name = "r1"

    def __init__(self, weight=10.0, every=1):
        super().__init__(weight, every)

    def value(self, critic, real, fake, seed=None):
        """See the class."""
        return ops.mean(squared_norm(input_gradient(critic, real))) / 2


@keras.saving.register_keras_serializable("keras_gans")
class R2(R1):
    """Zero-centred gradient penalty on generated images.

    weight / 2 * E[|g(x)|^2] at generated images x.

    Args:
        weight: The papers' gamma, float. Default: 10.
        every: Lazy interval. Default: 1.

    Reference: Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018,
    section 4.1.
    """

    name = "r2"

    def value(self, critic, real, fake, seed=None):
        """See the class."""
        return super().value(critic, fake, real, seed)


def default_penalties(loss, normalization=None, weight=1.0):
    """Returns the lazy penalties that suit the networks of `networks.dcgan`.

    Without one the discriminator soon wins on small data sets, unless it has batch normalisation,
    beside which a gradient at single images has no meaning. A loss that pairs images needs the
    gradient at both kinds of them to be small (R3GAN).

    Args:
        loss: An `AdversarialLoss` or its name.
        normalization: Of the discriminator.
        weight: Of an R1 penalty that is alone. Default: 1, with which a discriminator of labelled
            images of 28 pixels stayed at chance for thousands of steps (benchmarks/README.md).

    Returns:
        `[R1(weight, every=16)]`, for a loss that pairs images `[R1(0.15, every=4),
        R2(0.15, every=4)]`, or none beside batch normalisation.
    """
    if normalization == "batch":
        return []
    if losses.get(loss).paired:
        return [R1(0.15, every=4), R2(0.15, every=4)]
    return [R1(weight, every=16)]
