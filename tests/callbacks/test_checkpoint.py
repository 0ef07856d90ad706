import functools
import os
import signal
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.callbacks import Budget, Checkpoint, HistoryLog, RateDecay, checkpoint
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from keras_gans.training.snapshot import listed, read, restore, take


class KilledError(Exception):
    pass


class KillAt(keras.callbacks.Callback):
    """Ends training, as a crash would, when the model has taken `step` steps."""

    def __init__(self, step, at_epoch_end=False):
        super().__init__()
        self._step, self._at_epoch_end = step, at_epoch_end

    def on_train_batch_end(self, batch, logs=None):
        if not self._at_epoch_end and self.model.steps_done == self._step:
            raise KilledError

    def on_epoch_end(self, epoch, logs=None):
        if self._at_epoch_end and self.model.steps_done == self._step:
            raise KilledError


def make(steps=2, rate=1e-2, seed=0):
    gan = kg.WGANGP(
        mlp.generator((2,), 3, (8,), None, seed=0),
        mlp.discriminator((2,), (8,), seed=0),
        discriminator_steps=steps,
        seed=seed,
    )
    gan.compile(rate, rate)
    return gan


@functools.cache
def traced():
    gan = make()
    return gan, take(gan)


def fresh():
    """Returns one and the same model, as it was at first: its step is traced but once."""
    gan, first = traced()
    restore(gan, first)
    return gan


def train(folder, *callbacks, resume=False, gan=None, data_seed=0, epochs=3, **options):
    """Trains three epochs of 6 steps; returns the model, `fresh()` by default, and its history."""
    gan = gan or fresh()
    data = kg.data.load("ring", count=96, batch_size=8, seed=data_seed)
    options = {"every_steps": 4} | options
    saving = Checkpoint(folder / "checkpoints", resume=resume, **options)
    log = HistoryLog(folder / "history.csv")
    history = gan.fit(data, epochs=epochs, verbose=0, callbacks=[saving, log, *callbacks])
    return gan, history.history


