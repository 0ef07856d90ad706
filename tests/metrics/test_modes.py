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


def test_dimensions_must_agree():
    with pytest.raises(InputError, match="same d"):
        mode_coverage(np.zeros((3, 2)), np.zeros((4, 3)), std=0.1)
