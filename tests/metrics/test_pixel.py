import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.pixel import pixel_distance


def test_hand_computed_values():
    images = np.array([[0, 10], [20, 255]], "uint8").reshape(1, 2, 2, 1)
    others = np.array([[3, 6], [20, 0]], "uint8").reshape(1, 2, 2, 1)  # apart by 3, 4, 0 and 255
    np.testing.assert_allclose(pixel_distance(images, others), [262 / 4])
    expected = np.sqrt((9 + 16 + 255**2) / 4)
    np.testing.assert_allclose(pixel_distance(images, others, norm=2), [expected])
    np.testing.assert_allclose(pixel_distance(others, images, norm=2), [expected])


def test_a_shift_by_one_pixel_can_be_as_far_as_anything():
    stripes = np.tile(np.array([0, 255], "uint8"), (1, 8, 4))[..., None]
    assert pixel_distance(stripes, np.roll(stripes, 1, axis=2)) == 255


def test_bad_input():
    images = np.zeros((2, 4, 4, 1), "uint8")
    with pytest.raises(InputError, match="same shape"):
        pixel_distance(images, images[:1])
    with pytest.raises(InputError, match="uint8"):
        pixel_distance(images / 255, images)
    with pytest.raises(InputError, match="`norm`"):
        pixel_distance(images, images, norm=3)
