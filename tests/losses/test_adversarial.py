import math

import numpy as np
import pytest

from keras_gans import losses
from keras_gans.errors import InputError

REAL = np.array([[2.0], [-1.0]], "float32")
FAKE = np.array([[0.5], [-3.0]], "float32")


def log_sigmoid(x):
    return -math.log1p(math.exp(-x))


def softplus(x):
    return math.log1p(math.exp(x))


MINIMAX_D = -(log_sigmoid(2) + log_sigmoid(-1)) / 2 - (log_sigmoid(-0.5) + log_sigmoid(3)) / 2
EXPECTED = {  # (discriminator's, generator's), by hand from the papers' formulas
    "minimax": (MINIMAX_D, (log_sigmoid(-0.5) + log_sigmoid(3)) / 2),
    "non_saturating": (MINIMAX_D, -(log_sigmoid(0.5) + log_sigmoid(-3)) / 2),
    "least_squares": ((1 + 4) / 4 + (0.25 + 9) / 4, (0.25 + 16) / 4),
    "hinge": ((0 + 2) / 2 + (1.5 + 0) / 2, 1.25),
    "wasserstein": (-1.25 - 0.5, 1.25),
    "relativistic": ((softplus(-1.5) + softplus(-2)) / 2, (softplus(1.5) + softplus(2)) / 2),
}


@pytest.mark.parametrize("name", losses.adversarial.LOSSES)
def test_expected_numbers(name):
    loss = losses.get(name)
    discriminator, generator = EXPECTED[name]
    assert float(loss.discriminator_loss(REAL, FAKE)) == pytest.approx(discriminator, rel=1e-6)
    assert float(loss.generator_loss(FAKE, REAL)) == pytest.approx(generator, rel=1e-6)


@pytest.mark.parametrize("name", losses.adversarial.LOSSES)
def test_any_rank_gives_the_same_mean(name):
    loss = losses.get(name)
    flat = loss.discriminator_loss(REAL, FAKE)
    maps = loss.discriminator_loss(REAL.reshape(1, 2, 1, 1), FAKE.reshape(1, 2, 1, 1))
    assert float(maps) == pytest.approx(float(flat))


@pytest.mark.parametrize("name", losses.adversarial.LOSSES)
def test_large_logits_stay_finite(name):
    loss = losses.get(name)
    huge = np.array([[1e4], [-1e4]], "float32")
    assert np.isfinite(float(loss.discriminator_loss(huge, -huge)))
    assert np.isfinite(float(loss.generator_loss(huge, -huge)))


def test_one_sided_label_smoothing():
    smooth = float(losses.NonSaturating().discriminator_loss(REAL, FAKE, real_label=0.9))
    real = -np.mean([0.9 * log_sigmoid(x) + 0.1 * log_sigmoid(-x) for x in (2.0, -1.0)])
    fake = -(log_sigmoid(-0.5) + log_sigmoid(3)) / 2
    assert smooth == pytest.approx(real + fake, rel=1e-6)
    squares = float(losses.LeastSquares().discriminator_loss(REAL, FAKE, real_label=0.9))
    assert squares == pytest.approx(((1.1**2 + 1.9**2) + (0.25 + 9)) / 4, rel=1e-6)


def test_accuracies():
    real, fake = losses.NonSaturating().accuracies(REAL, FAKE)
    assert (float(real), float(fake)) == (0.5, 0.5)
    real, fake = losses.LeastSquares().accuracies(REAL, FAKE)  # the boundary is 0.5
    assert (float(real), float(fake)) == (0.5, 0.5)
    real, fake = losses.Wasserstein().accuracies(REAL + 100, FAKE + 100)
    assert (float(real), float(fake)) == (1.0, 0.5), "only differences count"


def test_unknown_name_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'hinge'"):
        losses.get("hing")


@pytest.mark.parametrize("identifier", [[1], {"hinge": 1}, None])
def test_what_is_no_name(identifier):
    with pytest.raises(InputError, match="`loss` must be an AdversarialLoss or one of minimax"):
        losses.get(identifier)
