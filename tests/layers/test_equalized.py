"""The equalised learning rate."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gans.errors import InputError
from keras_gans.layers import Equalized, UpsamplingConv2D


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (layers.Dense(300), normal(400, 50)),
        (layers.Conv2D(64, 3), normal(20, 12, 12, 32)),
        (layers.Conv2DTranspose(64, 3), normal(20, 12, 12, 32)),
        (UpsamplingConv2D(64), normal(20, 12, 12, 32)),
    ],
)
def test_variance_is_the_gain_at_first(layer, inputs):
    outputs = Equalized(layer, gain=1.5, rate_multiplier=0.01, seed=0)(inputs)
    inside = outputs[:, 4:-4, 4:-4] if len(outputs.shape) == 4 else outputs
    if isinstance(layer, UpsamplingConv2D):
        # Neighbours are copies, so that several places of the kernel see the same number.
        assert np.std(inside) > 1.5
    else:
        assert np.std(inside) == pytest.approx(1.5, rel=0.05)


def test_scales_kernel_and_bias():
    dense = layers.Dense(3, bias_initializer="ones")
    layer = Equalized(dense, gain=2.0, rate_multiplier=0.1)
    x = normal(4, 8)
    found = layer(x)
    expected = x @ dense.kernel.numpy() * 2 * 0.1 / np.sqrt(8) + 0.1
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.std(dense.kernel) > 5, "what is trained is of 1 / rate_multiplier"


def test_comes_back_from_its_config():
    layer = Equalized(layers.Conv2D(3, 1), 2.0, 0.1, seed=5)
    copy = Equalized.from_config(layer.get_config())
    x = normal(1, 4, 4, 2)
    np.testing.assert_array_equal(copy(x), layer(x))


def test_wraps_layers_with_a_kernel():
    with pytest.raises(InputError, match="layers that have a kernel. Received: ReLU"):
        Equalized(layers.ReLU())(normal(1, 2))


def test_half_precision():
    layer = Equalized(layers.Dense(3, dtype="mixed_bfloat16"))
    assert layer(normal(4, 8)).dtype == "bfloat16"
    assert keras.backend.standardize_dtype(layer.layer.kernel.dtype) == "float32"
