import numpy as np
import pytest
import scipy.linalg

from keras_gans.errors import InputError
from keras_gans.metrics import frechet_distance


def test_equal_covariances_give_the_distance_of_the_means():
    features = np.random.default_rng(0).normal(size=(200, 5))
    shift = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    expected = (shift**2).sum()
    assert frechet_distance(features, features + shift) == pytest.approx(expected, rel=1e-9)


def test_a_set_against_itself_is_zero():
    features = np.random.default_rng(0).normal(size=(50, 8))
    assert abs(frechet_distance(features, features)) < 1e-6


@pytest.mark.parametrize("rows", [60, 6])  # 6 rows of 10 dimensions: singular covariances
def test_equals_the_matrix_square_root(rows):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(rows, 10)), random.normal(1.0, 2.0, size=(rows, 10))
    c1, c2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2 + 1e-12 * np.eye(10)).real
    expected = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-3 if rows < 10 else 1e-8)


def test_bad_features():
    with pytest.raises(InputError, match="Received: shapes"):
        frechet_distance(np.zeros((5, 2)), np.zeros((5, 3)))
    with pytest.raises(InputError, match="must be finite"):
        frechet_distance(np.full((5, 2), np.nan), np.zeros((5, 2)))
