"""StyleGAN: a mapping to styles that set every layer's contrast, and noise; it can grow."""

import keras

from keras_gans.checks import check_numbers
from keras_gans.models.progressive_gan import ProgressiveGAN
from keras_gans.models.style_based import StyleBased
from keras_gans.networks import stylegan
from keras_gans.penalties import R1


@keras.saving.register_keras_serializable("keras_gans")
class StyleGAN(StyleBased, ProgressiveGAN):
    """A ProGAN whose generator is two networks: a mapping w = f(z), and a synthesis from styles.

    The synthesis begins with a constant. After each convolution comes noise, and adaptive instance
    normalisation with a scale and a shift that are an affine map of w. In training some images have
    the styles of two latents. See `StyleBased` for `map`, `synthesize`, `mix` and truncation.

    Args:
        generator: A `networks.stylegan.StyleGenerator`. Default: that.
        discriminator: A `networks.stylegan.StyleDiscriminator`. Default: that.
        loss: See `GAN`. Default: "non_saturating".
        penalties: See `GAN`. Default: `[R1(gamma)]`.
        image_shape: (height, width, channels), see `networks.sizes.stages`.
        latent_dim: Size of a latent and of a style. Default: 128; the paper: 512.
        filters: Feature maps at the full size, which double at each halving. Default: 16; the
            paper: 16 for 1024 pixels, 256 for 64.
        max_filters: The most feature maps of a layer. Default: 128; the paper: 512.
        mapping_layers: Layers of the mapping. Default: 8 (the paper).
        growing: Whether the networks grow as those of a `ProgressiveGAN`, or have the full size
            from the start. Default: True.
        mixing: How often images have two styles, in 0..1. Default: 0.9.
        gamma: Weight of R1. Default: 10.
        drift: See `ProgressiveGAN`. Default: 0.
        ema_images: See `GAN`. Default: 10,000.
        seed: See `GAN`. Default: 0.
        **growth: The other arguments of `ProgressiveGAN`.

    Raises:
        InputError: If an argument is out of range.

    Example:
        >>> gan = keras_gans.StyleGAN(image_shape=(64, 64, 3), growing=False)
        >>> gan.compile()
        >>> gan.fit(keras_gans.data.load("faces/", image_size=64), epochs=100)
        >>> images = gan.generate(16, truncation=0.7)

    Reference: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial
    Networks", 2019. Matched to the authors' code: networks, gains and initial weights, the loss and
    R1, mixing, the mean style, Adam(1e-3, 0, 0.99), the average by images. Ours: small networks by
    default; growth begins at the smallest size, where theirs begins at 8 pixels; the average begins
    with a decay of at most (1 + step) / (10 + step), and theirs has its half-life from the start;
    see `ProgressiveGAN`.
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        loss="non_saturating",
        penalties=None,
        *,
        image_shape=None,
        latent_dim=128,
        filters=16,
        max_filters=128,
        mapping_layers=8,
        growing=True,
        mixing=0.9,
        gamma=10.0,
        drift=0.0,
        ema_images=10_000,
        seed=0,
        **growth,
    ):
        check_numbers(0, 1, mixing=mixing)
        sizes = (image_shape, latent_dim, filters, max_filters)
        if generator is None:
            generator = stylegan.StyleGenerator(*sizes, mapping_layers, seed=seed)
        if discriminator is None:
            discriminator = stylegan.StyleDiscriminator(*sizes, seed=seed)
        penalties = [R1(gamma)] if penalties is None else penalties
        self.growing, self.mixing = growing, mixing
        growth |= {"drift": drift, "ema_images": ema_images, "seed": seed}
        super().__init__(generator, discriminator, loss, penalties, **growth)
        self.num_styles = 2 * self.generator.num_levels
        self.mean_style = self.add_mean("mean_style", (self.latent_dim,))

    def mapping(self, generator):
        """Returns a generator's network from latents to styles; see `StyleBased`."""
        return generator.mapping

    def synthesis(self, generator):
        """Returns a generator's function from styles to images; see `StyleBased`."""
        return generator.synthesize

    def styles_at_work(self):
        """Returns how many layers have an effect at this level."""
        return 2 * (self.generator.level + 1)

    def images_seen(self):
        """Returns the number of images so far, or as many as it takes to be grown."""
        if self.growing:
            return super().images_seen()
        return self.generator.num_levels * (self.fade_images + self.stable_images)

    def get_config(self):
        """Returns all that makes the same model, networks included, but for the weights."""
        return super().get_config() | {"growing": self.growing, "mixing": self.mixing}
