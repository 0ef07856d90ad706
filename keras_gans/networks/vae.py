"""The encoder of a VAE; its decoder is a generator of `networks.dcgan`."""

import keras
from keras import layers

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.layers.conv2d import Conv2D
from keras_gans.networks.layer_seeds import layer_seeds
from keras_gans.networks.sizes import feature_maps


def encoder(image_shape, latent_dim=64, filters=None, seed=None):
    """Returns the encoder: one strided convolution per halving of the size, then two outputs.

    Args:
        image_shape: (height, width, channels), see `sizes.stages`.
        latent_dim: Size of the latent. Default: 64.
        filters: Feature maps at half the image's size and below, see `sizes.feature_maps`. Default:
            None.
        seed: Int seed of the initial weights. Default: None.

    Returns:
        A Keras model from images (N, height, width, channels) to the means and the logarithms of
        the variances of latents, [(N, latent_dim), (N, latent_dim)] in float32.
    """
    check_whole_numbers(latent_dim=latent_dim)
    seed = layer_seeds(seed, stream=1)
    x = images = keras.Input(tuple(image_shape), name="images")
    for depth in feature_maps(image_shape, filters):
        init = keras.initializers.HeNormal(next(seed))
        x = Conv2D(depth, 4, strides=2, padding="same", use_bias=False, kernel_initializer=init)(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Flatten()(x)
    outputs = [
        layers.Dense(
            latent_dim,
            kernel_initializer=keras.initializers.GlorotUniform(next(seed)),
            dtype="float32",
            name=name,
        )(x)
        for name in ("mean", "log_variance")
    ]
    return keras.Model(images, outputs, name="encoder")


def check_pair(encoder, generator):
    """Raises InputError unless a VAE's encoder fits its generator."""
    latents, images = (tuple(x.shape) for x in (*generator.inputs, *generator.outputs))
    found = [tuple(x.shape) for x in (*encoder.inputs, *encoder.outputs)]
    if len(images) != 4 or found != [images, latents, latents]:
        raise InputError(
            "The encoder must take the images that the generator makes, and give means and log "
            f"variances of its latents. Received: an encoder from {found[0]} to {found[1:]}, a "
            f"generator from {latents} to {images}."
        )
