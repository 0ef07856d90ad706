"""Adversarial losses: what each player minimises, as formulas on logits.

`D(x)` are the discriminator's logits on real images, `D(G(z))` those on generated ones. Logits may
have any rank (one number an image, or a map of them as a PatchGAN gives): every loss is the mean
over all of them. `E` stands for that mean, `sigmoid` never needs to be applied by the caller.
"""

import difflib

import keras
from keras import ops

from keras_gans.errors import InputError


class AdversarialLoss:
    """Base class of the adversarial losses: one formula for each player.

    Attributes:
        name: The identifier under which `get` finds the loss.
        boundary: The logit between "real" and "generated", used for accuracies. None where the
            zero of the logits means nothing; each side is then compared with the other's mean.
        paired: Whether the generator's loss also needs the logits on real images.
        smoothable: Whether the discriminator's loss has a label for real images to smooth.
    """

    name = None
    boundary = 0.0
    paired = False
    smoothable = False

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """Returns the scalar that the discriminator minimises.

        Args:
            real_logits: Logits on real images, float, any shape.
            fake_logits: Logits on generated images, same shape.
            real_label: Label of real images, 1.0, or less for one-sided label smoothing
                (Salimans et al., 2016). Only for losses with `smoothable`.
        """
        raise NotImplementedError

    def generator_loss(self, fake_logits, real_logits=None):
        """Returns the scalar that the generator minimises.

        Args:
            fake_logits: Logits on generated images, float, any shape.
            real_logits: Logits on real images, same shape; only for losses with `paired`.
        """
        raise NotImplementedError

    def check_smoothing(self, label_smoothing):
        """Raises InputError unless real labels may be 1 - label_smoothing."""
        if not 0 <= label_smoothing < 1 or (label_smoothing and not self.smoothable):
            raise InputError(
                "`label_smoothing` is in [0, 1), and above 0 it needs a loss with labels, such as "
                f"non_saturating. Received: {label_smoothing} with {self.name}."
            )

    def accuracies(self, real_logits, fake_logits):
        """Returns the shares of real and of generated images that are judged correctly, in 0..1."""
        above, below = self.boundary, self.boundary
        if self.boundary is None:
            above, below = ops.mean(fake_logits), ops.mean(real_logits)
        real = ops.mean(ops.cast(real_logits > above, "float32"))
        fake = ops.mean(ops.cast(fake_logits < below, "float32"))
        return real, fake

    def get_config(self):
        """Returns the constructor's arguments; the losses have none."""
        return {}

    @classmethod
    def from_config(cls, config):
        """Makes the loss from `get_config`'s dict."""
        return cls(**config)


def _cross_entropy(label, logits):
    # -label log s(x) - (1 - label) log(1 - s(x)) with s the sigmoid, safe for large |x|.
    return ops.mean(ops.softplus(logits) - label * logits)


@keras.saving.register_keras_serializable("keras_gans")
class Minimax(AdversarialLoss):
    """The zero-sum game of the first GAN.

    L_D = -E[r log s(D(x)) + (1 - r) log(1 - s(D(x)))] - E[log(1 - s(D(G(z))))]
    L_G = E[log(1 - s(D(G(z))))]

    with s the sigmoid and r the label of real images. The generator's gradient vanishes while the
    discriminator wins, which is why `NonSaturating` is used in practice.

    Reference: Goodfellow et al., "Generative Adversarial Networks", 2014, equation 1.
    """

    name = "minimax"
    smoothable = True

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """See the class: L_D."""
        return _cross_entropy(real_label, real_logits) + _cross_entropy(0.0, fake_logits)

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return -_cross_entropy(0.0, fake_logits)


@keras.saving.register_keras_serializable("keras_gans")
class NonSaturating(Minimax):
    """The loss of the first GAN with a generator that maximises log s(D(G(z))) instead.

    L_D = -E[r log s(D(x)) + (1 - r) log(1 - s(D(x)))] - E[log(1 - s(D(G(z))))]
    L_G = -E[log s(D(G(z)))]

    with s the sigmoid and r the label of real images.

    Reference: Goodfellow et al., "Generative Adversarial Networks", 2014, section 3.
    """

    name = "non_saturating"

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return _cross_entropy(1.0, fake_logits)


