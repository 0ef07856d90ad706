import time
import types

import keras
import numpy as np
import pytest

from keras_gans.callbacks import Budget
from keras_gans.errors import InputError


def test_steps_end_training_within_an_epoch(tiny, fit):
    model = tiny()
    history = fit(model, [Budget(steps=5)], epochs=9, steps=3)
    assert int(model.step) == 5
    assert len(history.epoch) == 2


def test_minutes_end_training(tiny, fit):
    model = tiny()
    fit(model, [Budget(minutes=1e-9)], epochs=9, steps=3)
    assert int(model.step) == 1


def test_ends_the_training_of_any_keras_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    budget = Budget(steps=3)
    data = np.zeros((8, 2)), np.zeros((8, 1))
    model.fit(*data, batch_size=2, epochs=5, verbose=0, callbacks=[budget])
    assert budget.steps_done == 3


def test_what_is_spent_is_the_larger_share(tiny):
    budget = Budget(steps=10, minutes=1e6)
    budget.on_train_begin()
    budget.on_epoch_end(0)
    assert budget.spent() == pytest.approx(0, abs=1e-6)
    budget.set_state({"steps": 5, "seconds": 0.75 * 60e6})
    assert budget.spent() == pytest.approx(0.75)
    budget.set_state({"steps": 8, "seconds": 0.75 * 60e6})
    assert budget.spent() == pytest.approx(0.8)
    assert budget.get_state()["steps"] == 8
    budget.started = time.monotonic() - 60e6
    assert budget.spent() == pytest.approx(1)


def test_a_budget_without_limits_is_never_spent():
    budget = Budget()
    budget.on_train_begin()
    assert budget.spent() == 0
    assert not budget.is_over({"steps": 10**9, "seconds": 1e9})


@pytest.mark.parametrize(
    ("limits", "state", "message"),
    [
        (
            {"steps": 20},
            {"steps": 20, "seconds": 9.0},
            "The budget of 20 steps is spent already (20 steps): give more `steps` to go on.",
        ),
        (
            {"steps": 1, "minutes": 4},
            {"steps": 2500, "seconds": 9.0},
            "The budget of 1 step is spent already (2,500 steps): give more `steps` to go on.",
        ),
        (
            {"steps": 1000},
            {"steps": 0, "within": 1500, "seconds": 9.0},
            "The budget of 1,000 steps is spent already (1,500 steps): give more `steps` to go on.",
        ),
        (
            {"steps": 20, "minutes": 1},
            {"steps": 7, "seconds": 75.0},
            "The budget of 1 minute is spent already (1.2 minutes): give more `minutes` to go on.",
        ),
        (
            {"steps": 5, "minutes": 0.5},
            {"steps": 7, "seconds": 30.0},
            "The budget of 5 steps and 0.5 minutes is spent already (7 steps and 0.5 minutes): "
            "give more `steps` and `minutes` to go on.",
        ),
    ],
)
def test_a_spent_budget_says_how_to_go_on(limits, state, message):
    budget = Budget(**limits)
    assert budget.is_over(state)
    assert budget.spent_message(state) == message


def test_steps_of_an_epoch_that_has_begun_are_kept_apart(tiny):
    budget = Budget(steps=10)
    budget.set_model(tiny())
    budget.on_train_begin()
    budget.set_state({"steps": 4, "seconds": 0.0})
    budget.on_train_batch_begin(0)
    budget.on_train_batch_end(2)
    state = budget.get_state()
    assert (state["steps"], state["within"]) == (4, 3)
    budget.set_state(state)
    assert budget.steps_done == 4, "they are passed over, and counted again"


def test_no_budget_ends_while_batches_are_passed_over():
    model = types.SimpleNamespace(is_passing=True, stop_training=False)
    budget = Budget(steps=1)
    budget.set_model(model)
    budget.on_train_begin()
    budget.set_state({"steps": 4, "seconds": 0.0})
    for batch, is_passing in enumerate((True, True, False)):
        assert not model.stop_training
        model.is_passing = is_passing
        budget.on_train_batch_begin(batch)
        model.is_passing = False  # It ends within the last batch.
        budget.on_train_batch_end(batch)
    assert model.stop_training


@pytest.mark.parametrize(
    "limits", [{"steps": 0}, {"steps": 2.5}, {"minutes": 0}, {"minutes": float("nan")}]
)
def test_limits_out_of_range_are_refused(limits):
    with pytest.raises(InputError, match=f"`{next(iter(limits))}` must be .*Received"):
        Budget(**limits)
