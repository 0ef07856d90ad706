import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans.callbacks import LearningRateSchedule, linear_decay
from keras_gans.errors import InputError


def test_linear_decay_is_constant_then_falls_to_zero():
    schedule = linear_decay(2, 6)
    rates = [schedule(epoch, 8.0) for epoch in range(8)]
    assert rates == [8.0, 8.0, 8.0, 6.0, 4.0, 2.0, 0.0, 0.0]


@pytest.mark.parametrize(("start", "total"), [(-1, 5), (5, 5), (6, 5), (1.5, 5)])
def test_linear_decay_that_never_falls_is_refused(start, total):
    with pytest.raises(InputError, match="must be an integer of at least"):
        linear_decay(start, total)


def rates(model):
    return {name: float(o.learning_rate) for name, o in model.optimizers.items()}


@pytest.mark.parametrize(
    ("method", "options", "moves"),
    [
        (kg.R3GAN, {"width": 2}, {"scheduled_images": 8}),
        (kg.ProgressiveGAN, {"filters": 2, "max_filters": 2}, {"rates": (1.0, 2.0)}),
    ],
)
def test_a_model_that_moves_its_rates_is_refused(method, options, moves):
    """What a size or a share of the schedule had set would be lost at the next epoch."""
    assert not method(image_shape=(16, 16, 1), **options).moves_rates
    gan = method(image_shape=(16, 16, 1), **options, **moves)
    gan.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1))
    with pytest.raises(InputError, match=f"schedule of a {method.__name__}.* both of them"):
        gan.fit(images, callbacks=[LearningRateSchedule(linear_decay(1, 4))])


@pytest.mark.parametrize("players", [["generator", "discriminator"], ["autoencoder"]])
def test_all_rates_follow_the_schedule_and_stay_in_proportion(tiny, fit, players):
    model = tiny(players)
    initial = rates(model)
    history = fit(model, [LearningRateSchedule(linear_decay(1, 4))], epochs=4).history
    for name in players:
        expected = [float(np.float32(initial[name] * f)) for f in (1.0, 1.0, 2 / 3, 1 / 3)]
        assert history[f"{name}_learning_rate"] == expected


def test_later_calls_of_fit_keep_the_initial_rate(tiny, fit):
    model = tiny()
    initial = rates(model)["generator"]
    callback = LearningRateSchedule(lambda epoch, rate: rate / 2**epoch)
    fit(model, [callback], epochs=2)
    assert rates(model)["generator"] == initial / 2
    fit(model, [callback], epochs=3, initial_epoch=2)
    assert rates(model)["generator"] == initial / 4


def test_initial_rates_are_part_of_the_state(tiny, fit):
    model = tiny()
    first, second = (LearningRateSchedule(lambda epoch, rate: rate / 2) for _ in range(2))
    before = rates(model)
    fit(model, [first])
    second.set_model(model)
    second.on_train_begin()
    second.set_state(first.get_state())
    second.on_epoch_begin(1)
    assert rates(model) == {name: rate / 2 for name, rate in before.items()}


def test_a_given_initial_rate_and_an_optimizer_left_alone(tiny, fit):
    model = tiny()
    before = rates(model)["discriminator"]
    callback = LearningRateSchedule(
        lambda epoch, rate: rate / 4, generator=1.0, discriminator=False
    )
    history = fit(model, [callback]).history
    assert rates(model) == {"generator": 0.25, "discriminator": before}
    assert "discriminator_learning_rate" not in history


def test_a_player_that_the_model_lacks_is_refused(tiny, fit):
    callback = LearningRateSchedule(linear_decay(1, 4), generator=1.0, critic=False)
    rule = r"one of the model's players, generator, discriminator\. Received: critic\."
    with pytest.raises(InputError, match=rule):
        fit(tiny(), [callback])


def test_an_optimizer_with_a_keras_schedule_is_refused_unless_left_alone(tiny, fit):
    model = tiny()
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    optimizer = model.optimizers["discriminator"] = keras.optimizers.Adam(decay)
    optimizer.build([model.kernels["discriminator"]])
    with pytest.raises(InputError, match="discriminator's optimizer must have a number"):
        fit(model, [LearningRateSchedule(linear_decay(1, 4))])
    fit(model, [LearningRateSchedule(linear_decay(1, 4), discriminator=False)])


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf"), None, "0.1"])
def test_a_schedule_that_returns_no_rate_is_refused(tiny, fit, rate):
    with pytest.raises(InputError, match=r"finite number of at least 0. Received: .* for epoch 0"):
        fit(tiny(), [LearningRateSchedule(lambda epoch, initial: rate)])


@pytest.mark.parametrize("bad", [{"generator": 0.0}, {"discriminator": -1.0}, {"generator": "x"}])
def test_an_initial_rate_out_of_range_is_refused(bad):
    with pytest.raises(InputError, match=f"`{next(iter(bad))}` must be True, False or"):
        LearningRateSchedule(linear_decay(1, 4), **bad)


def test_what_is_no_function_is_refused():
    with pytest.raises(InputError, match="must be a function"):
        LearningRateSchedule(0.1)
