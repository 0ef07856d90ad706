import numpy as np
import pytest
import scipy.stats

from keras_gans.errors import InputError
from keras_gans.metrics.memorization import memorization


def normal(count, seed, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(count, 4))


def test_a_copied_training_set_is_flagged():
    train, held_out = normal(200, 0), normal(100, 1)
    found = memorization(train, held_out, train[:150] + normal(150, 2, scale=0.01))
    assert found.copied
    assert found.z < -10
    assert found.p_value < 1e-20
    assert found.share_closer > 0.99
    assert found.summary.startswith("Samples are closer")


def test_an_exact_copy_is_flagged():
    train = normal(100, 0)
    assert memorization(train, normal(60, 1), train).share_closer == 1


def test_other_images_of_the_source_are_not_flagged():
    scores = []
    for seed in range(0, 60, 3):
        found = memorization(normal(150, seed), normal(80, seed + 1), normal(90, seed + 2))
        assert not found.copied
        assert found.summary.startswith("No sign")
        scores.append(found.z)
    # Near a standard normal; its spread is wider because both sets share one training set.
    assert abs(np.mean(scores)) < 0.8
    assert np.max(np.abs(scores)) < 4


def test_poor_samples_are_farther_and_not_flagged():
    found = memorization(normal(150, 0), normal(80, 1), normal(80, 2, scale=3.0))
    assert found.z > 5
    assert found.share_closer < 0.2
    assert not found.copied


def test_half_copies_are_flagged():
    train = normal(200, 0)
    fake = np.concatenate([train[:50], normal(50, 2)])
    assert memorization(train, normal(100, 1), fake).copied


def test_hand_computed_statistic():
    # Distances to the only training point: 1..20 for samples, 10.5..29.5 for held-out images.
    train = np.zeros((1, 1))
    fake, held_out = np.arange(1.0, 21)[:, None], np.arange(10.5, 30)[:, None]
    found = memorization(train, held_out, fake)
    farther = sum(range(1, 11))  # samples 11..20 are farther than 1..10 of the held-out images
    assert found.share_closer == pytest.approx(1 - farther / 400)
    assert found.z == pytest.approx((farther - 200) / np.sqrt(400 * 41 / 12))
    expected = scipy.stats.norm.cdf((farther - 200 + 0.5) / np.sqrt(400 * 41 / 12))
    assert found.p_value == pytest.approx(expected)


def test_significance():
    train, held_out, fake = normal(150, 0), normal(80, 1), normal(80, 2)
    p_value = memorization(train, held_out, fake).p_value
    assert memorization(train, held_out, fake, significance=p_value * 1.01).copied
    assert not memorization(train, held_out, fake, significance=p_value * 0.99).copied


def test_bad_input():
    features = normal(30, 0)
    with pytest.raises(InputError, match="at least 20 rows"):
        memorization(features, features[:19], features)
    with pytest.raises(InputError, match="`significance`"):
        memorization(features, features, features, significance=0)
    with pytest.raises(InputError, match="finite"):
        memorization(features, features, features * np.nan)
    with pytest.raises(InputError, match="same d"):
        memorization(features[:, :3], features, features)
