import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.embedders.resize import MODES, resize
from tests.metrics.embedders.random_weights import noise_images

IMAGES = noise_images()


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("mode", MODES)
def test_equals_the_tool(mode, name, peers):
    ours = np.asarray(resize(IMAGES[name][None], mode))[0]
    assert ours.shape == (299, 299, 3)
    theirs = peers[f"{name}_{mode}"]
    tolerance = 5e-4 if mode == "pytorch_fid" else 5e-5
    ours = ours[peers["rows"], peers["columns"]]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_size_changes_nothing(mode):
    images = np.random.default_rng(0).integers(0, 256, (2, 299, 299, 1)).astype("uint8")
    np.testing.assert_array_equal(np.asarray(resize(images, mode)), images)


def test_tensorflow_1_by_hand():
    row = np.array([[[[0], [100], [200]]]], "uint8").repeat(3, axis=1)
    expected = [0, 50, 100, 150, 200, 200]
    np.testing.assert_allclose(np.asarray(resize(row, "torch_fidelity", 6))[0, 0, :, 0], expected)


def test_unknown_mode():
    with pytest.raises(InputError, match="Received: 'nearest'"):
        resize(np.zeros((1, 4, 4, 3), "uint8"), "nearest")
