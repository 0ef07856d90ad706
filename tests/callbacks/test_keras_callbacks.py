"""Every callback that Keras ships, in a training of a tiny GAN: it works or is refused at once."""

import csv
import importlib.util
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from keras import callbacks as shipped

import keras_gans as kg
from keras_gans.callbacks import Score
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from keras_gans.training.keras_callbacks import UNSUITED, check_callbacks

POINTS = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")

NAMES = sorted(
    name
    for name, value in vars(shipped).items()
    if isinstance(value, type) and issubclass(value, shipped.Callback)
)

PACKAGES = {
    "OrbaxCheckpoint": "orbax",
    "RemoteMonitor": "requests",
    "TensorBoard": "tensorboard",
}
"""Packages that a callback needs and Keras does not."""

WORKING = {
    "Callback": lambda folder: shipped.Callback(),
    "CallbackList": lambda folder: shipped.CallbackList([shipped.CSVLogger(folder / "log.csv")]),
    "CSVLogger": lambda folder: shipped.CSVLogger(folder / "log.csv"),
    "EarlyStopping": lambda folder: shipped.EarlyStopping(
        "generator_loss", mode="min", min_delta=9, patience=1, restore_best_weights=True
    ),
    "History": lambda folder: shipped.History(),
    "LambdaCallback": lambda folder: shipped.LambdaCallback(
        on_epoch_end=lambda epoch, logs: (folder / f"{epoch}").write_text(str(logs))
    ),
    "ModelCheckpoint": lambda folder: shipped.ModelCheckpoint(
        folder / "best.keras", "generator_loss", mode="min", save_best_only=True
    ),
    "ProgbarLogger": lambda folder: shipped.ProgbarLogger(),
    "RemoteMonitor": lambda folder: shipped.RemoteMonitor(send_as_json=True),
    "TensorBoard": lambda folder: shipped.TensorBoard(
        folder / "logs", histogram_freq=1, update_freq="batch"
    ),
}

REFUSED = {
    "BackupAndRestore": lambda folder: shipped.BackupAndRestore(folder / "backup"),
    "LearningRateScheduler": lambda folder: shipped.LearningRateScheduler(lambda epoch, rate: rate),
    "OrbaxCheckpoint": lambda folder: shipped.OrbaxCheckpoint(str(folder / "orbax")),
    "ReduceLROnPlateau": lambda folder: shipped.ReduceLROnPlateau("generator_loss", mode="min"),
    "SwapEMAWeights": lambda folder: shipped.SwapEMAWeights(),
    "TerminateOnNaN": lambda folder: shipped.TerminateOnNaN(),
}


class Run(NamedTuple):
    """What a training with a callback leaves behind."""

    callback: Any
    gan: Any
    losses: list
    folder: Any
    sent: list


def logged(run):
    with (run.folder / "log.csv").open() as file:
        return [float(row["generator_loss"]) for row in csv.DictReader(file)]


DONE = {
    "CallbackList": lambda run: logged(run) == run.losses,
    "CSVLogger": lambda run: logged(run) == run.losses,
    "EarlyStopping": lambda run: run.callback.stopped_epoch == 1,
    "History": lambda run: run.callback.history["generator_loss"] == run.losses,
    "LambdaCallback": lambda run: str(run.losses[-1]) in (run.folder / "1").read_text(),
    "ModelCheckpoint": lambda run: keras.saving.load_model(run.folder / "best.keras").steps_done,
    "RemoteMonitor": lambda run: [logs["generator_loss"] for logs in run.sent] == run.losses,
    "TensorBoard": lambda run: len(list(run.folder.glob("logs/*/events*"))) == 2,
}
"""What shows that a callback did its work; for the others it is enough that training ends."""


@pytest.fixture(scope="module")
def gan():
    gan = kg.GAN(
        mlp.generator((2,), 3, (4,), None, seed=0), mlp.discriminator((2,), (4,), seed=0), seed=0
    )
    gan.compile()
    return gan


def fit(gan, callback):
    options = {"batch_size": 8, "epochs": 2, "validation_data": POINTS[:8], "verbose": 0}
    return gan.fit(POINTS, callbacks=[callback], **options).history["generator_loss"]


def make(makers, name, folder):
    package = PACKAGES.get(name)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{name} needs the package {package}, which is not installed")
    return makers[name](folder)


def test_each_is_tried():
    assert set(NAMES) <= set(WORKING) | set(REFUSED)
    assert set(REFUSED) == set(UNSUITED)


@pytest.mark.parametrize("name", [name for name in NAMES if name in WORKING])
def test_it_works(gan, tmp_path, monkeypatch, name):
    callback = make(WORKING, name, tmp_path)
    sent = []
    if name == "RemoteMonitor":
        monkeypatch.setattr("requests.post", lambda url, json, headers: sent.append(json))
    losses = fit(gan, callback)
    assert len(losses) == 2
    assert DONE.get(name, bool)(Run(callback, gan, losses, tmp_path, sent))


@pytest.mark.parametrize("name", [name for name in NAMES if name in REFUSED])
def test_it_is_refused_before_training(gan, tmp_path, name):
    callback = make(REFUSED, name, tmp_path)
    steps = gan.steps_done
    with pytest.raises(InputError, match=rf"Keras' {name} .*: use .*\. Received: {name}\."):
        fit(gan, callback)
    assert gan.steps_done == steps


def test_what_is_named_in_place_of_it_exists():
    words = " ".join(UNSUITED.values()).replace(",", "").split()
    named = [word.removeprefix("keras_gans.callbacks.") for word in words if "_gans" in word]
    assert set(named) == {"Checkpoint", "DivergenceGuard", "LearningRateSchedule"}
    assert all(hasattr(kg.callbacks, name) for name in [*named, "RateDecay"])


@pytest.mark.parametrize(
    ("callback", "rule"),
    [
        (lambda: shipped.EarlyStopping(), 'would wait for a log "val_loss"'),
        (lambda: shipped.EarlyStopping("loss", mode="min"), 'would wait for a log "loss"'),
        (lambda: shipped.EarlyStopping("generator_loss"), 'high "generator_loss" .*give `mode`'),
        (
            lambda: shipped.ModelCheckpoint("x.keras", save_best_only=True),
            'would wait for a log "val_loss"',
        ),
        (lambda: shipped.ModelCheckpoint("x.keras", "fid"), 'high "fid" is better: give `mode`'),
        (lambda: shipped.TensorBoard(write_steps_per_second=True), "`write_steps_per_second`"),
        (lambda: shipped.CallbackList([shipped.TerminateOnNaN()]), "use .*DivergenceGuard"),
    ],
)
def test_options_that_would_fail_or_do_nothing_are_refused(callback, rule):
    with pytest.raises(InputError, match=f"{rule}.* Received: "):
        check_callbacks([callback()])


def test_what_is_well_is_let_through():
    class Careful(shipped.TerminateOnNaN):
        """A subclass may look at other logs."""

    stopping = shipped.EarlyStopping("fid")
    Score(np.zeros((2, 8, 8, 1), "uint8")).meet_callbacks([stopping])
    every_epoch = shipped.ModelCheckpoint("x.keras")
    check_callbacks([stopping, every_epoch, Careful(), kg.callbacks.Budget(steps=1)])
