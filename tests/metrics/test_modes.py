import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics import mode_coverage


def test_shares_and_quality():
    centers = np.array([[0.0, 0.0], [10.0, 0.0]])
    points = np.array([[0.1, 0.0], [0.0, 0.2], [10.0, 0.1], [5.0, 5.0]])
    shares, quality = mode_coverage(points, centers, std=0.1)
    np.testing.assert_allclose(shares, [0.5, 0.25])
    assert quality == 0.75


def test_small_integers_do_not_wrap_around():
    points, centers = np.array([[1, 0]], "uint8"), np.array([[2, 0]], "uint8")
    assert mode_coverage(points, centers, std=1.0)[1] == 1


@pytest.mark.parametrize(
    ("points", "centers", "std", "message"),
    [
        (np.zeros((3, 2)), np.zeros((4, 3)), 0.1, "same d"),
        (np.zeros((0, 2)), np.zeros((4, 2)), 0.1, "at least 1 rows"),
        (np.zeros((3, 2)), np.zeros((0, 2)), 0.1, "at least 1 rows"),
        (np.full((3, 2), np.nan), np.zeros((4, 2)), 0.1, "finite"),
        (np.zeros((3, 2)), np.zeros((4, 2)), -0.1, "`std`"),
    ],
)
def test_bad_input(points, centers, std, message):
    with pytest.raises(InputError, match=message):
        mode_coverage(points, centers, std)
