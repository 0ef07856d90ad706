import tracemalloc

import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics import features
from keras_gans.metrics.manifold import density_coverage, prdc, precision_recall
from tests.metrics.fixtures import sets
from tests.metrics.fixtures.peers import PEERS


@pytest.mark.parametrize("case", sets.MANIFOLD)
def test_equals_prdc(case):
    real, fake = sets.pair(*sets.MANIFOLD[case], "float32")
    at_3, at_5 = PEERS["manifold"][case]["3"], PEERS["manifold"][case]["5"]
    expected = {name: at_3[name] for name in ("precision", "recall")}
    expected |= {name: at_5[name] for name in ("density", "coverage")}
    # A mean of counts and a count over a product differ in the last digit.
    assert prdc(real, fake) == pytest.approx(expected, rel=1e-14)
    assert precision_recall(real, fake) == pytest.approx((at_3["precision"], at_3["recall"]))
    assert density_coverage(real, fake, k=3) == pytest.approx((at_3["density"], at_3["coverage"]))


def test_balls_include_their_surface_in_precision_and_recall_only():
    real, fake = np.array([[0], [1], [2], [3]]), np.array([[4], [5]])  # All radii are 1.
    assert precision_recall(real, fake, k=1) == (0.5, 0.25)
    assert density_coverage(real, fake, k=1) == (0, 0)
    assert density_coverage(real, fake - 0.5, k=1) == (0.5, 0.25)


def test_order_of_real_and_fake():
    modes = np.random.default_rng(0).normal(size=(2, 40, 3)) + np.array([0, 100])[:, None, None]
    both, one = modes.reshape(80, 3), modes[0]
    assert precision_recall(both, one) == (1, 0.5)
    assert precision_recall(one, both) == (0.5, 1)
    assert density_coverage(both, one) == (1, 0.5)
    assert density_coverage(one, both) == (0.5, 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_set_against_itself(dtype):
    real = sets.features(1100, 20, 0, dtype)
    assert list(prdc(real, real).values()) == [1, 1, 1, 1]
    assert list(prdc(real, real[::-1]).values()) == [1, 1, 1, 1]


def test_copies_are_within_balls_without_extent():
    real = np.repeat(sets.features(3, 50, 0), 10, axis=0)
    assert precision_recall(real, real[::10].repeat(4, axis=0)) == (1, 1)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e8])
def test_features_that_are_all_the_same(value):
    real = np.full((7, 3), value)
    alike = {"precision": 1, "recall": 1, "density": 0, "coverage": 0}
    assert prdc(real, real[:6]) == alike
    assert prdc(real, real + 1) == dict.fromkeys(alike, 0)


def test_a_generator_that_makes_one_image_only():
    real = sets.features(50, 4, 0)
    scores = prdc(real, real[:1].repeat(20, axis=0))
    assert scores["precision"] == 1
    assert scores["recall"] == 1 / 50
    assert scores["coverage"] < 0.5


@pytest.mark.parametrize("far", [1e8, -3e9])
def test_features_far_from_zero(far):
    real, fake = np.random.default_rng(0).normal(size=(2, 60, 3)).round(3)
    fake = fake + 0.5
    assert 0 < prdc(real, fake)["coverage"] < 1
    assert prdc(real + far, fake + far) == prdc(real, fake)


@pytest.mark.parametrize("rows", [(40, 33), (33, 40)])
def test_blocks_make_no_difference(monkeypatch, tmp_path, rows):
    real, fake = sets.pair(*rows, 4, "float32")
    whole = prdc(real, fake)
    monkeypatch.setattr(features, "BLOCK", 8)
    assert prdc(real, fake) == whole
    np.save(tmp_path / "real.npy", real)
    assert prdc(np.load(tmp_path / "real.npy", mmap_mode="r"), fake) == whole


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(features, "BLOCK", 128)
    real, fake = sets.pair(2000, 2000, 4, "float32")
    tracemalloc.start()
    prdc(real, fake)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2000 * 2000  # Less than a matrix of all pairs of single bytes.


def test_bad_input():
    good = np.random.default_rng(0).normal(size=(5, 2))
    with pytest.raises(InputError, match=r"at least 6 rows \(k \+ 1\)"):
        density_coverage(good, good)
    with pytest.raises(InputError, match=r"at least 4 rows \(k \+ 1\)"):
        precision_recall(good, good[:3])
    with pytest.raises(InputError, match="k` must be an integer of at least 1"):
        precision_recall(good, good, k=0)
    with pytest.raises(InputError, match="must be finite"):
        precision_recall(good, good * np.nan)
    with pytest.raises(InputError, match="same d"):
        precision_recall(good, np.zeros((5, 3)))
