"""ProjectionGAN: labels by a product in the discriminator, by normalisation in the generator."""

import keras

from keras_gans.checks import check_whole_numbers
from keras_gans.models.gan import GAN
from keras_gans.networks import resnet
from keras_gans.networks.sizes import MAX_FILTERS, SIZES


@keras.saving.register_keras_serializable("keras_gans")
class ProjectionGAN(GAN):
    """Conditional GAN whose logit is a sum: is the image real, and is it of its class?

        D(x, y) = w^T phi(x) + b + V[y]^T phi(x)

    phi being the features of a residual, spectrally normalised discriminator, and V a vector for
    each class. The generator takes the label as scales and shifts of its normalised features.

    Args:
        generator: See `GAN`. Default: `networks.resnet.generator` with labels, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.resnet.discriminator` with labels.
        loss: See `GAN`. Default: "hinge".
        num_classes: Number of classes, labels are 0..num_classes - 1. Default: 10.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent. Default: 128 (the paper).
        filters: See `networks.resnet`. Default: 64.
        max_filters: See `networks.resnet`. Default: 512.
        attention: Side in pixels of self-attention in both networks (SAGAN: 32), see
            `networks.resnet`. Default: None.
        normalization: See `networks.resnet.discriminator`. Default: "spectral".
        discriminator_steps: See `GAN`. Default: 5 (the paper).
        seed: See `GAN`. Default: 0.
        **engine: The other arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape, or `num_classes` is below 2.

    Example:
        >>> gan = keras_gans.ProjectionGAN(image_shape=(32, 32, 3), num_classes=10)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("cifar10", labels=True), epochs=50)
        >>> threes = gan.generate(16, labels=3)

    Reference: Miyato and Koyama, "cGANs with Projection Discriminator", 2018. Matched: the logit,
    conditional batch normalisation, blocks, initial weights, hinge loss, five discriminator steps,
    Adam(2e-4, 0, 0.9). Ours: fewer feature maps by default; a block for each halving down to 4 to
    7 pixels and one more, where the authors halve 32 pixels twice; generated images have the labels
    of the real ones; the generator's update reuses the discriminator's last fakes, where theirs
    draws twice as many new ones (`reuse_fakes=False`). Self-attention: Zhang et al.,
    "Self-Attention Generative Adversarial Networks", 2019.
    """

    image_sizes = SIZES
    takes_labels = True

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="hinge",
        *,
        num_classes=10,
        image_shape=None,
        latent_dim=128,
        filters=64,
        max_filters=MAX_FILTERS,
        attention=None,
        normalization="spectral",
        discriminator_steps=5,
        seed=0,
        **engine,
    ):
        check_whole_numbers(least=2, num_classes=num_classes)
        options = {"num_classes": num_classes, "attention": attention, "seed": seed}
        sizes = (filters, max_filters)
        if generator is None:
            generator = resnet.generator(image_shape, latent_dim, *sizes, **options)
        if discriminator is None:
            options["normalization"] = normalization
            shape = generator.output_shape[1:]
            discriminator = resnet.discriminator(shape, *sizes, **options)
        engine |= {"num_classes": num_classes, "discriminator_steps": discriminator_steps}
        super().__init__(generator, discriminator, loss, seed=seed, **engine)

    @classmethod
    def networks_for_points(cls, *arguments, **options):
        """Raises InputError: what is projected are features of residual networks of images."""
        return super(GAN, cls).networks_for_points(*arguments, **options)

    def default_optimizers(self):
        """Returns the paper's optimizers."""
        return {p: keras.optimizers.Adam(2e-4, 0.0, 0.9, epsilon=1e-8) for p in self.players()}
