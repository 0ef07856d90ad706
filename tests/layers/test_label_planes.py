import numpy as np

from keras_gans.layers import LabelPlanes


def test_planes_of_images():
    images = np.zeros((2, 3, 3, 1), "float32")
    out = np.array(LabelPlanes(4)([images, np.array([2, 0], "int32")]))
    assert out.shape == (2, 3, 3, 5)
    assert (out[0, ..., 3] == 1).all()
    assert (out[1, ..., 1] == 1).all()
    assert out.sum() == 2 * 9, "one plane of ones per image"


def test_one_hot_of_latents():
    out = np.array(LabelPlanes(3)([np.ones((2, 2), "float32"), np.array([1, 2], "int32")]))
    np.testing.assert_array_equal(out, [[1, 1, 0, 1, 0], [1, 1, 0, 0, 1]])
