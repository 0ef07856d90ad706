"""The Inception network of 2015 on which FID and the inception score are defined."""

import keras
import numpy as np
from keras import layers, ops

from keras_gans.errors import InputError

EPSILON = 0.001


def inception_network():
    """Returns the network as a Keras model from images to "features" and "logits".

    It takes float32 (N, 299, 299, 3) from about -1 to 1 and gives a dict of "features" (N, 2048),
    the means of the last block over space, and "logits" (N, 1008), without the bias, as the
    inception score takes them. Batch normalisation is folded into the convolutions, which are
    named as in pytorch-fid's and torchvision's state dicts; `set_weights` fills them.

    It differs from the network of `keras.applications`: average pools leave out the padding, which
    is TensorFlow's way, the last block's pool takes the maximum, and there are 1008 classes.

    Reference: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015,
    table 1, as TensorFlow released it on 2015-12-05.
    """
    x = images = keras.Input((299, 299, 3))
    x = _conv(x, "Conv2d_1a_3x3", 32, 3, 2, "valid")
    x = _conv(x, "Conv2d_2a_3x3", 32, 3, 1, "valid")
    x = _conv(x, "Conv2d_2b_3x3", 64, 3)
    x = layers.MaxPooling2D(3, 2)(x)
    x = _conv(x, "Conv2d_3b_1x1", 80, 1)
    x = _conv(x, "Conv2d_4a_3x3", 192, 3, 1, "valid")
    x = layers.MaxPooling2D(3, 2)(x)
    x = _block_a(x, "Mixed_5b", pool=32)
    x = _block_a(x, "Mixed_5c", pool=64)
    x = _block_a(x, "Mixed_5d", pool=64)
    x = _block_b(x, "Mixed_6a")
    x = _block_c(x, "Mixed_6b", 128)
    x = _block_c(x, "Mixed_6c", 160)
    x = _block_c(x, "Mixed_6d", 160)
    x = _block_c(x, "Mixed_6e", 192)
    x = _block_d(x, "Mixed_7a")
    x = _block_e(x, "Mixed_7b", _average_branch)
    x = _block_e(x, "Mixed_7c", _maximum_branch)
    features = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(1008, use_bias=False, name="fc")(features)
    return keras.Model(images, {"features": features, "logits": logits}, name="inception_2015")


def set_weights(network, state):
    """Fills `inception_network` with a PyTorch state dict.

    y = g (conv(x) - m) / sqrt(v + 0.001) + b becomes a convolution with bias: the kernel is
    scaled by s = g / sqrt(v + 0.001), the bias is b - m s.

    Args:
        network: From `inception_network`.
        state: Dict from pytorch-fid's keys to NumPy arrays; other keys are left alone.

    Raises:
        InputError: If a key is missing or its array has another shape.
    """
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            kernel = _get(state, f"{layer.name}.conv.weight", np.shape(layer.kernel))
            shape = (layer.filters,)
            gain, bias, mean, variance = (
                _get(state, f"{layer.name}.bn.{key}", shape)
                for key in ("weight", "bias", "running_mean", "running_var")
            )
            scale = gain / np.sqrt(variance + EPSILON)
            layer.set_weights([kernel * scale, bias - mean * scale])
    fc = network.get_layer("fc")
    fc.set_weights([_get(state, "fc.weight", np.shape(fc.kernel))])


def _get(state, key, shape):
    """Returns an array as float64, with its channel axes where Keras has them."""
    if key not in state:
        raise InputError(f"The weights must have {key}. Received: {len(state)} other arrays.")
    array = state[key].astype("float64")
    # PyTorch has (out, in, height, width) and (out, in).
    array = np.moveaxis(array, (0, 1), (-1, -2)) if array.ndim > 1 else array
    if array.shape != shape:
        wanted = shape[:1] if len(shape) == 1 else (shape[-1], shape[-2], *shape[:-2])
        raise InputError(f"{key} must be of shape {wanted}. Received: {state[key].shape}.")
    return array


def _conv(x, name, filters, size, strides=1, padding="same"):
    return layers.Conv2D(filters, size, strides, padding, activation="relu", name=name)(x)


def _chain(x, name, *convs):
    """Applies convolutions of (filters, size) named _1, _2, ..."""
    for i, (filters, size) in enumerate(convs, 1):
        x = _conv(x, f"{name}_{i}", filters, size)
    return x


def _average_branch(x, name, filters):
    # An average of 1x1 convolutions is the 1x1 convolution of the average, and has fewer channels.
    x = layers.Conv2D(filters, 1, name=f"{name}.branch_pool")(x)
    return ops.relu(layers.AveragePooling2D(3, 1, "same")(x))


def _maximum_branch(x, name, filters):
    return _conv(layers.MaxPooling2D(3, 1, "same")(x), f"{name}.branch_pool", filters, 1)


def _block_a(x, name, pool):
    branches = [
        _conv(x, f"{name}.branch1x1", 64, 1),
        _chain(x, f"{name}.branch5x5", (48, 1), (64, 5)),
        _chain(x, f"{name}.branch3x3dbl", (64, 1), (96, 3), (96, 3)),
        _average_branch(x, name, pool),
    ]
    return ops.concatenate(branches, axis=-1)


def _block_b(x, name):
    double = _chain(x, f"{name}.branch3x3dbl", (64, 1), (96, 3))
    branches = [
        _conv(x, f"{name}.branch3x3", 384, 3, 2, "valid"),
        _conv(double, f"{name}.branch3x3dbl_3", 96, 3, 2, "valid"),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return ops.concatenate(branches, axis=-1)


def _block_c(x, name, c):
    row, column = (1, 7), (7, 1)
    double = ((c, 1), (c, column), (c, row), (c, column), (192, row))
    branches = [
        _conv(x, f"{name}.branch1x1", 192, 1),
        _chain(x, f"{name}.branch7x7", (c, 1), (c, row), (192, column)),
        _chain(x, f"{name}.branch7x7dbl", *double),
        _average_branch(x, name, 192),
    ]
    return ops.concatenate(branches, axis=-1)


def _block_d(x, name):
    single = _chain(x, f"{name}.branch3x3", (192, 1))
    triple = _chain(x, f"{name}.branch7x7x3", (192, 1), (192, (1, 7)), (192, (7, 1)))
    branches = [
        _conv(single, f"{name}.branch3x3_2", 320, 3, 2, "valid"),
        _conv(triple, f"{name}.branch7x7x3_4", 192, 3, 2, "valid"),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return ops.concatenate(branches, axis=-1)


def _block_e(x, name, pool_branch):
    single = _chain(x, f"{name}.branch3x3", (384, 1))
    double = _chain(x, f"{name}.branch3x3dbl", (448, 1), (384, 3))
    branches = [
        _conv(x, f"{name}.branch1x1", 320, 1),
        _conv(single, f"{name}.branch3x3_2a", 384, (1, 3)),
        _conv(single, f"{name}.branch3x3_2b", 384, (3, 1)),
        _conv(double, f"{name}.branch3x3dbl_3a", 384, (1, 3)),
        _conv(double, f"{name}.branch3x3dbl_3b", 384, (3, 1)),
        pool_branch(x, name, 192),
    ]
    return ops.concatenate(branches, axis=-1)
