import keras
import numpy as np
import pytest

from keras_gans.callbacks import LearningRateSchedule, RateDecay, linear_decay
from keras_gans.errors import InputError


class Spent:
    def __init__(self, share):
        self.share = share

    def spent(self):
        return self.share


def rates(model):
    return [float(o.learning_rate.numpy()) for o in model.optimizers.values()]


def test_rates_stay_while_batches_are_passed_over(tiny):
    model = tiny()
    model._steps_to_pass = 1
    decaying(model, 0.75).on_train_batch_begin(0)
    np.testing.assert_allclose(rates(model), [0.05, 0.2], rtol=1e-6)


def decaying(model, share=0.0):
    decay = RateDecay(Spent(share))
    decay.set_model(model)
    decay.on_train_begin()
    return decay


@pytest.mark.parametrize(
    ("spent", "left"), [(0.2, 1.0), (0.5, 1.0), (0.75, 0.5), (0.9, 0.2), (1.1, 0.001)]
)
def test_the_rates_fall_in_the_second_half(tiny, spent, left):
    model = tiny()
    decaying(model, spent).on_train_batch_begin(0)
    np.testing.assert_allclose(rates(model), [0.05 * left, 0.2 * left], rtol=1e-6)


def test_what_else_changes_the_rates_holds(tiny):
    model = tiny()
    decay = decaying(model)
    for spent in (0.6, 0.8):
        decay.budget.share = spent
        decay.on_train_batch_begin(20)
        model.optimizers["generator"].learning_rate.assign(rates(model)[0] / 2)
    np.testing.assert_allclose(rates(model), [0.05 * 0.4 / 4, 0.2 * 0.4], rtol=1e-5)


def test_the_rates_are_whole_again_when_training_ends(tiny):
    model = tiny()
    decay = decaying(model, 0.9)
    decay.on_train_batch_begin(0)
    decay.on_train_end()
    np.testing.assert_allclose(rates(model), [0.05, 0.2], rtol=1e-6)


def test_goes_on_from_its_state(tiny):
    model = tiny()
    first, second = decaying(model, 0.75), decaying(model, 0.9)
    first.on_train_batch_begin(0)
    second.set_state(first.get_state())
    second.on_train_batch_begin(0)
    np.testing.assert_allclose(rates(model), [0.05 * 0.2, 0.2 * 0.2], rtol=1e-6)


def test_the_rate_of_a_single_player_falls(tiny):
    model = tiny(players=["autoencoder"])
    decaying(model, 0.75).on_train_batch_begin(0)
    assert rates(model) == [pytest.approx(0.05 * 0.5)]


def test_a_keras_schedule_is_refused_before_training(tiny):
    model = tiny()
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.optimizers["generator"] = keras.optimizers.Adam(decay)
    with pytest.raises(InputError, match="generator's optimizer must have a number"):
        decaying(model)


def test_another_schedule_beside_it_is_refused(tiny):
    schedule = LearningRateSchedule(linear_decay(1, 2))
    with pytest.raises(InputError, match="or a LearningRateSchedule. Received: both"):
        RateDecay(Spent(0.0)).meet_callbacks([schedule])
