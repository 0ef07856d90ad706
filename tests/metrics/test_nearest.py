import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist

from keras_gans.errors import InputError
from keras_gans.metrics import features
from keras_gans.metrics.nearest import nearest_in_batches, nearest_neighbors, neighbor_grid
from keras_gans.pictures import save_image


@pytest.mark.parametrize(("norm", "name"), [(1, "cityblock"), (2, "euclidean")])
@pytest.mark.parametrize("block", [3, 512])
def test_equals_brute_force(norm, name, block, monkeypatch):
    monkeypatch.setattr(features, "BLOCK", block)
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(20, 4)), random.normal(size=(7, 4))
    indices, distances = nearest_neighbors(real, fake, k=5, norm=norm)
    expected = cdist(fake, real, name)
    np.testing.assert_array_equal(indices, expected.argsort(axis=1)[:, :5])
    np.testing.assert_allclose(distances, np.sort(expected, axis=1)[:, :5], rtol=1e-12)


def test_uint8_images():
    real = np.array([0, 100, 250], "uint8").reshape(3, 1, 1, 1) + np.zeros((3, 2, 2, 1), "uint8")
    indices, distances = nearest_neighbors(real, real[[1]] + np.uint8(10), k=3, norm=1)
    np.testing.assert_array_equal(indices, [[1, 0, 2]])
    np.testing.assert_array_equal(distances, [[40, 440, 560]])


def test_a_copy_is_at_distance_0_however_long_the_vectors():
    real = np.random.default_rng(0).normal(1e4, 1, size=(30, 50)).astype("float32")
    indices, distances = nearest_neighbors(real, real, k=1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(30))
    np.testing.assert_array_equal(distances, 0)


def test_rows_far_from_zero():
    real, fake = np.random.default_rng(0).normal(size=(2, 30, 3))
    indices, distances = nearest_neighbors(real, fake)
    far_indices, far_distances = nearest_neighbors(real + 1e8, fake + 1e8)
    np.testing.assert_array_equal(far_indices, indices)
    np.testing.assert_allclose(far_distances, distances, atol=1e-7)


@pytest.mark.parametrize("norm", [1, 2])
@pytest.mark.parametrize("size", [2, 30])
def test_batch_by_batch(norm, size):
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 1)).astype("uint8")
    batches = [images[start : start + size] for start in range(0, 25, size)]
    indices, distances = nearest_in_batches(iter(batches), images[25:], 3, norm)
    expected_indices, expected = nearest_neighbors(np.concatenate(batches), images[25:], 3, norm)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, expected, rtol=1e-6)


def test_the_picture_shows_generated_images_on_the_left(tmp_path):
    real = np.array([10, 20, 30], "uint8").reshape(3, 1, 1, 1) + np.zeros((3, 48, 48, 1), "uint8")
    fake = real[:2] + np.uint8(100)
    grid = neighbor_grid(real, fake, np.array([[2, 0], [1, 2]]))
    np.testing.assert_array_equal(
        grid[2:-2, :, 0][[0, 50]][:, [2, 52, 102]], [[110, 30, 10], [120, 20, 30]]
    )
    save_image(tmp_path / "nearest.png", grid)
    with Image.open(tmp_path / "nearest.png") as picture:
        assert picture.size == (3 * 48 + 4 * 2, 2 * 48 + 3 * 2)


def test_bad_input():
    zeros = np.zeros((5, 2))
    with pytest.raises(InputError, match="Received"):
        nearest_neighbors(zeros, np.zeros((5, 3)))
    with pytest.raises(InputError, match="finite"):
        nearest_neighbors(zeros, np.full((5, 2), np.nan))
    with pytest.raises(InputError, match="`k`"):
        nearest_neighbors(zeros, zeros, k=6)
    with pytest.raises(InputError, match="`k`"):
        nearest_neighbors(zeros, zeros, k=0)
    with pytest.raises(InputError, match="`norm`"):
        nearest_neighbors(zeros, zeros, norm=0)
    for nothing in (zeros[:0], None):
        with pytest.raises(InputError, match="Features must"):
            nearest_neighbors(zeros, nothing)
    images = np.zeros((2, 8, 8, 1), "uint8")
    with pytest.raises(InputError, match="from 0 to 1. Received: -1 to 0"):
        neighbor_grid(images, images, np.array([[0], [-1]]))
    with pytest.raises(InputError, match="a row of indices"):
        neighbor_grid(images, images[:, :4], np.zeros((2, 1), int))
