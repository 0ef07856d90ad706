"""Filtering, doubling and halving against SciPy."""

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from keras_gans.layers import FIRFilter2D
from keras_gans.layers.resampling import upfirdn

X = np.random.default_rng(0).normal(size=(2, 6, 9, 3)).astype("float32")
TAPS = [0.5, -1.0, 3.0, 2.0, 0.25]


def by_scipy(x, taps, up, down):
    for axis in (1, 2):
        x = scipy.signal.upfirdn(taps, x, up, down, axis=axis)
    return x


@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (1, 2), (1, 3)])
@pytest.mark.parametrize("count", [2, 4, 5])
def test_equals_scipy(up, down, count):
    taps = TAPS[:count]
    expected = by_scipy(X, taps, up, down)
    # SciPy puts no zeros behind the last value.
    found = upfirdn(X, taps, up, down, pad=(count - 1, count - up))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_negative_pad_cuts_off():
    taps = TAPS[:3]
    found = upfirdn(X, taps, pad=(-1, -2))
    np.testing.assert_allclose(found, upfirdn(X[:, 1:-2, 1:-2], taps), atol=1e-6)
    found = upfirdn(X, taps, up=2, pad=(-2, 1))
    np.testing.assert_allclose(found, upfirdn(X[:, 1:, 1:], taps, up=2, pad=(0, 1)), atol=1e-6)


def test_doubling_interpolates():
    found = FIRFilter2D(up=2)(np.arange(6.0, dtype="float32")[None, :, None, None] + X * 0)
    np.testing.assert_allclose(found[0, 1:-1, 5, 0], np.arange(0.25, 5, 0.5), atol=1e-6)


def test_an_even_area_stays_and_shapes_are_told():
    even = np.ones((1, 8, 12, 2), "float32")
    for options in ({"up": 2}, {"down": 2}, {}, {"pad": (2, 2)}, {"down": 2, "taps": range(1, 13)}):
        layer = FIRFilter2D(**options)
        found = layer(even)
        assert found.shape == layer.compute_output_shape(even.shape)
        np.testing.assert_allclose(found[:, 3:-3, 3:-3], 1.0, atol=1e-6)
    assert FIRFilter2D()(even).shape == even.shape


def test_is_differentiable_twice():
    x = tf.constant(X)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(upfirdn(x, TAPS, up=2) ** 3)
        first = inner.gradient(y, x)
        total = tf.reduce_sum(first**2)
    outer_gradient = outer.gradient(total, x).numpy()
    # With the filter as a matrix A: y = sum (A x)^3, whose gradient is 3 A' (A x)^2.
    size = X[0, :, :, 0].size
    basis = np.eye(size).reshape(size, *X.shape[1:3], 1)
    a = np.array(upfirdn(tf.constant(basis), TAPS, up=2)).reshape(size, -1).T
    for image in range(X.shape[0]):
        for channel in range(X.shape[3]):
            z = a @ X[image, :, :, channel].astype("float64").flatten()
            slope = 3 * a.T @ z**2
            expected = 2 * (a.T @ (6 * z[:, None] * a)).T @ slope
            found = outer_gradient[image, :, :, channel].flatten()
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * abs(expected).max())


def test_in_bfloat16_it_halves_as_in_float32():
    x = np.random.default_rng(0).normal(size=(2, 8, 6, 3)).astype("float32")
    outputs = [FIRFilter2D(down=2, dtype=dtype)(x) for dtype in ("float32", "bfloat16")]
    assert outputs[1].dtype == "bfloat16"
    np.testing.assert_allclose(np.array(outputs[1], "float32"), outputs[0], atol=0.02)
