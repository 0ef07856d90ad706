import warnings

import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.features import moments
from keras_gans.metrics.frechet import frechet_distance, frechet_from_moments, warn_if_few
from tests.metrics.fixtures import sets
from tests.metrics.fixtures.peers import PEERS

pytestmark = pytest.mark.filterwarnings("ignore:The Fréchet distance")


@pytest.mark.parametrize("case", sets.FRECHET)
def test_equals_the_reference_implementations(case):
    distance = frechet_distance(*sets.pair(*sets.FRECHET[case], 2048))
    for peer in ("pytorch-fid", "torch-fidelity"):
        assert distance == pytest.approx(PEERS["frechet"][case][peer], rel=1e-6)


@pytest.mark.parametrize("rows", [(60, 70), (6, 8), (6, 70)])  # Of 10 dimensions.
def test_equals_the_singular_values_of_the_samples(rows):
    # tr((C1 C2)^(1/2)) is the sum of the singular values of X Y^T / ((N - 1) (M - 1))^(1/2).
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(rows[0], 10)), random.normal(1, 2, size=(rows[1], 10))
    x, y = ((s - s.mean(axis=0)) / np.sqrt(len(s) - 1) for s in (real, fake))
    means = ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum()
    root = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    expected = means + (x**2).sum() + (y**2).sum() - 2 * root
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-10)


def test_two_gaussians_in_closed_form():
    # The trace of the root of a 2 x 2 matrix A is (tr A + 2 (det A)^(1/2))^(1/2).
    a, b = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.8], [-0.8, 3.0]])
    root = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    expected = 3**2 + 4**2 + np.trace(a + b) - 2 * root
    distance = frechet_from_moments(np.zeros(2), a, np.array([3.0, -4.0]), b)
    assert distance == pytest.approx(expected, rel=1e-12)


def test_gaussians_without_spread():
    zero, one = np.zeros(2), np.ones(2)
    assert frechet_from_moments(zero, np.zeros((2, 2)), one, np.eye(2)) == pytest.approx(2 + 2)


def test_equal_covariances_give_the_distance_of_the_means():
    features = np.random.default_rng(0).normal(size=(200, 5))
    shift = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    expected = (shift**2).sum()
    assert frechet_distance(features, features + shift) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rows", [500, 40])
def test_a_set_against_itself_is_zero(rows):
    # From 1 down to 1e-10: where square roots of rounding errors would show.
    scales = np.logspace(0, -10, 100)
    features = np.random.default_rng(0).normal(size=(rows, 100)) * scales
    assert 0 <= frechet_distance(features, features) < 1e-9


def test_rounding_does_not_bring_it_below_zero():
    random = np.random.default_rng(0)
    for _ in range(20):
        features = random.normal(size=(50, 8))
        assert frechet_distance(features, features) >= 0


def test_one_dimension():
    real, fake = np.array([[0.0], [2.0]]), np.array([[1.0], [7.0]])  # Variances 2 and 18.
    assert frechet_distance(real, fake) == pytest.approx(3**2 + 2 + 18 - 2 * 6)


def test_warns_of_few_images():
    for images, dimensions in [(2047, 10), (2500, 3000)]:
        with pytest.warns(UserWarning, match=rf"{images} images in .* kernel distance \(KID\)"):
            warn_if_few(images, dimensions)
    with pytest.warns(UserWarning, match="The Fréchet distance") as caught:
        frechet_distance(np.zeros((9, 2)), np.zeros((3, 2)))
    assert "of 3 images" in str(caught[0].message)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_few(2048, 2048)


def test_bad_features():
    with pytest.raises(InputError, match="same d"):
        frechet_distance(np.zeros((5, 2)), np.zeros((5, 3)))
    with pytest.raises(InputError, match="must be finite"):
        frechet_distance(np.full((5, 2), np.nan), np.zeros((5, 2)))
    with pytest.raises(InputError, match="at least 2 rows"):
        frechet_distance(np.zeros((1, 2)), np.zeros((5, 2)))


def test_bad_moments():
    mean, covariance = moments(np.random.default_rng(0).normal(size=(5, 3)))
    with pytest.raises(InputError, match="of the same d"):
        frechet_from_moments(mean, covariance, mean[:2], covariance[:2, :2])
    with pytest.raises(InputError, match="must be finite"):
        frechet_from_moments(mean, covariance, mean * np.nan, covariance)
    with pytest.raises(InputError, match="no negative variances"):
        frechet_from_moments(mean, covariance, mean, -covariance)
