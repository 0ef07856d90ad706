import numpy as np
import pytest
from scipy.special import softmax

from keras_gans.errors import InputError
from keras_gans.metrics.inception_score import inception_score
from tests.metrics.fixtures import sets
from tests.metrics.fixtures.peers import PEERS


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equals_torch_fidelity(dtype):
    probabilities = softmax(sets.logits(*sets.INCEPTION), axis=1).astype(dtype)
    assert inception_score(probabilities) == pytest.approx(PEERS["inception"], rel=1e-6)
    shuffled = probabilities[np.random.RandomState(2020).permutation(len(probabilities))]
    assert inception_score(shuffled) == pytest.approx(PEERS["inception shuffled"], rel=1e-6)


def test_certain_images_of_all_classes_score_the_number_of_classes():
    probabilities = np.tile(np.eye(5), (20, 1))
    assert inception_score(probabilities) == pytest.approx((5, 0))


def test_one_class_or_no_certainty_scores_1():
    assert inception_score(np.tile([1.0, 0.0], (20, 1))) == pytest.approx((1, 0))
    assert inception_score(np.full((20, 4), 0.25)) == pytest.approx((1, 0))


def test_splits_are_consecutive():
    ordered = np.repeat(np.eye(2), 10, axis=0)
    assert inception_score(ordered, splits=2) == pytest.approx((1, 0))
    assert inception_score(ordered, splits=1) == pytest.approx((2, 0))


def test_a_seed_draws_the_parts():
    ordered = np.repeat(np.eye(2), 1000, axis=0)
    mean, std = inception_score(ordered, splits=2, seed=0)
    assert mean == pytest.approx(2, abs=0.01)
    assert inception_score(ordered, splits=2, seed=0) == (mean, std)
    assert inception_score(ordered, splits=2, seed=1) != (mean, std)


def test_bad_input():
    with pytest.raises(InputError, match="rows of sum 1"):
        inception_score(np.ones((20, 3)))
    with pytest.raises(InputError, match="at least 0"):
        inception_score(np.tile([1.5, -0.5], (20, 1)))
    with pytest.raises(InputError, match=r"at least 10 rows \(`splits`\)"):
        inception_score(np.full((9, 2), 0.5))
    with pytest.raises(InputError, match="`splits`"):
        inception_score(np.full((9, 2), 0.5), splits=0)
    with pytest.raises(InputError, match="`seed`"):
        inception_score(np.full((10, 2), 0.5), seed=-1)
    with pytest.raises(InputError, match="arrays of numbers"):
        inception_score([[1.0], [0.5, 0.5]])
    with pytest.raises(InputError, match="must be finite"):
        inception_score(np.full((20, 2), np.nan))
