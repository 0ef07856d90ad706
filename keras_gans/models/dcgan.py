"""DCGAN: a GAN of convolutions."""

import keras

from keras_gans.models.gan import GAN
from keras_gans.networks import dcgan


@keras.saving.register_keras_serializable("keras_gans")
class DCGAN(GAN):
    """Deep convolutional GAN.

    Args:
        generator: See `GAN`. Default: `networks.dcgan.generator`, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.dcgan.discriminator`, for `image_shape`.
        image_shape: (height, width, channels), square, of 16 to 128 pixels.
        latent_dim: Size of the latent. Default: 64; the paper: 100.
        filters: Feature maps at half the image's size; doubles at each halving. Default: 64.
        upsampling: "transpose" (the paper) or "resize". Default: "transpose".
        normalization: Of the discriminator: "batch" (the paper), "spectral" or None. Default:
            "batch".
        **engine: The arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape.

    Example:
        >>> gan = keras_gans.DCGAN(image_shape=(28, 28, 1), upsampling="resize")

    Reference: Radford et al., "Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks", 2016. Matched: strided and transposed convolutions, batch
    normalisation but for the generator's output and the discriminator's input, ReLU and leaky ReLU
    0.2, N(0, 0.02) initial weights, Adam(2e-4, 0.5), batches of real and of generated images apart.
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        *,
        image_shape=None,
        latent_dim=64,
        filters=64,
        upsampling="transpose",
        normalization="batch",
        seed=0,
        **engine,
    ):
        if generator is None:
            generator = dcgan.generator(image_shape, latent_dim, filters, upsampling, seed=seed)
        if discriminator is None:
            discriminator = dcgan.discriminator(image_shape, filters, normalization, seed=seed)
        super().__init__(generator, discriminator, seed=seed, **engine)
