"""ACGAN: a discriminator that also says which class it sees."""

import keras
from keras import ops

from keras_gans.checks import check_whole_numbers
from keras_gans.models.conditional_gan import ConditionalGAN
from keras_gans.networks import dcgan, heads, mlp


@keras.saving.register_keras_serializable("keras_gans")
class ACGAN(ConditionalGAN):
    """Auxiliary classifier GAN: the discriminator classifies, and both players want it to be right.

    With P(c | x) the softmax of the class logits of an image x, and c its class,

        L_C(x) = -E[log P(c | x)]

    the discriminator minimises its adversarial loss + L_C(real) + L_C(generated), the generator its
    adversarial loss + L_C(generated). The discriminator does not see the label.

    Args:
        generator: See `GAN`. Default: `networks.dcgan.generator` with labels, for `image_shape`.
        discriminator: Keras model from images to [logits, class logits (N, num_classes)]. Default:
            `networks.dcgan.discriminator` with a head for the class.
        num_classes: Number of classes, labels are 0..num_classes - 1. Default: 10.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        filters: See `DCGAN`.
        normalization: See `DCGAN`. Default: None.
        seed: See `GAN`. Default: 0.
        **options: The arguments of `ConditionalGAN`.

    Raises:
        InputError: If the networks cannot make images of that shape, `num_classes` is below 2, or a
            discriminator that is given does not classify.

    Example:
        >>> gan = keras_gans.ACGAN(image_shape=(16, 16, 1), num_classes=10)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("digits", image_size=16, labels=True), epochs=50)
        >>> threes = gan.generate(16, labels=3)

    Reference: Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017,
    equations 2 and 3. Matched: both terms in both players at equal weight, one body with two heads,
    the label joined to the latent, Adam(2e-4, 0.5). Ours: the adversarial loss that does not
    saturate; generated images get the labels of the real batch; DCGAN's networks, without the
    dropout and noise in the paper's discriminator; a lazy R1 penalty; one model for all classes,
    where the paper has one for every ten of ImageNet's.
    """

    log_names = (
        *ConditionalGAN.log_names,
        "real_class_loss",
        "fake_class_loss",
        "generator_class_loss",
        "class_accuracy",
    )

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        num_classes=10,
        image_shape=None,
        filters=None,
        normalization=None,
        seed=0,
        **options,
    ):
        check_whole_numbers(least=2, num_classes=num_classes)
        if discriminator is None:
            shape = generator.output_shape[1:] if generator else image_shape
            discriminator = dcgan.discriminator(shape, filters, normalization, seed=seed)
            discriminator = heads.add_head(discriminator, num_classes, seed)
        heads.check_heads(discriminator, num_classes, "ACGAN", "class logits")
        options |= {"filters": filters, "normalization": normalization, "seed": seed}
        options |= {"num_classes": num_classes, "image_shape": image_shape}
        super().__init__(generator, discriminator, **options)

    @classmethod
    def networks_for_points(cls, size, num_classes, seed, latent_dim=2):
        """Returns small fully connected networks; see `networks.mlp.for_points`."""
        discriminator = mlp.for_points(size, None, seed)["discriminator"]
        return mlp.for_points(size, num_classes, seed, latent_dim) | {
            "discriminator": heads.add_head(discriminator, num_classes, seed)
        }

    def discriminator_terms(self, real, fake, labels, fakes):
        """Returns the adversarial loss and both of the classifier's."""
        right = ops.cast(ops.argmax(real.extra, axis=-1), labels.dtype) == labels
        self.track(class_accuracy=ops.mean(ops.cast(right, "float32")))
        return super().discriminator_terms(real, fake, labels, fakes) | {
            "real_class_loss": class_loss(real.extra, labels),
            "fake_class_loss": class_loss(fake.extra, fakes.labels),
        }

    def generator_terms(self, fake, real, fakes):
        """Returns the adversarial loss and that of the classes that were asked for."""
        return super().generator_terms(fake, real, fakes) | {
            "generator_class_loss": class_loss(fake.extra, fakes.labels)
        }


def class_loss(class_logits, labels):
    """Returns -E[log P(c | x)] of class logits (N, num_classes) and labels c (N,), a scalar."""
    log_shares = ops.log_softmax(ops.cast(class_logits, "float32"), axis=-1)
    return -ops.mean(ops.take_along_axis(log_shares, ops.expand_dims(labels, -1), axis=-1))
