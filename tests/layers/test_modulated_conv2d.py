"""The modulated convolution against its formula."""

import numpy as np
import pytest
import tensorflow as tf

from keras_gans.layers import FIRFilter2D, ModulatedConv2D

X = np.random.default_rng(0).normal(size=(3, 5, 6, 4)).astype("float32")
W = np.random.default_rng(1).normal(size=(3, 7)).astype("float32")


def by_hand(layer):
    """Returns the outputs of each image convolved with a kernel of its own."""
    styles = W @ layer.affine.layer.kernel.numpy() / np.sqrt(7) + 1
    kernels = layer.kernel.numpy() * styles[:, None, None, :, None]
    if layer.demodulate:
        kernels /= np.sqrt((kernels**2).sum(axis=(1, 2, 3), keepdims=True) + 1e-8)
    else:
        kernels /= np.sqrt(np.prod(layer.kernel.shape[:-1]))
    if layer.up == 1:
        images, padding = X, "SAME"
    else:
        # Doubled beyond the border, so that the convolution sees what lies there.
        border = 2 + layer.kernel_size // 2
        images, padding = FIRFilter2D(up=2, pad=(border, border - 1))(X), "VALID"
    each = [
        tf.nn.conv2d(image[None], kernel, 1, padding)
        for image, kernel in zip(images, kernels, strict=True)
    ]
    return np.concatenate(each)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("up", [1, 2])
@pytest.mark.parametrize("demodulate", [True, False])
def test_formula(grouped, up, demodulate):
    layer = ModulatedConv2D(8, up=up, demodulate=demodulate, grouped=grouped, seed=0)
    found = layer([X, W])
    assert found.shape == layer.compute_output_shape([X.shape, W.shape])
    np.testing.assert_allclose(found, by_hand(layer), atol=2e-5)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("up", [1, 2])
def test_pointwise(grouped, up):
    layer = ModulatedConv2D(3, kernel_size=1, up=up, demodulate=False, grouped=grouped, seed=0)
    found = layer([X, W])
    assert found.shape == (3, 5 * up, 6 * up, 3)
    np.testing.assert_allclose(found, by_hand(layer), atol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("taps", [(1, 1), (1, 2, 1), (1, 3, 3, 1)])
def test_both_ways_of_doubling_are_alike(size, taps):
    layers = [
        ModulatedConv2D(2, size, up=2, grouped=grouped, taps=taps, seed=0)
        for grouped in (False, True)
    ]
    one, other = (layer([X, W]) for layer in layers)
    assert one.shape == (3, 10, 12, 2)
    np.testing.assert_allclose(one, other, atol=2e-5)


def test_variance_stays_one():
    x = np.random.default_rng(2).normal(size=(8, 16, 16, 64)).astype("float32")
    w = 5 * np.random.default_rng(3).normal(size=(8, 16)).astype("float32")
    found = ModulatedConv2D(64, seed=0)([x, w])[:, 1:-1, 1:-1]
    np.testing.assert_allclose(np.std(found, axis=(1, 2, 3)), 1.0, atol=0.05)


def test_float16_does_not_overflow():
    layer = ModulatedConv2D(8, seed=0, dtype="mixed_float16")
    full = ModulatedConv2D(8, seed=0)
    full([X, W])
    half = layer([X, W])
    np.testing.assert_allclose(np.float32(half), full([X, W]), atol=0.01)
    layer.kernel.assign(layer.kernel * 1e4)
    assert np.isfinite(np.float32(layer([X, W]))).all()


def test_same_after_its_config():
    layer = ModulatedConv2D(8, up=2, seed=3)
    np.testing.assert_array_equal(
        ModulatedConv2D.from_config(layer.get_config())([X, W]), layer([X, W])
    )
