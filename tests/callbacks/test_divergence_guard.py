import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.callbacks import DivergenceGuard
from keras_gans.callbacks.divergence_guard import _pairwise
from keras_gans.errors import InputError


class Recorder(keras.callbacks.Callback):
    """Keeps the whole state of training, before it begins and at the end of each epoch."""

    def on_train_begin(self, logs=None):
        self.states = [state(self.model)]

    def on_epoch_end(self, epoch, logs=None):
        self.states.append(state(self.model))


def state(model):
    optimizers = model.optimizers.values()
    variables = [*model.weights, *(v for o in optimizers for v in o.variables)]
    return [v.numpy() for v in variables]


def assert_same(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def started(model, **kwargs):
    """Returns a guard whose hooks a test calls by hand."""
    guard = DivergenceGuard(**kwargs)
    guard.set_model(model)
    guard.on_train_begin()
    model.stop_training = False
    return guard


def epochs(guard, logs, first=0):
    for epoch, log in enumerate(logs, start=first):
        guard.on_epoch_begin(epoch)
        guard.on_epoch_end(epoch, log)


def test_a_nan_stops_training_and_restores_the_last_epochs_state(tiny, fit, capsys):
    # The 12th step is batch 2 of epoch 3.
    model = tiny(nan_step=12)
    guard, recorder = DivergenceGuard(check_every=2), Recorder()
    history = fit(model, [guard, recorder], epochs=6, steps=5)
    assert len(history.epoch) == 3
    assert_same(state(model), recorder.states[2])
    assert not np.array_equal(recorder.states[1][0], recorder.states[2][0])
    found = guard.diverged
    assert (found["log"], found["epoch"]) == ("discriminator_loss", 3)
    assert np.isnan(found["value"])
    # Keras calls the hook from other threads, so a later batch may come first.
    assert 2 <= found["batch"] <= 5
    (message,) = guard.messages
    assert f"discriminator_loss was nan at batch {found['batch']} of epoch 3" in message
    assert "the end of epoch 2" in found["restored"]
    assert f"{found['restored']} were restored" in message
    assert message in capsys.readouterr().out


def test_before_the_first_epochs_end_the_initial_state_is_restored(tiny, fit):
    model = tiny(nan_step=2)
    guard, recorder = DivergenceGuard(), Recorder()
    fit(model, [guard, recorder], epochs=3, steps=4)
    assert_same(state(model), recorder.states[0])
    # Fewer batches than `check_every`: it was found at the epoch's end.
    assert (guard.diverged["epoch"], guard.diverged["batch"]) == (1, None)
    assert "the beginning of training" in guard.messages[0]


def test_the_weights_are_restored_before_validation(tiny):
    model = tiny()
    guard = started(model, check_every=1)
    before = state(model)
    model.kernel.assign(np.full(model.kernel.shape, np.nan))
    guard.on_epoch_begin(0)
    guard.on_train_batch_end(0, {"generator_loss": float("nan")})
    assert model.stop_training
    guard.on_test_begin()
    assert_same(state(model), before)
    guard.on_epoch_end(0, {"generator_loss": float("nan")})
    assert_same(state(model), before)
    assert len(guard.messages) == 1


def test_training_can_go_on_from_the_restored_state(tiny, fit):
    model = tiny(nan_step=4)
    guard = DivergenceGuard(samples=0)
    fit(model, [guard], epochs=3, steps=2)
    assert guard.diverged["epoch"] == 2
    fit(model, [guard], epochs=1, steps=1)
    assert guard.diverged is None
    assert guard.messages == []


def test_a_moment_made_after_the_copy_starts_from_zero_again(tiny, fit):
    model = tiny()
    optimizer = model.optimizers["generator"] = keras.optimizers.Adam(0.05)
    guard = started(model, samples=0)
    optimizer.apply([model.kernel * 1.0], [model.kernel])
    epochs(guard, [{"generator_loss": float("nan")}])
    for variable in optimizer.variables[2:]:
        np.testing.assert_array_equal(variable, np.zeros(variable.shape))
    assert int(optimizer.iterations) == 0


def rates(model):
    return [float(o.learning_rate.numpy()) for o in model.optimizers.values()]


@pytest.mark.parametrize("check_every", [1, 50])
def test_training_goes_on_at_lower_rates_as_often_as_asked(tiny, fit, check_every):
    class Poison(keras.callbacks.Callback):
        """Makes the weights NaN once in each of the epochs 2, 3 and 5."""

        def on_epoch_begin(self, epoch, logs=None):
            self.due = epoch in (1, 2, 4)

        def on_train_batch_begin(self, batch, logs=None):
            if self.due and batch == 1:
                self.due = False
                kernel = self.model.kernel
                kernel.assign(np.full(kernel.shape, np.nan))

    model = tiny()
    guard = DivergenceGuard(check_every=check_every, retries=2, rate_factor=0.1, samples=0)
    history = fit(model, [guard, Poison()], epochs=9, steps=4)
    assert len(history.epoch) == 5, "the third divergence ends training"
    assert guard.diverged["epoch"] == 5
    goes_on = ["training goes on with lower" in message for message in guard.messages]
    assert goes_on == [True, True, False]
    np.testing.assert_allclose(rates(model), [0.05 * 0.01, 0.2 * 0.01], rtol=1e-5)
    assert all(np.isfinite(values).all() for values in state(model))


def test_a_state_that_diverges_again_is_tried_at_still_lower_rates(tiny):
    model = tiny()
    guard = started(model, retries=3, samples=0)
    for epoch in range(2):
        epochs(guard, [{"generator_loss": float("nan")}], first=epoch)
    guard.on_epoch_begin(2)
    np.testing.assert_allclose(rates(model), [0.05 / 4, 0.2 / 4], rtol=1e-6)
    assert guard.get_state()["retries_left"] == 1
    more = started(model, retries=5)
    more.set_state(guard.get_state())
    assert more.get_state()["retries_left"] == 5 - (guard.retries - 1), "those used are used"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_validation_logs_and_infinities_count_too(tiny, value):
    model = tiny()
    guard = started(model, samples=0)
    epochs(guard, [{"generator_loss": 1.0, "val_r1": ops.convert_to_tensor(value)}])
    assert guard.diverged["log"] == "val_r1"
    assert model.stop_training


@pytest.mark.parametrize("where", ["weights", "optimizer"])
def test_a_state_that_is_not_finite_is_never_taken_as_good(tiny, where):
    model = tiny()
    guard = started(model, samples=0)
    before = state(model)
    moment = model.optimizers["discriminator"].variables[-1]
    bad = model.weights[1] if where == "weights" else moment
    bad.assign(np.full(bad.shape, np.inf))
    epochs(guard, [{"generator_loss": 1.0}])
    assert model.stop_training
    assert guard.diverged["log"] == "weights"
    assert guard.diverged["value"] == np.inf
    assert_same(state(model), before)


def test_batches_are_looked_at_every_few_steps_whatever_keras_calls(tiny):
    # With 4 steps an execution Keras reports the batches 3, 7, 11, ...
    model = tiny()
    guard = started(model, check_every=6)
    guard.on_epoch_begin(0)
    guard.on_train_batch_end(3, {"r1": float("nan")})
    assert not model.stop_training
    guard.on_train_batch_end(7, {"r1": float("nan")})
    assert model.stop_training
    assert guard.diverged["batch"] == 8


def test_a_healthy_training_gets_no_message(tiny, fit, capsys):
    guard = DivergenceGuard(patience=1)
    fit(tiny(), [guard], epochs=3)
    assert guard.messages == []
    assert guard.diverged is None
    assert capsys.readouterr().out == ""


def test_a_discriminator_that_wins_is_told_once_and_in_words(tiny, capsys):
    model = tiny()
    guard = started(model, patience=2)
    won = {"real_accuracy": 0.995, "fake_accuracy": 1.0}
    fair = {"real_accuracy": 0.995, "fake_accuracy": 0.6}
    epochs(guard, [won, fair, won])
    assert guard.messages == []
    epochs(guard, [won, won, fair, won, won], first=3)
    (message,) = guard.messages
    for words in ("discriminator has won", "99 %", "2 epochs", "no useful gradient", "Try", "R1"):
        assert words in message
    assert capsys.readouterr().out.count(message) == 1
    assert not model.stop_training


def test_a_loss_that_jumps_is_told_once(tiny, capsys):
    guard = started(tiny(), samples=0)
    # Of a run at 64 pixels whose learning rate was too high.
    means = [(0.63, 2.77), (0.13, 3.86), (164.6, 129.5), (0.72, 13.4), (900.0, 9.5)]
    logs = [{"discriminator_loss": d, "generator_loss": g} for d, g in means]
    epochs(guard, logs[:2])
    assert guard.messages == []
    epochs(guard, logs[2:], first=2)
    (message,) = guard.messages
    assert "generator_loss has jumped" in message
    assert "was 130, and at most 3.86 before" in message
    assert "jumped" in capsys.readouterr().out


def test_losses_that_are_large_or_negative_from_the_start_do_not_jump(tiny):
    guard = started(tiny(), samples=0)
    means = [(500.0, -1.0), (-80.0, -300.0), (0.5, 15.0), (9000.0, 19.0)]
    epochs(guard, [{"discriminator_loss": d, "generator_loss": g} for d, g in means])
    assert guard.messages == []


@pytest.mark.parametrize(("untrained", "most"), [(1.39, 27.8), (0.5, 20), (2.0, 40)])
def test_a_violent_first_epoch_is_told(tiny, untrained, most):
    messages = []
    for loss in (0.99 * most, 1.01 * most):
        model = tiny()
        model.untrained_losses = {"discriminator_loss": untrained}
        guard = started(model, samples=0)
        epochs(guard, [{"discriminator_loss": loss, "generator_loss": 500.0}])
        messages.append(guard.messages)
    assert messages[0] == []
    (message,) = messages[1]
    assert "discriminator_loss has jumped" in message
    assert f"was {1.01 * most:.3g}, and {untrained:.3g} before anything is learned" in message


def test_the_saturation_warning_can_be_turned_off(tiny):
    guard = started(tiny(), patience=1, saturation=None)
    epochs(guard, [{"real_accuracy": 1.0, "fake_accuracy": 1.0}] * 3)
    assert guard.messages == []


def test_the_model_says_which_accuracies_mean_that_the_discriminator_has_won(tiny):
    won = [{"real_accuracy": 1.0, "fake_accuracy": 1.0}] * 3
    model = tiny()
    model.accuracy_logs = ()
    guard = started(model, patience=1)
    epochs(guard, won)
    assert guard.messages == []
    model.accuracy_logs = ("a_accuracy", "b_accuracy")
    epochs(guard, [*won, {"a_accuracy": 1.0}, {"a_accuracy": 1.0, "b_accuracy": 0.9}])
    assert guard.messages == []
    epochs(guard, [{"a_accuracy": 1.0, "b_accuracy": 1.0}])
    assert "discriminator has won" in guard.messages[0]


@pytest.mark.parametrize("num_classes", [None, 3])
def test_a_generator_that_ignores_its_latent_is_told_once(tiny, num_classes):
    # The classes still differ in a conditional model; only the latent is without effect.
    model = tiny(num_classes=num_classes)
    guard = started(model, patience=2)
    model.kernel.assign(np.zeros(model.kernel.shape))
    epochs(guard, [{}])
    assert guard.messages == []
    epochs(guard, [{}] * 3, first=1)
    (message,) = guard.messages
    for words in (
        "generator has collapsed",
        "2 epochs",
        "64 samples",
        "whatever the latent",
        "Try",
    ):
        assert words in message
    assert not model.stop_training


@pytest.mark.parametrize("points", [False, True])
def test_a_fall_to_a_tenth_of_the_highest_distance_is_a_collapse(tiny, points):
    model = tiny(points=points)
    guard = started(model, patience=1)
    kernel = model.kernel.numpy()
    epochs(guard, [{}])
    model.kernel.assign(0.2 * kernel)
    epochs(guard, [{}], first=1)
    assert guard.messages == []
    model.kernel.assign(0.08 * kernel)
    epochs(guard, [{}], first=2)
    assert "generator has collapsed" in guard.messages[0]


def test_without_samples_nothing_is_generated(tiny):
    model = tiny()
    guard = started(model, patience=1, samples=0)
    model.alternatives = None
    epochs(guard, [{}] * 2)
    assert guard.messages == []


def test_a_model_without_latents_cannot_collapse(tiny):
    model = tiny()
    model.has_latents = False
    guard = started(model, patience=1)
    model.kernel.assign(np.zeros(model.kernel.shape))
    epochs(guard, [{}] * 2)
    assert guard.messages == []


def test_a_model_of_one_player_is_guarded_too(tiny, fit):
    model = tiny(players=["autoencoder"], nan_step=3)
    model.accuracy_logs = ()
    guard, recorder = DivergenceGuard(), Recorder()
    fit(model, [guard, recorder], epochs=2, steps=2)
    assert guard.diverged["log"] == "autoencoder_loss"
    assert_same(state(model), recorder.states[1])
    assert guard.messages[1:] == []


def test_the_rate_of_a_single_player_is_lowered(tiny):
    model = tiny(players=["autoencoder"])
    guard = started(model, retries=1, samples=0)
    epochs(guard, [{"autoencoder_loss": float("nan")}])
    guard.on_epoch_begin(1)
    assert rates(model) == [pytest.approx(0.05 / 2)]


def test_retries_need_rates_that_can_be_lowered(tiny):
    model = tiny()
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.optimizers["generator"] = keras.optimizers.Adam(decay)
    started(model)
    with pytest.raises(InputError, match="generator's optimizer must have a number"):
        started(model, retries=1)


def test_pairwise_distance_is_the_mean_over_all_pairs():
    samples = np.random.default_rng(0).normal(size=(7, 5))
    pairs = [np.abs(samples[i] - samples[j]).mean() for i in range(7) for j in range(i)]
    assert _pairwise(samples) == pytest.approx(np.mean(pairs), rel=1e-12)


def test_weights_that_are_broken_from_the_start_are_refused(tiny):
    model = tiny()
    model.kernel.assign(np.full(model.kernel.shape, np.nan))
    with pytest.raises(InputError, match=r"must be finite when training begins. Received: nan"):
        started(model)


@pytest.mark.parametrize(
    "bad",
    [
        {"patience": 0},
        {"check_every": 0},
        {"samples": 1},
        {"samples": -1},
        {"seed": -1},
        {"saturation": 1.5},
        {"saturation": "x"},
    ],
)
def test_arguments_out_of_range_are_refused(bad):
    with pytest.raises(InputError, match=f"`{next(iter(bad))}` must be .*Received"):
        DivergenceGuard(**bad)
