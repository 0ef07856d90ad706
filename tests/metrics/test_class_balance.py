import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.metrics.class_balance import class_balance


def test_hand_computed_values():
    real, fake = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    balance = class_balance(real, fake, ["cat", "dog", "cow"])
    np.testing.assert_allclose(balance.real_shares, [0.5, 0.25, 0.25])
    np.testing.assert_allclose(balance.fake_shares, [0.25, 0.75, 0])
    np.testing.assert_allclose(balance.ratios, [0.5, 3, 0])
    assert balance.missed == ["cow"]
    assert balance.over_represented == ["dog"]
    assert balance.num_covered == 2
    assert balance.total_variation == pytest.approx(0.5)
    # Of the samples from the data: a missed class adds nothing.
    assert balance.kl_divergence == pytest.approx(0.25 * np.log(0.5) + 0.75 * np.log(3))
    assert balance.summary == "Samples cover 2 of 3 classes. Missed: cow. Over-represented: dog."


def test_a_generator_that_misses_three_classes_is_told_which():
    names = [
        "top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "shoe",
        "bag",
        "boot",
    ]
    real = np.arange(1000) % 10
    fake = real[~np.isin(real, [1, 5, 8])]
    fake = np.append(fake, [5])  # a stray prediction does not cover a class
    balance = class_balance(real, fake, names)
    assert balance.missed == ["trouser", "sandal", "bag"]
    assert balance.num_covered == 7
    assert balance.over_represented == []
    assert "Missed: trouser, sandal, bag." in balance.summary
    assert balance.total_variation == pytest.approx(0.3, abs=0.01)


def test_the_data_against_itself():
    classes = np.array([0, 1, 1, 3])
    balance = class_balance(classes, classes)
    assert balance.class_names == ["0", "1", "2", "3"]
    np.testing.assert_array_equal(balance.ratios, [1, 1, np.nan, 1])
    assert balance.total_variation == balance.kl_divergence == 0
    assert balance.num_covered == 3  # the class that neither has is not asked for
    assert balance.summary == "Samples cover 3 of 3 classes. Missed: none. Over-represented: none."


def test_a_class_that_the_data_lack():
    balance = class_balance(np.array([0, 0]), np.array([0, 1]))
    assert balance.ratios[1] == balance.kl_divergence == np.inf
    assert balance.over_represented == ["1"]


def test_the_limits_are_arguments():
    real, fake = np.array([0, 1]), np.array([0, 0, 0, 1])
    balance = class_balance(real, fake, missed_below=0.6, over_above=1.4)
    assert (balance.missed, balance.over_represented) == (["1"], ["0"])


@pytest.mark.parametrize(
    ("fake", "message"),
    [
        (np.array([], int), "at least one"),
        (np.array([0.0]), "integer arrays"),
        (np.array([[0]]), "integer arrays"),
        (np.array([3]), "from 0 to 1"),
        (np.array([-1]), "from 0 to 1"),
    ],
)
def test_bad_input(fake, message):
    with pytest.raises(InputError, match=message):
        class_balance(np.array([0, 1]), fake, ["a", "b"])
