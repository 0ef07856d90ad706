import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics import features


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(features, "BLOCK", 7)


def test_good_features_are_not_copied():
    x, y = np.zeros((3, 2), "float32"), [[1, 2], [3, 4]]
    checked = features.check_features(x, y)
    assert checked[0] is x
    np.testing.assert_array_equal(checked[1], y)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([np.zeros((5, 2)), np.zeros((5, 3))], r"same d. Received: \(5, 2\) and \(5, 3\)"),
        ([np.zeros(5)], r"arrays \(N, d\)"),
        ([np.zeros((5, 0))], r"arrays \(N, d\)"),
        ([np.array([["a"], ["b"]])], "of numbers"),
        ([np.zeros((5, 2)), np.zeros((1, 2))], r"at least 2 rows. Received: \(5, 2\) and \(1, 2\)"),
    ],
)
def test_bad_shapes(sets, message):
    with pytest.raises(InputError, match=message):
        features.check_features(*sets)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_must_be_finite_in_every_block(small_blocks, bad):
    x = np.zeros((20, 2))
    x[-1, -1] = bad
    with pytest.raises(InputError, match="must be finite"):
        features.check_features(np.zeros((3, 2)), x)


def test_only_rows_far_from_zero_are_moved(small_blocks):
    real, fake = np.random.default_rng(0).normal(900, 1, size=(2, 20, 4)).astype("float32")
    same = features.near_zero(real, fake)
    assert same[0] is real
    assert same[1] is fake
    moved = features.near_zero(real + 2000, fake + 2000)
    assert abs(moved[0]).max() < 10
    np.testing.assert_allclose(moved[1] - moved[0], fake - real, atol=1e-3)


def test_moments_over_blocks(small_blocks):
    x = np.random.default_rng(0).normal(3, 2, size=(30, 4)).astype("float32")
    mean, covariance = features.moments(x)
    np.testing.assert_allclose(mean, x.astype("float64").mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(x, rowvar=False), rtol=1e-12)


def test_distances():
    x = np.random.default_rng(0).normal(100, 1, size=(20, 64))
    y = np.concatenate([x[:5], x[:15] + 1])
    expected = np.linalg.norm(x[:, None] - y[None], axis=-1)
    np.testing.assert_allclose(features.distances(x, y), expected, rtol=1e-6)
    assert (features.distances(x, y).diagonal()[:5] == 0).all()
