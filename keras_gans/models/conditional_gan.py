"""ConditionalGAN: images of a class that is asked for."""

import keras

from keras_gans.checks import check_whole_numbers
from keras_gans.models.gan import GAN
from keras_gans.networks import dcgan
from keras_gans.networks.conditional import condition
from keras_gans.networks.sizes import SIZES
from keras_gans.penalties import default_penalties


@keras.saving.register_keras_serializable("keras_gans")
class ConditionalGAN(GAN):
    """GAN whose players both see the label.

    The label joins the latent as a one-hot vector, and the image as constant planes.

    Args:
        generator: See `GAN`. Default: `networks.dcgan.generator` with labels, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.dcgan.discriminator` with labels.
        loss: See `GAN`. Default: "non_saturating".
        num_classes: Number of classes, labels are 0..num_classes - 1. Default: 10.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent, without the label. Default: 64.
        filters: See `DCGAN`.
        upsampling: See `DCGAN`.
        hidden: See `DCGAN`. Default: none.
        normalization: See `DCGAN`. Default: None.
        penalties: See `GAN`. Default: as in `DCGAN`, but an R1 of weight 0.1.
        **engine: The arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape, or `num_classes` is below 2.

    Example:
        >>> gan = keras_gans.ConditionalGAN(image_shape=(16, 16, 1), num_classes=10)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("digits", image_size=16, labels=True), epochs=50)
        >>> threes = gan.generate(16, labels=3)

    Reference: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014. Matched: labels
    as inputs of both networks, the loss. Ours: convolutional networks, a lazy R1 penalty, Adam.
    """

    image_sizes = SIZES
    takes_labels = True

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        *,
        num_classes=10,
        image_shape=None,
        latent_dim=64,
        filters=None,
        upsampling=None,
        hidden=(),
        normalization=None,
        penalties=None,
        seed=0,
        **engine,
    ):
        check_whole_numbers(least=2, num_classes=num_classes)
        if generator is None:
            inputs = latent_dim + num_classes
            options = dict(upsampling=upsampling, hidden=hidden, seed=seed)
            generator = dcgan.generator(image_shape, inputs, filters, **options)
            generator = condition(generator, num_classes)
        if discriminator is None:
            *size, channels = generator.output_shape[1:]
            inputs = (*size, channels + num_classes)
            discriminator = dcgan.discriminator(inputs, filters, normalization, seed=seed)
            discriminator = condition(discriminator, num_classes)
        if penalties is None:
            penalties = default_penalties(loss, normalization, weight=0.1)
        engine |= {"num_classes": num_classes, "seed": seed}
        super().__init__(generator, discriminator, loss, penalties, **engine)
