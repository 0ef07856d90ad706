"""The growing networks of ProGAN: every size has layers of its own, which are faded in."""

import math

import keras
from keras import layers, ops

from keras_gans.checks import check_whole_numbers
from keras_gans.layers.conv2d import Conv2D
from keras_gans.layers.conv2d_transpose import Conv2DTranspose
from keras_gans.layers.equalized import Equalized
from keras_gans.layers.minibatch_std import MinibatchStd
from keras_gans.layers.pixel_normalization import PixelNormalization
from keras_gans.layers.upsampling_conv2d import UpsamplingConv2D
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import MAX_FILTERS, doubled, stages

GAIN = math.sqrt(2)


class Growing(keras.Model):
    """Base class of networks that grow: all layers exist, those up to a level are at work.

    A subclass makes `blocks`, one for each size from the smallest, and `ends`, the layers between
    features and images of that size.

    Args:
        image_shape: (height, width, channels) after the last growth, see `sizes.stages`.
        latent_dim: Size of a latent.
        filters: Feature maps at the full size, which double at each halving.
        max_filters: The most feature maps of a layer.
        seed: Int seed of the initial weights.

    Attributes:
        level: Doublings of the smallest size so far, an int; at first all.
        fading: Whether the layers of this level are being faded in.
        fade: How far they are, 0..1, a variable; at 0 the network is that of the level below.
        num_levels: Number of sizes.
    """

    def __init__(self, image_shape, latent_dim, filters, max_filters, seed, **kwargs):
        super().__init__(**kwargs)
        check_whole_numbers(latent_dim=latent_dim, filters=filters, max_filters=max_filters)
        doublings, self.base = stages(image_shape)
        self.image_shape, self.latent_dim = tuple(image_shape), latent_dim
        self.filters, self.max_filters, self.seed = filters, max_filters, seed
        self.widths = doubled(filters, doublings + 1, max_filters)[::-1]
        self.num_levels = doublings + 1
        self.level, self.fading = doublings, False
        self.fade = self.add_weight(name="fade", shape=(), initializer="ones", trainable=False)
        self.latents = keras.KerasTensor((None, latent_dim), name="latents")
        self.images = keras.KerasTensor((None, *self.image_shape), name="images")
        self.built = True

    @property
    def input(self):
        """What the network takes, as Keras' own networks know it, for exports."""
        return self.inputs[0]

    def side(self, level):
        """Returns the (height, width) of a level's images."""
        return tuple(side << level for side in self.base)

    def at_work(self):
        """Returns the trainable variables of the layers that are at work."""
        first = self.level - 1 if self.fading else self.level
        parts = [*self.blocks[: self.level + 1], *self.ends[first : self.level + 1]]
        return [v for part in parts for v in part.trainable_variables]

    def blend(self, before, now):
        """Returns what the level below and this level give, as far as this one is faded in."""
        fade = ops.cast(self.fade, now.dtype)
        return (1.0 - fade) * before + fade * now

    def build(self, input_shape=None):
        """Does nothing, since all layers are built with the network."""

    def get_config(self):
        """Returns the constructor's arguments."""
        names = ("image_shape", "latent_dim", "filters", "max_filters", "seed", "name")
        return {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("keras_gans")
class ProgressiveGenerator(Growing):
    """The generator: two 3x3 convolutions for each size, with pixel normalisation.

    In training it makes images of its level's size, in use of the full size always, enlarged.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of the latent. Default: 512 (the paper).
        filters: Feature maps at the full size. Default: 16 (the paper, for 1024 pixels).
        max_filters: The most feature maps of a layer. Default: 512 (the paper).
        seed: Int seed of the initial weights. Default: None.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self, image_shape, latent_dim=512, filters=16, max_filters=MAX_FILTERS, seed=None, **kwargs
    ):
        options = (image_shape, latent_dim, filters, max_filters, seed)
        super().__init__(*options, **{"name": "generator"} | kwargs)
        seeds = layer_seeds(seed, stream=0)
        self.inputs, self.outputs = [self.latents], [self.images]
        self.blocks, self.ends = [], []
        for level, width in enumerate(self.widths):
            if level == 0:
                x = inputs = keras.Input((latent_dim,))
                x = PixelNormalization()(x)
                x = layers.Reshape((1, 1, latent_dim))(x)
                # A fully connected layer with a bias for each map.
                dense = Conv2DTranspose(width, self.base)
                x = _normalize(Equalized(dense, GAIN, seed=next(seeds))(x))
            else:
                x = inputs = keras.Input((*self.side(level - 1), self.widths[level - 1]))
                x = _normalize(Equalized(UpsamplingConv2D(width), GAIN, seed=next(seeds))(x))
            x = _normalize(conv(width, 3, seeds)(x))
            self.blocks.append(keras.Model(inputs, x))
            end = conv(image_shape[-1], 1, seeds, gain=1.0)
            end.build((None, *self.side(level), width))
            self.ends.append(end)

    def call(self, latents, training=False):
        """Returns images."""
        x, before = latents, None
        for level in range(self.level + 1):
            before, x = x, self.blocks[level](x)
        images = ops.cast(self.ends[self.level](x), "float32")
        if self.fading:
            below = ops.cast(self.ends[self.level - 1](before), "float32")
            images = self.blend(enlarge(below), images)
        return images if training else enlarge(images, self.num_levels - 1 - self.level)

    @property
    def output_shape(self):
        """(None, height, width, channels) of the images in use."""
        return (None, *self.image_shape)


@keras.saving.register_keras_serializable("keras_gans")
class ProgressiveDiscriminator(Growing):
    """The discriminator: the generator's mirror image, with minibatch standard deviation.

    It takes images of the full size, or of its level's size.

    Args:
        image_shape: See `ProgressiveGenerator`.
        latent_dim: Units of the last layer but one. Default: 512 (the paper).
        filters: See `ProgressiveGenerator`.
        max_filters: See `ProgressiveGenerator`.
        seed: See `ProgressiveGenerator`.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self, image_shape, latent_dim=512, filters=16, max_filters=MAX_FILTERS, seed=None, **kwargs
    ):
        options = (image_shape, latent_dim, filters, max_filters, seed)
        super().__init__(*options, **{"name": "discriminator"} | kwargs)
        seeds = layer_seeds(seed, stream=1)
        self.inputs = [self.images]
        self.blocks, self.ends = [], []
        for level, width in enumerate(self.widths):
            x = inputs = keras.Input((*self.side(level), width))
            if level == 0:
                x = MinibatchStd()(x)
                x = activate(conv(width, 3, seeds)(x))
                dense = Equalized(layers.Dense(latent_dim), GAIN, seed=next(seeds))
                x = activate(dense(layers.Flatten()(x)))
                x = Equalized(layers.Dense(1, dtype="float32"), seed=next(seeds))(x)
            else:
                x = activate(conv(width, 3, seeds)(x))
                x = self.halve(x, conv(self.widths[level - 1], 3, seeds))
            self.blocks.append(keras.Model(inputs, x))
            end = conv(width, 1, seeds)
            end.build((None, *self.side(level), image_shape[-1]))
            self.ends.append(end)

    @property
    def from_images(self):
        """The layers in the order in which an image of the full size goes through them."""
        blocks = [layer for block in reversed(self.blocks) for layer in block.layers]
        return [self.ends[-1], *blocks]

    def halve(self, x, convolve):
        """Returns features of half the height and width, after a convolution."""
        return activate(layers.AveragePooling2D(2)(convolve(x)))

    def call(self, images, training=False):
        """Returns logits (N, 1)."""
        images = shrink(images, images.shape[1] // self.side(self.level)[0])
        x = activate(self.ends[self.level](images))
        for level in range(self.level, -1, -1):
            if self.fading and level == self.level - 1:
                x = self.blend(activate(self.ends[level](shrink(images, 2))), x)
            x = self.blocks[level](x)
        return x

    @property
    def output_shape(self):
        """(None, 1)."""
        return (None, 1)


def enlarge(images, doublings=1):
    """Returns images with each pixel repeated along both sides."""
    for axis in (1, 2):
        images = ops.repeat(images, 2**doublings, axis=axis) if doublings else images
    return images


def shrink(images, factor):
    """Returns images whose pixels are the means of squares of so many by so many pixels."""
    if factor == 1:
        return images
    return ops.average_pool(images, factor, factor)


def conv(width, size, seeds, gain=GAIN):
    """Returns an equalised convolution."""
    return Equalized(Conv2D(width, size, padding="same"), gain, seed=next(seeds))


def activate(x):
    """Returns leaky ReLU."""
    return ops.leaky_relu(x, 0.2)


def _normalize(x):
    return PixelNormalization()(activate(x))
