import keras
import numpy as np
import pytest

from keras_gans.layers import SPADE, LabelMap

RANDOM = np.random.default_rng(0)


def convolve(x, layer):
    """Returns a 3x3 convolution with zeros around, in float64."""
    kernel, bias = (np.asarray(weight, "float64") for weight in layer.weights)
    padded = np.pad(x.astype("float64"), ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = x.shape[1:3]
    parts = [
        padded[:, i : i + height, j : j + width] @ kernel[i, j] for i in range(3) for j in range(3)
    ]
    return sum(parts) + bias


@pytest.mark.parametrize("factor", [1, 2])
def test_equals_its_formula(factor):
    x = RANDOM.normal(2.0, 3.0, (3, 4, 5, 6)).astype("float32")
    maps = RANDOM.uniform(size=(3, 4 * factor, 5 * factor, 2)).astype("float32")
    layer = SPADE(factor, hidden=7)
    layer.build((x.shape, maps.shape))
    for weight in layer.trainable_weights:
        weight.assign(RANDOM.normal(size=weight.shape))
    hidden = np.maximum(0, convolve(maps[:, ::factor, ::factor], layer.shared))
    n = (x - x.mean(axis=(0, 1, 2))) / np.sqrt(x.var(axis=(0, 1, 2)) + 1e-5)
    expected = (1 + convolve(hidden, layer.gamma)) * n + convolve(hidden, layer.beta)
    np.testing.assert_allclose(layer([x, maps], training=True), expected, rtol=1e-3, atol=1e-3)


def test_in_use_it_takes_the_moving_statistics_and_is_saved(tmp_path):
    features, maps = keras.Input((4, 4, 3)), keras.Input((8, 8, 2))
    model = keras.Model([features, maps], SPADE(2, hidden=4)([features, maps]))
    x = [RANDOM.normal(size=(2, *each.shape[1:])).astype("float32") for each in (features, maps)]
    model(x, training=True)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(copy(x), model(x))
    assert len(model.non_trainable_weights) == 2


def test_labels_become_channels_in_every_precision():
    maps = np.arange(256, dtype="float32").reshape(1, 16, 16, 1)
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        layer = LabelMap(256, dtype=precision)
        channels = np.asarray(layer(maps / 127.5 - 1))
        np.testing.assert_array_equal(channels.argmax(axis=-1), maps[..., 0])
        np.testing.assert_array_equal(channels.sum(axis=-1), 1.0)
    assert LabelMap(3).compute_output_shape((None, 8, 8, 1)) == (None, 8, 8, 3)
