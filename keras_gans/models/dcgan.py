"""DCGAN: a GAN of convolutions."""

import keras

from keras_gans.models.gan import GAN
from keras_gans.networks import dcgan
from keras_gans.networks.sizes import SIZES
from keras_gans.penalties import default_penalties


@keras.saving.register_keras_serializable("keras_gans")
class DCGAN(GAN):
    """Deep convolutional GAN.

    Args:
        generator: See `GAN`. Default: `networks.dcgan.generator`, for `image_shape`.
        discriminator: See `GAN`. Default: `networks.dcgan.discriminator`, for `image_shape`.
        loss: See `GAN`. Default: "non_saturating", the paper's.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of the latent. Default: 64; the paper: 100.
        filters: Feature maps at half the image's size; doubles at each halving, or one number for
            each. Default: 32; from 48 pixels on `networks.sizes.GENERATOR_MAPS` and
            `DISCRIMINATOR_MAPS`; the paper: 128 at 64 pixels.
        upsampling: "transpose" (the paper), "resize" or "subpixel", see `networks.dcgan.generator`.
            Default: "transpose" or, from 48 pixels on, "subpixel".
        hidden: Units of fully connected layers before the generator's projection, such as
            (128, 128). Default: none (the paper).
        self_modulation: See `networks.dcgan.generator`. Default: from 48 pixels on.
        normalization: Of the discriminator: "batch" (the paper), "spectral" or None. Default: None.
        initializer: Of the discriminator's kernels, see `networks.dcgan.discriminator`. Default:
            "normal" (the paper).
        minibatch_std: See `networks.dcgan.discriminator`. Default: from 48 pixels on.
        penalties: See `GAN`. Default: `penalties.default_penalties`: `[R1(1, every=16)]`, for a
            loss that pairs images `[R1(0.15, every=4), R2(0.15, every=4)]`, or none beside batch
            normalisation; the paper: `[]`.
        seed: See `GAN`. Default: 0.
        **engine: The arguments of `GAN`.

    Raises:
        InputError: If the networks cannot make images of that shape.

    Example:
        >>> gan = keras_gans.DCGAN(image_shape=(28, 28, 1), upsampling="resize")

    Reference: Radford et al., "Unsupervised Representation Learning with Deep Convolutional
    Generative Adversarial Networks", 2016. Matched: strided and transposed convolutions, batch
    normalisation in the generator but for its output, ReLU and leaky ReLU 0.2, N(0, 0.02) initial
    weights, Adam(2e-4, 0.5), batches of real and of generated images apart. Ours: 4x4 kernels where
    the paper has 5x5, at most 512 feature maps where it has 1,024, 64 latents from N(0, 1) where it
    has 100 uniform in [-1, 1], gammas of 1 where the authors' code draws N(1, 0.02); the
    generator's update reuses the discriminator's fakes; a lazy gradient penalty in place of the
    discriminator's batch normalisation, with which it soon wins on small data sets; from 48 pixels
    on other feature maps, a last layer of sub-pixel convolution, a self-modulated generator and
    ProGAN's minibatch standard deviation; and in `keras-gans train` StyleGAN2's Adam(2e-3, 0,
    0.99), from 48 pixels on at half that rate, with R3GAN's loss and penalties. Nearest to the
    paper at 64 pixels: `DCGAN(normalization="batch", filters=128, upsampling="transpose",
    self_modulation=False, minibatch_std=False, latent_dim=100, prior="uniform",
    reuse_fakes=False)`.
    """

    image_sizes = SIZES

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        *,
        image_shape=None,
        latent_dim=64,
        filters=None,
        upsampling=None,
        hidden=(),
        self_modulation=None,
        normalization=None,
        initializer="normal",
        minibatch_std=None,
        penalties=None,
        seed=0,
        **engine,
    ):
        if generator is None:
            options = dict(upsampling=upsampling, hidden=hidden, seed=seed)
            options |= dict(self_modulation=self_modulation)
            generator = dcgan.generator(image_shape, latent_dim, filters, **options)
        if discriminator is None:
            options = dict(normalization=normalization, initializer=initializer, seed=seed)
            options |= dict(minibatch_std=minibatch_std)
            discriminator = dcgan.discriminator(image_shape, filters, **options)
        if penalties is None:
            penalties = default_penalties(loss, normalization)
        super().__init__(generator, discriminator, loss, penalties, seed=seed, **engine)
