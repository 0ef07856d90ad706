import numpy as np
import pytest

from keras_gans.callbacks import RateDecay


class Spent:
    def __init__(self, share):
        self.share = share

    def spent(self):
        return self.share


def rates(model):
    optimizers = (model.generator_optimizer, model.discriminator_optimizer)
    return [float(optimizer.learning_rate.numpy()) for optimizer in optimizers]


def decaying(model, share=0.0):
    decay = RateDecay(Spent(share))
    decay.set_model(model)
    decay.on_train_begin()
    return decay


@pytest.mark.parametrize(
    ("spent", "left"), [(0.2, 1.0), (0.5, 1.0), (0.75, 0.5), (0.9, 0.2), (1.1, 0.001)]
)
def test_the_rates_fall_in_the_second_half(tiny_gan, spent, left):
    model = tiny_gan()
    decaying(model, spent).on_train_batch_begin(0)
    np.testing.assert_allclose(rates(model), [0.05 * left, 0.2 * left], rtol=1e-6)


def test_what_else_changes_the_rates_holds(tiny_gan):
    model = tiny_gan()
    decay = decaying(model)
    for spent in (0.6, 0.8):
        decay.budget.share = spent
        decay.on_train_batch_begin(20)
        model.generator_optimizer.learning_rate.assign(rates(model)[0] / 2)
    np.testing.assert_allclose(rates(model), [0.05 * 0.4 / 4, 0.2 * 0.4], rtol=1e-5)


def test_goes_on_from_its_state(tiny_gan):
    model = tiny_gan()
    first, second = decaying(model, 0.75), decaying(model, 0.9)
    first.on_train_batch_begin(0)
    second.set_state(first.get_state())
    second.on_train_batch_begin(0)
    np.testing.assert_allclose(rates(model), [0.05 * 0.2, 0.2 * 0.2], rtol=1e-6)