def same(gan, state):
    return all(np.array_equal(value, state[key]) for key, value in take(gan).items())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was never killed: its folder, the state of its model and its history."""
    folder = tmp_path_factory.mktemp("whole")
    gan, history = train(folder)
    return folder, take(gan), history


@pytest.mark.parametrize(
    ("stops", "at_epoch_end", "model"),
    [
        ([1], False, fresh),
        ([4], False, fresh),
        ([5, 9], False, fresh),
        ([6], False, fresh),
        ([7, 8, 12, 17], False, make),
        ([6], True, fresh),
        ([6, 12], True, make),
        ([12, 18], True, fresh),
    ],
)
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(
    whole, tmp_path, stops, at_epoch_end, model
):
    folder, state, history = whole
    for stop in stops:
        with pytest.raises(KilledError):
            train(tmp_path, KillAt(stop, at_epoch_end), resume=True, gan=model())
    resumed, resumed_history = train(tmp_path, resume=True, gan=model())
    assert same(resumed, state)
    assert resumed_history == history
    assert (tmp_path / "history.csv").read_bytes() == (folder / "history.csv").read_bytes()
    again, again_history = train(tmp_path, resume=True, gan=model())
    assert same(again, state), "what is finished takes no further step"
    assert again_history == history


def test_more_epochs_go_on_from_the_end(whole, tmp_path):
    train(tmp_path, epochs=1)
    resumed, history = train(tmp_path, resume=True)
    assert same(resumed, whole[1])
    assert history == whole[2]


def test_a_budget_that_is_spent_takes_no_further_step(tmp_path):
    def run(*others, steps=8, **options):
        budget = Budget(steps=steps)
        return train(tmp_path, budget, RateDecay(budget), *others, epochs=99, **options)

    with pytest.raises(KilledError):
        run(KillAt(7))
    gan, _ = run(resume=True)
    assert gan.steps_done == 8
    rates = gan.generator_optimizer.learning_rate.numpy()
    state = take(gan)
    again, history = run(resume=True)
    assert same(again, state)
    assert len(history["generator_loss"]) == 2
    further, _ = run(resume=True, steps=12)
    assert further.steps_done == 12
    assert rates == pytest.approx(1e-2), "whole again, for what follows"


def test_a_budget_that_was_spent_within_an_epoch_leaves_all_as_it_is(tmp_path, capsys):
    with pytest.raises(KilledError):
        train(tmp_path, Budget(steps=12), KillAt(10))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    gan, _ = train(tmp_path, Budget(steps=7), resume=True)
    assert "budget of 7 steps is spent already (8 steps): give" in capsys.readouterr().out
    assert gan.steps_done == 8
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_callbacks_go_on_from_their_state(tmp_path):
    class Counter(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.epochs, self.word, self._private = 0, "x", 0

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1
            self._private += 1

    def callbacks():
        return Counter(), keras.callbacks.EarlyStopping("generator_loss", patience=50, mode="min")

    with pytest.raises(KilledError):
        train(tmp_path, *callbacks(), KillAt(11))
    counter, stopping = callbacks()
    _, history = train(tmp_path, counter, stopping, resume=True)
    assert (counter.epochs, counter._private) == (3, 2)
    assert stopping.best == min(history["generator_loss"])


def test_what_callbacks_are_made_with_is_not_resumed(tmp_path):
    def stopping(patience, least):
        return keras.callbacks.EarlyStopping(
            "generator_loss", patience=patience, min_delta=least, mode="min"
        )

    with pytest.raises(KilledError):
        train(tmp_path, stopping(40, 0.25), KillAt(11))
    later = stopping(50, 0.5)
    train(tmp_path, later, resume=True)
    # Keras turns the sign of `min_delta` round where less is better.
    assert (later.patience, later.min_delta) == (50, -0.5)


class Poison(keras.callbacks.Callback):
    """Makes a weight NaN, once, before a step."""

    def __init__(self, step):
        super().__init__()
        self._step = step

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.steps_done == self._step:
            kernel = self.model.generator.trainable_variables[0]
            kernel.assign(np.full(kernel.shape, np.nan))


def test_checkpoints_of_a_way_that_was_given_up_are_not_kept(tmp_path):
    guard = kg.callbacks.DivergenceGuard(check_every=1)
    gan, _ = train(tmp_path, guard, Poison(11), every_steps=2)
    assert guard.diverged
    assert gan.steps_done == 6, "the end of the first epoch"
    newest = listed(tmp_path / "checkpoints")[-1]
    assert newest.name == "step-000000006.npz"
    again = fresh()
    again.fit(  # With retries the run goes on, as it may not without.
        kg.data.load("ring", count=96, batch_size=8),
        epochs=3,
        verbose=0,
        callbacks=[
            kg.callbacks.DivergenceGuard(retries=1),
            Checkpoint(tmp_path / "checkpoints", 2, resume=True),
        ],
    )
    assert again.steps_done > 6


def test_a_run_goes_on_in_the_same_process_after_its_rates_moved(tmp_path):
    gan = fresh()
    with pytest.raises(KilledError):
        train(tmp_path, KillAt(11), gan=gan)
    gan.generator_optimizer.learning_rate.assign(1e-3)
    train(tmp_path, resume=True, gan=gan)
    assert gan.steps_done == 18


def test_the_last_are_kept(tmp_path):
    train(tmp_path, every_steps=3, keep=2)
    assert [path.name for path in listed(tmp_path / "checkpoints")] == [
        "step-000000015.npz",
        "step-000000018.npz",
    ]


def test_a_damaged_checkpoint_is_passed_over(whole, tmp_path, capsys):
    with pytest.raises(KilledError):
        train(tmp_path, KillAt(13))
    newest = listed(tmp_path / "checkpoints")[-1]
    newest.write_bytes(newest.read_bytes()[:-100])
    resumed, history = train(tmp_path, resume=True)
    shown = capsys.readouterr().out
    assert f"{newest} is damaged" in shown
    assert "Going on from step 8, in epoch 2." in shown
    assert same(resumed, whole[1])
    assert history == whole[2]
    for path in listed(tmp_path / "checkpoints"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match="At least one checkpoint must be whole"):
        train(tmp_path, resume=True)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"gan": lambda: make(seed=1)}, r"model\.seed: 0, now 1"),
        ({"gan": lambda: make(steps=1)}, r"model\.discriminator_steps: 2, now 1"),
        ({"gan": lambda: make(rate=1e-3)}, r"optimizers\.\w+\.config\.learning_rate"),
        ({"data_seed": 5}, r"data\.seed: 0, now 5"),
        ({"config": {"note": "b"}}, r"note: 'a', now 'b'"),
    ],
)
def test_another_configuration_is_refused(tmp_path, changes, key):
    train(tmp_path, config={"note": "a"}, epochs=1)
    before = {path: path.read_bytes() for path in listed(tmp_path / "checkpoints")}
    changes = {"config": {"note": "a"}} | changes
    if "gan" in changes:
        changes["gan"] = changes["gan"]()
    with pytest.raises(InputError, match=f"Received other values of .*{key}"):
        train(tmp_path, resume=True, **changes)
    assert {p: p.read_bytes() for p in listed(tmp_path / "checkpoints")} == before


def test_another_resolution_is_refused(tmp_path):
    for side in (2, 4):
        shape = (side, side, 1)
        gan = kg.GAN(mlp.generator(shape, 3, (8,), None), mlp.discriminator(shape, (8,)))
        gan.compile(run_eagerly=True)
        saving = Checkpoint(tmp_path, resume=True)
        images = np.full((2, *shape), -0.5, "float32")
        if side == 2:
            gan.fit(images, verbose=0, callbacks=saving)
            continue
        first = take(gan)
        with pytest.raises(InputError, match="configuration that it began with. Received other"):
            gan.fit(images, verbose=0, callbacks=saving)
        assert same(gan, first)
        arrays, _ = read(listed(tmp_path)[-1])
        with pytest.raises(InputError, match="same networks and optimizers. Received: one that di"):
            restore(gan, arrays)
        assert same(gan, first)


def test_an_earlier_run_is_not_lost(tmp_path):
    train(tmp_path, epochs=1)
    with pytest.raises(InputError, match="must be resumed or be in another folder"):
        train(tmp_path)


def test_two_runs_cannot_write_one_folder(tmp_path):
    class Second(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            with pytest.raises(InputError, match="another run is at work"):
                train(tmp_path, resume=True, gan=make())

    train(tmp_path, Second(), epochs=1)
    train(tmp_path, resume=True, epochs=1)


def test_a_write_that_fails_is_reported_and_training_goes_on(tmp_path, monkeypatch, capsys):
    write = checkpoint.snapshot.write

    def fail_once(path, arrays, meta):
        if meta["step"] == 8:
            raise OSError("No space left on device")
        write(path, arrays, meta)

    monkeypatch.setattr(checkpoint.snapshot, "write", fail_once)
    gan, _ = train(tmp_path)
    assert gan.steps_done == 18
    shown = capsys.readouterr().out
    assert "step-000000008.npz could not be written (No space left on device)" in shown
    assert [int(path.stem[5:]) for path in listed(tmp_path / "checkpoints")] == [12, 16, 18]


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)]
)
@pytest.mark.parametrize("moment", ["batch", "epoch end"])
def test_signals_save_and_end(whole, tmp_path, number, raised, moment, capsys):
    class Send(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if moment == "batch" and self.model.steps_done == 9:
                os.kill(os.getpid(), number)

        def on_epoch_end(self, epoch, logs=None):
            if moment == "epoch end" and epoch == 1:
                os.kill(os.getpid(), number)
                time.sleep(0.01)
                raise AssertionError("the epoch's end must not go on")

    handlers = [signal.getsignal(n) for n in checkpoint.SIGNALS]
    with pytest.raises(raised) as stopped:
        train(tmp_path, Send(), every_steps=1000)
    assert raised is KeyboardInterrupt or stopped.value.code == 143
    assert [signal.getsignal(n) for n in checkpoint.SIGNALS] == handlers
    saved = 9 if moment == "batch" else 11
    assert f"Stopped by {signal.Signals(number).name} at step {saved}" in capsys.readouterr().out
    resumed, history = train(tmp_path, resume=True, every_steps=1000)
    assert same(resumed, whole[1])
    assert history == whole[2]


@pytest.mark.parametrize("step", [8, 12, 18])
def test_a_signal_while_a_checkpoint_is_written_spoils_nothing(whole, tmp_path, monkeypatch, step):
    write = checkpoint.snapshot.write

    def interrupted(path, arrays, meta):
        if meta["step"] == step:
            os.kill(os.getpid(), signal.SIGTERM)
        write(path, arrays, meta)

    monkeypatch.setattr(checkpoint.snapshot, "write", interrupted)
    with pytest.raises(SystemExit):
        train(tmp_path)
    monkeypatch.undo()
    for path in listed(tmp_path / "checkpoints"):
        read(path)
    resumed, history = train(tmp_path, resume=True)
    assert same(resumed, whole[1])
    assert history == whole[2]


def test_what_a_checkpoint_says(tmp_path):
    train(tmp_path, epochs=1)
    _, meta = read(listed(tmp_path / "checkpoints")[-1])
    assert (meta["step"], meta["images_seen"], meta["epoch"], meta["batch"]) == (6, 96, 1, 0)
    assert meta["config"]["data"]["name"] == "ring"


def test_data_of_another_kind_begin_anew_and_that_is_said(tmp_path, capsys):
    points = tf.data.Dataset.from_tensors(np.zeros((8, 2), "float32")).repeat(4)
    for resume in (False, True):
        gan = fresh()
        saving = Checkpoint(tmp_path, every_steps=1, resume=resume)
        gan.fit(points, epochs=1 + resume, verbose=0, callbacks=[saving])
    assert gan.steps_done == 4
    assert "its data begin anew" in capsys.readouterr().out


def test_by_time(tmp_path):
    train(tmp_path, every_steps=None, every_minutes=1e-9, keep=99)
    assert len(listed(tmp_path / "checkpoints")) == 19, "before every step, and at the end"


@pytest.mark.parametrize(
    "options", [{"keep": 0}, {"every_steps": 0}, {"every_minutes": 0}, {"every_steps": 1.5}]
)
def test_bad_arguments(tmp_path, options):
    with pytest.raises(InputError, match=f"`{next(iter(options))}` must be"):
        Checkpoint(tmp_path, **options)


def test_numbers_of_others_logs_are_kept(tmp_path):
    class Logs(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs |= {"numpy": np.float32(1.5), "tensor": tf.constant(2.5)}

    _, history = train(tmp_path, Logs(), epochs=2)
    _, resumed_history = train(tmp_path, Logs(), epochs=2, resume=True)
    assert resumed_history["numpy"] == history["numpy"] == [1.5, 1.5]
    assert [float(value) for value in history["tensor"]] == resumed_history["tensor"]


def test_a_csv_that_goes_on_has_one_header(tmp_path):
    log = tmp_path / "log.csv"
    for epochs in (1, 2):
        logger = keras.callbacks.CSVLogger(log, append=True)
        train(tmp_path / "run", logger, epochs=epochs, resume=epochs > 1)
    assert [line.split(",")[0] for line in log.read_text().splitlines()] == ["epoch", "0", "1"]


def test_best_weights_that_a_resumed_run_would_not_know_are_refused(tmp_path):
    options = {"mode": "min", "restore_best_weights": True}
    stopping = keras.callbacks.EarlyStopping("generator_loss", **options)
    with pytest.raises(InputError, match="ModelCheckpoint with `save_best_only=True`"):
        train(tmp_path, stopping, resume=True)
