"""Pixel normalisation, AdaIN and noise: each against its formula."""

import numpy as np
import pytest
import tensorflow as tf

from keras_gans.layers import AdaIN, ModulatedConv2D, NoiseInjection, PixelNormalization
from keras_gans.layers.noise_injection import without_noise
from tests.contract import two_replicas

X = np.random.default_rng(0).normal(2, 3, (2, 4, 6, 5)).astype("float32")


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_pixel_normalization(dtype):
    expected = X / np.sqrt((X**2).mean(axis=-1, keepdims=True) + 1e-8)
    np.testing.assert_allclose(
        np.float32(PixelNormalization(dtype=dtype)(X)),
        expected,
        atol=1e-5 if "_" not in dtype else 0.02,
    )


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_adain(dtype):
    w = np.random.default_rng(1).normal(size=(2, 7)).astype("float32")
    layer = AdaIN(seed=0, dtype=dtype)
    found = layer([X, w])
    kernel = layer.affine.layer.kernel.numpy() / np.sqrt(7)
    scale, shift = np.split((w @ kernel)[:, None, None, :], 2, axis=-1)
    mean, variance = X.mean(axis=(1, 2), keepdims=True), X.var(axis=(1, 2), keepdims=True)
    expected = (1 + scale) * (X - mean) / np.sqrt(variance + 1e-8) + shift
    np.testing.assert_allclose(np.float32(found), expected, atol=1e-5 if "_" not in dtype else 0.06)


@pytest.mark.parametrize("make", [AdaIN, lambda **options: ModulatedConv2D(3, **options)])
def test_styles_are_not_rounded_to_half_precision(make):
    layer, w = make(seed=0, dtype="mixed_bfloat16"), tf.Variable(np.ones((2, 7), "float32"))
    with tf.GradientTape() as tape:
        y = layer([X, w])
        total = tf.reduce_sum(tf.cast(y, "float32") ** 2)
    slopes = tape.gradient(total, w).numpy()
    assert y.dtype == "bfloat16"
    assert (slopes != tf.cast(tf.cast(slopes, "bfloat16"), "float32").numpy()).any()


def test_replicas_draw_other_noise():
    strategy = two_replicas()
    with strategy.scope():
        layer = NoiseInjection(seed=0)
        layer.build(X.shape)
    layer.strength.assign(1.0)
    drawn = strategy.run(lambda: layer(tf.constant(X), training=True))
    first, second = strategy.experimental_local_results(drawn)
    assert not np.allclose(first, second)


def test_noise():
    layer = NoiseInjection(per_channel=True, seed=0)
    np.testing.assert_array_equal(layer(X), X)  # Its strength is 0 at first.
    layer.strength.assign(np.arange(5))
    added = layer(X) - X
    np.testing.assert_array_equal(layer(X) - X, added)
    np.testing.assert_allclose(added[0], added[1], atol=1e-6)
    np.testing.assert_allclose(added[..., 2], 2 * added[..., 1], atol=1e-5)
    drawn = layer(X, training=True) - X
    assert not np.allclose(drawn[0], drawn[1]), "each image has a noise of its own"
    copy = NoiseInjection.from_config(layer.get_config())
    copy(X)
    np.testing.assert_array_equal(copy.noise, layer.noise)
    assert copy.strength.shape == (5,)


def test_bias_of_noise_is_added_without_noise_too():
    layer = NoiseInjection(use_bias=True)
    layer(X)
    layer.bias.assign(np.arange(5))
    layer.strength.assign(3.0)
    with without_noise():
        np.testing.assert_allclose(layer(X), X + np.arange(5), atol=1e-6)
    assert not np.allclose(layer(X), X + np.arange(5))