@keras.saving.register_keras_serializable("keras_gans")
class LeastSquares(AdversarialLoss):
    """Least squares towards the labels 1 (real) and 0 (generated).

    L_D = E[(D(x) - r)^2] / 2 + E[D(G(z))^2] / 2
    L_G = E[(D(G(z)) - 1)^2] / 2

    with r the label of real images.

    Reference: Mao et al., "Least Squares Generative Adversarial Networks", 2017, equation 9.
    """

    name = "least_squares"
    boundary = 0.5
    smoothable = True

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """See the class: L_D."""
        return (ops.mean((real_logits - real_label) ** 2) + ops.mean(fake_logits**2)) / 2

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return ops.mean((fake_logits - 1.0) ** 2) / 2


@keras.saving.register_keras_serializable("keras_gans")
class Hinge(AdversarialLoss):
    """Margins of one on either side of zero.

    L_D = E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]
    L_G = -E[D(G(z))]

    Reference: Lim and Ye, "Geometric GAN", 2017; Miyato et al., "Spectral Normalization for
    Generative Adversarial Networks", 2018, equations 16 and 17.
    """

    name = "hinge"

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """See the class: L_D."""
        return ops.mean(ops.relu(1.0 - real_logits)) + ops.mean(ops.relu(1.0 + fake_logits))

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return -ops.mean(fake_logits)


@keras.saving.register_keras_serializable("keras_gans")
class Wasserstein(AdversarialLoss):
    """The dual of the Wasserstein-1 distance, for a critic that is kept Lipschitz by other means.

    L_D = E[D(G(z))] - E[D(x)]
    L_G = -E[D(G(z))]

    -L_D estimates the distance between real and generated images, up to the Lipschitz constant.

    Reference: Arjovsky et al., "Wasserstein GAN", 2017, algorithm 1.
    """

    name = "wasserstein"
    boundary = None

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """See the class: L_D."""
        return ops.mean(fake_logits) - ops.mean(real_logits)

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return -ops.mean(fake_logits)


@keras.saving.register_keras_serializable("keras_gans")
class Relativistic(AdversarialLoss):
    """Relativistic pairing: every generated image is judged against a real one.

    L_D = E[softplus(D(G(z)) - D(x))]
    L_G = E[softplus(D(x) - D(G(z)))]

    Reference: Jolicoeur-Martineau, "The relativistic discriminator", 2018; Huang et al., "The GAN
    is dead; long live the GAN!", 2024, equation 2.
    """

    name = "relativistic"
    boundary = None
    paired = True

    def discriminator_loss(self, real_logits, fake_logits, real_label=1.0):
        """See the class: L_D."""
        return ops.mean(ops.softplus(fake_logits - real_logits))

    def generator_loss(self, fake_logits, real_logits=None):
        """See the class: L_G."""
        return ops.mean(ops.softplus(real_logits - fake_logits))


LOSSES = {
    loss.name: loss
    for loss in (Minimax, NonSaturating, LeastSquares, Hinge, Wasserstein, Relativistic)
}


def get(identifier):
    """Returns an adversarial loss.

    Args:
        identifier: An `AdversarialLoss`, or one of "minimax", "non_saturating", "least_squares",
            "hinge", "wasserstein" and "relativistic".

    Raises:
        InputError: If no loss has that name.
    """
    if isinstance(identifier, AdversarialLoss):
        return identifier
    if isinstance(identifier, str) and identifier in LOSSES:
        return LOSSES[identifier]()
    near = difflib.get_close_matches(str(identifier), LOSSES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"`loss` must be an AdversarialLoss or one of {', '.join(LOSSES)}. "
        f"Received: {identifier!r}.{hint}"
    )
