import keras
import numpy as np
import pytest

from keras_gans.layers import InstanceNormalization

X = np.random.default_rng(0).normal(3.0, 2.0, (2, 5, 4, 3)).astype("float32")


@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [("float32", 1e-5), ("mixed_bfloat16", 0.02), ("mixed_float16", 2e-3)],
)
def test_equals_the_closed_form_in_every_precision(precision, tolerance):
    layer = InstanceNormalization(1e-3, dtype=precision)
    inputs = keras.ops.cast(X, layer.compute_dtype)
    output = layer(inputs)
    assert keras.backend.standardize_dtype(output.dtype) == layer.compute_dtype
    x = np.asarray(keras.ops.cast(inputs, "float32"), "float64")
    mean, variance = x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True)
    expected = (x - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(keras.ops.cast(output, "float32"), expected, atol=tolerance)


def test_values_that_float16_cannot_square_stay_right():
    x = 300.0 * X.astype("float16")
    output = InstanceNormalization(dtype="mixed_float16")(x)
    moments = np.asarray(output, "float32").mean(axis=(1, 2)), np.std(output, axis=(1, 2))
    np.testing.assert_allclose(moments[0], 0.0, atol=2e-3)
    np.testing.assert_allclose(moments[1], 1.0, atol=5e-3)


def test_images_do_not_depend_on_their_batch():
    layer = InstanceNormalization()
    np.testing.assert_allclose(layer(X)[1:], layer(X[1:]), atol=1e-6)


def test_saved_with_its_epsilon(tmp_path):
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, InstanceNormalization(0.1)(inputs))
    assert model.output_shape == (None, None, None, 3)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(copy(X), model(X))
    assert copy.layers[-1].epsilon == 0.1
