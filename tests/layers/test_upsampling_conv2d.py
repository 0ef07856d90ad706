import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.layers import UpsamplingConv2D


@pytest.mark.parametrize(("height", "width"), [(1, 1), (4, 4), (3, 5)])
def test_equals_resizing_then_convolving(height, width):
    x = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    layer = UpsamplingConv2D(5, bias_initializer="ones", activation="tanh")
    resized = ops.image.resize(x, (2 * height, 2 * width), interpolation="nearest")
    output = layer(x)
    assert layer.kernel.shape == (3, 3, 3, 5)
    expected = ops.tanh(ops.conv(resized, layer.kernel, padding="same") + 1.0)
    np.testing.assert_allclose(output, expected, atol=1e-5)


def test_in_a_model_that_is_saved(tmp_path):
    inputs = keras.Input((4, 4, 3))
    model = keras.Model(inputs, UpsamplingConv2D(2, use_bias=False)(inputs))
    assert model.output_shape == (None, 8, 8, 2)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    x = np.ones((1, 4, 4, 3), "float32")
    np.testing.assert_array_equal(copy.predict(x, verbose=0), model.predict(x, verbose=0))
