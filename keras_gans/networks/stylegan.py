"""The networks of StyleGAN: a constant, noise and styles at every layer; they can grow."""

import keras
from keras import layers, ops

from keras_gans.layers.adain import AdaIN
from keras_gans.layers.constant_input import ConstantInput
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.equalized import Equalized
from keras_gans.layers.noise_injection import NoiseInjection
from keras_gans.layers.resampling import FIRFilter2D
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D
from keras_gans.networks import progressive
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.mapping import mapping
from keras_gans.networks.progressive import GAIN, activate, conv
from keras_gans.networks.sizes import MAX_FILTERS

BLUR = (1, 2, 1)


@keras.saving.register_keras_serializable("keras_gans")
class StyleGenerator(progressive.Growing):
    """The generator: a mapping, and two layers for each size with noise, a style and a blur.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of a latent and of a style. Default: 512 (the paper).
        filters: Feature maps at the full size. Default: 16 (the paper, for 1024 pixels).
        max_filters: The most feature maps of a layer. Default: 512 (the paper).
        mapping_layers: Layers of the mapping. Default: 8 (the paper).
        seed: Int seed of the initial weights and of the noise. Default: None.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        image_shape,
        latent_dim=512,
        filters=16,
        max_filters=MAX_FILTERS,
        mapping_layers=8,
        seed=None,
        **kwargs,
    ):
        options = (image_shape, latent_dim, filters, max_filters, seed)
        super().__init__(*options, **{"name": "generator"} | kwargs)
        seeds = layer_seeds(seed, stream=0)
        self.inputs, self.outputs = [self.latents], [self.images]
        self.mapping_layers = mapping_layers
        self.mapping = mapping(latent_dim, latent_dim, mapping_layers, None, seeds)
        self.blocks, self.ends = [], []
        for level, width in enumerate(self.widths):
            styles = keras.Input((2, latent_dim))
            # Normalising a constant has a gradient that half precision cannot hold.
            dtype = "float32" if level == 0 else None
            if level == 0:
                features = []
                x = ConstantInput((*self.base, width), dtype=dtype)(styles)
            else:
                features = [keras.Input((*self.side(level - 1), self.widths[level - 1]))]
                enlarging = UpsamplingConv2D(width, use_bias=False)
                x = Equalized(enlarging, GAIN, seed=next(seeds))(*features)
                x = FIRFilter2D(taps=BLUR)(x)
            x = _stylize(x, styles[:, 0], seeds, dtype)
            options = {"padding": "same", "use_bias": False, "dtype": dtype}
            convolution = Conv2D(width, 3, **options)
            x = Equalized(convolution, GAIN, seed=next(seeds))(x)
            x = _stylize(x, styles[:, 1], seeds, dtype)
            self.blocks.append(keras.Model([*features, styles], x))
            end = conv(image_shape[-1], 1, seeds, gain=1.0)
            end.build((None, *self.side(level), width))
            self.ends.append(end)

    def at_work(self):
        """Returns the trainable variables of the mapping and of the layers that are at work."""
        return [*self.mapping.trainable_variables, *super().at_work()]

    def call(self, latents, training=False):
        """Returns images, see `synthesize`."""
        styles = ops.repeat(self.mapping(latents)[:, None], 2 * self.num_levels, axis=1)
        return self.synthesize(styles, training)

    def synthesize(self, styles, training=False):
        """Returns images of styles (N, layers, latent_dim), of the full size but in training."""
        x = before = None
        for level in range(self.level + 1):
            style = styles[:, 2 * level : 2 * level + 2]
            inputs = [style] if level == 0 else [x, style]
            before, x = x, self.blocks[level](inputs, training=training)
        images = ops.cast(self.ends[self.level](x), "float32")
        if self.fading:
            below = ops.cast(self.ends[self.level - 1](before), "float32")
            images = self.blend(progressive.enlarge(below), images)
        if training:
            return images
        return progressive.enlarge(images, self.num_levels - 1 - self.level)

    @property
    def output_shape(self):
        """(None, height, width, channels) of the images in use."""
        return (None, *self.image_shape)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "mapping_layers": self.mapping_layers}


@keras.saving.register_keras_serializable("keras_gans")
class StyleDiscriminator(progressive.ProgressiveDiscriminator):
    """ProGAN's discriminator with a blur before images are halved, and halving before activation.

    Args:
        image_shape: See `StyleGenerator`.
        latent_dim: Units of the last layer but one. Default: 512 (the paper).
        filters: See `StyleGenerator`.
        max_filters: See `StyleGenerator`.
        seed: Int seed of the initial weights. Default: None.

    Raises:
        InputError: If an argument is out of range.
    """

    def halve(self, x, convolve):
        """Returns features of half the height and width, after a convolution."""
        return activate(layers.AveragePooling2D(2)(convolve(FIRFilter2D(taps=BLUR)(x))))


def _stylize(x, style, seeds, dtype):
    x = NoiseInjection(per_channel=True, use_bias=True, seed=next(seeds), dtype=dtype)(x)
    return AdaIN(seed=next(seeds), dtype=dtype)([activate(x), style])
