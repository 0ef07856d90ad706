"""What a run says of itself before it begins, and how often it is looked at."""

import argparse
import itertools
import json
import math
import pathlib
import types

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans import cli
from keras_gans.cli import memory, pace, train
from keras_gans.training import snapshot
from tests.cli.commands import refused

DIGITS = ["train", "dcgan", "--data", "digits", "--batch-size", "8"]
WORDS = [*DIGITS, "--set", "filters=4"]


def budget(steps=None, minutes=None):
    return types.SimpleNamespace(steps=steps, minutes=minutes)


def data(side=64, num_images=1000, batch_size=50):
    shape = (side, side, 3)
    return types.SimpleNamespace(image_shape=shape, num_images=num_images, batch_size=batch_size)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (kg.DCGAN, {"filters": 4}),
        (kg.WGANGP, {"filters": 4, "discriminator_steps": 2}),
        (kg.VAE, {"filters": 4}),
        (kg.ProgressiveGAN, {"filters": 4, "max_filters": 4, "stable_images": 32}),
    ],
)
def test_measuring_leaves_the_model_as_it_was(method, options):
    digits = kg.data.load("digits", image_size=16, batch_size=8)
    model = method.from_data(digits, 0, **options)
    model.compile(run_eagerly=True)
    model.fit(digits, steps_per_epoch=2, verbose=0)
    before = snapshot.take(model)
    levels, grows = [], method is kg.ProgressiveGAN
    fit = model.fit

    def watched(*arguments, **options):
        levels.append(grows and model.generator.level)
        return fit(*arguments, **options)

    model.fit = watched
    seconds = pace.seconds_per_step(model, digits, most=3)
    assert levels == [grows and 2], "timed at its full size"
    assert 0 < seconds < math.inf
    after = snapshot.take(model)
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name])
    model.fit(digits, steps_per_epoch=1, verbose=0)
    assert not grows or model.generator.level == 0


@pytest.mark.parametrize(
    ("seconds", "least", "steps"),
    [
        (0.1, 1, 16),  # The most,
        (0.5, 1, 9),  # as many as take four seconds,
        (0.5, 4, 12),  # a multiple of the steps in which a lazy penalty falls due,
        (3.5, 16, 9),  # and half a minute.
    ],
)
def test_enough_steps_are_timed(seconds, least, steps, monkeypatch):
    clock = itertools.count(100.0, seconds)
    monkeypatch.setattr(pace, "time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    watch = pace._Stopwatch(pace.TIMED_STEPS, least)
    watch.set_model(types.SimpleNamespace(stop_training=False))
    for batch in range(100):
        watch.on_train_batch_end(batch)
        if watch.model.stop_training:
            break
    assert batch == steps
    assert watch.seconds == pytest.approx(seconds)


def test_a_run_is_looked_at_five_times_a_minute_and_drawn_some_fifty_times():
    assert pace.steps_between_looks(0.1) == 120  # Every 12 seconds,
    assert pace.steps_between_looks(0.11) == 100  # always a multiple of 20,
    assert pace.steps_between_looks(60.0) == 20  # and never less.
    assert pace.looks_between_pictures(25) == pace.looks_between_pictures(0.5) == 1
    assert pace.looks_between_pictures(3000) == 60  # Of 10 hours, every 12 minutes.


def test_the_tighter_limit_decides_how_many_steps_there_are():
    assert pace.steps_allowed(budget(steps=70), 0.1) == 70
    assert pace.steps_allowed(budget(minutes=2), 0.1) == 1200
    assert pace.steps_allowed(budget(steps=70, minutes=2), 0.1) == 70
    assert pace.steps_allowed(budget(steps=7000, minutes=2), 0.1) == 1200
    assert pace.steps_allowed(budget(minutes=0.01), 60.0) == 1


def test_the_outlook_says_speed_time_and_passes():
    line = pace.outlook(data(), 2, 0.25, 2400)
    assert line == "400 images a second: 10 minutes for 2,400 steps, 240 passes over the data."
    line = pace.outlook(data(num_images=100_000), 1, 0.1, 900)
    assert line == "500 images a second: 90 seconds for 900 steps, 0.5 passes over the data."


def test_too_little_is_said_with_what_would_help():
    line = pace.outlook(data(side=128), 1, 2.0, 150)
    assert "too little to expect anything recognisable" in line
    assert "about a thousand steps, and 2,000 images or one pass over the data: " in line
    assert "fewer pixels (`--image-size 64`) or more steps (33 minutes) would help." in line
    assert "fewer pixels" not in pace.outlook(data(side=16), 1, 2.0, 150)
    assert "fewer pixels" in pace.outlook(data(), 1, 2.0, 150, limit=300)
    assert ": more steps (33 minutes) would help" in pace.outlook(data(), 1, 2.0, 300, limit=300)
    wide = data()
    wide.image_shape = (64, 96, 3)
    assert "`--image-size 48x32`" in pace.outlook(wide, 1, 2.0, 150)


def test_few_images_are_too_little_unless_they_are_all_that_there_are():
    many = data(num_images=10_000, batch_size=1)
    line = pace.outlook(many, 1, 1.0, 600)
    assert "600 steps, 0.1 passes over the data. That is too little" in line
    assert "more steps (33 minutes) would help" in line, "2,000 of them"
    assert "too little" in pace.outlook(many, 2, 1.0, 999)
    assert "too little" not in pace.outlook(many, 2, 1.0, 1000)
    assert "too little" not in pace.outlook(data(num_images=500, batch_size=1), 1, 1.0, 600)
    assert "too little" not in pace.outlook(data(num_images=10**6), 1, 1.0, 600)


def test_the_outlook_of_a_run_that_goes_on_is_that_of_all_of_it():
    line = pace.outlook(data(), 1, 0.1, 900, begun=True)
    assert line.startswith("500 images a second: in all 90 seconds for 900 steps")


def test_the_gain_is_measured(monkeypatch):
    times = iter([0.0, 8.0, 0.0, 4.0, 0.0, 6.0, 0.0, 2.0])  # Of both precisions, twice.
    clock = types.SimpleNamespace(perf_counter=lambda: next(times))
    monkeypatch.setattr(pace, "time", clock)
    assert pace.bfloat16_gain(rounds=2) == 3.0


@pytest.fixture
def precision_of(monkeypatch, tmp_path):
    """Returns a function that begins a training on a machine of some gain."""
    # This would take steps, after compiling.
    monkeypatch.setattr(memory, "check_fits", lambda *_: None)

    def run(gain, *words, start=None):
        monkeypatch.setattr(pace, "bfloat16_gain", gain and (lambda: gain))
        command = [*DIGITS, "--from", str(start)] if start else [*WORDS, "--image-size", "48"]
        command += [*words, "--output", str(tmp_path / "out")]
        keras.config.set_dtype_policy("mixed_float16")  # None of those that a run may take.
        assert cli.main(command) == 0
        return keras.config.dtype_policy().name

    yield run
    keras.config.set_dtype_policy("float32")


def test_large_images_take_bfloat16_where_it_is_quicker(precision_of, tmp_path, capsys):
    assert precision_of(1.96, "--minutes", "0.01") == "mixed_bfloat16"
    assert "mixed_bfloat16, in which convolutions are 2.0 times as fast" in capsys.readouterr().out
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["precision"] == "mixed_bfloat16"
    saved = keras.saving.load_model(tmp_path / "out" / "model.keras")
    assert saved.generator.layers[-2].compute_dtype == "bfloat16"
    average = saved.average_generator.layers[1:]
    assert {layer.compute_dtype for layer in average} == {"float32"}
    # A run that goes on keeps what it has, and does not measure again.
    resumed = precision_of(None, "--minutes", "0.02", "--resume", "--dry-run")
    assert resumed == "mixed_bfloat16"
    other = ["--minutes", "0.03", "--resume", "--precision", "float32"]
    command = [*WORDS, "--image-size", "48", *other, "--output", str(tmp_path / "out")]
    assert cli.main(command) == 2
    assert "--precision: mixed_bfloat16 then, float32 now" in capsys.readouterr().err


def test_other_runs_keep_float32(precision_of, capsys):
    minutes = ["--minutes", "0.01", "--dry-run"]
    assert precision_of(1.1, *minutes) == "float32"
    assert precision_of(2.0, "--steps", "1", "--dry-run") == "float32"
    said = capsys.readouterr().out
    assert (
        "float32; `--precision mixed_bfloat16` is one in which convolutions are 2.0 times" in said
    )
    assert precision_of(None, *minutes, "--deterministic") == "float32"
    assert precision_of(None, *minutes, "--image-size", "16") == "float32"
    assert precision_of(None, *minutes, "--precision", "float32") == "float32"


def test_a_trained_model_leaves_bfloat16_where_it_is_emulated(precision_of, tmp_path, capsys):
    start = tmp_path / "start"
    command = [*WORDS, "--steps", "1", "--precision", "mixed_bfloat16", "--output", str(start)]
    assert cli.main(command) == 0
    minutes, dry = ["--minutes", "0.01"], ["--minutes", "1", "--dry-run"]
    capsys.readouterr()
    assert precision_of(0.2, *dry, start=start) == "float32"
    assert (
        "Precision: float32, in which convolutions are 5.0 times as fast here; "
        "`--precision mixed_bfloat16` does without." in capsys.readouterr().out
    )
    assert precision_of(0.9, *dry, start=start) == "mixed_bfloat16"
    assert precision_of(0.2, "--steps", "1", "--dry-run", start=start) == "mixed_bfloat16"
    assert "mixed_bfloat16; `--precision float32` is one in which" in capsys.readouterr().out
    assert precision_of(None, *dry, "--deterministic", start=start) == "mixed_bfloat16"
    assert precision_of(None, *dry, "--precision", "float32", start=start) == "float32"
    # A run that goes on keeps what it has.
    assert precision_of(0.2, *minutes, start=start) == "float32"
    layer = keras.saving.load_model(tmp_path / "out" / "model.keras").generator.layers[-2]
    assert layer.compute_dtype == "float32"
    assert precision_of(None, *dry, "--resume", start=start) == "float32"


def test_a_trained_model_of_float32_goes_on_in_it(precision_of, tmp_path, capsys):
    start = str(tmp_path / "start")
    assert cli.main([*WORDS, "--steps", "1", "--output", start]) == 0
    words = [*DIGITS, "--from", start, "--steps", "1", "--output", str(tmp_path / "out")]
    assert "float32 goes on in it" in refused([*words, "--precision", "mixed_bfloat16"], capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("in_folder")
def test_a_run_is_looked_at_by_steps_also_when_resumed(capsys, monkeypatch):
    monkeypatch.setattr(pace, "steps_between_looks", lambda seconds: 20)
    monkeypatch.setattr(pace, "PICTURES", 1)
    assert cli.main([*WORDS, "--steps", "50", "--output", "out"]) == 0
    assert " images a second: " in capsys.readouterr().out
    pictures = [path.name for path in sorted(pathlib.Path("out/samples").glob("*.png"))]
    assert pictures == [f"epoch_000{look}.png" for look in (0, 1, 3)], "every third and the first"
    assert json.loads(pathlib.Path("out/config.json").read_text())["looks_between_pictures"] == 3
    assert len(pathlib.Path("out/history.csv").read_text().splitlines()) == 1 + 3
    monkeypatch.setattr(pace, "steps_between_looks", lambda seconds: 40)
    command = [*WORDS, "--steps", "70", "--output", "out", "--resume"]
    assert cli.main(command) == 0
    assert " for 70 steps, " in capsys.readouterr().out, "more is to do than was said before"
    assert json.loads(pathlib.Path("out/config.json").read_text())["steps_between_looks"] == 20
    with monkeypatch.context() as patch:
        patch.setattr(pace, "seconds_per_step", None)  # What was measured for it, stays.
        assert cli.main(command) == 0
    for path in pathlib.Path("out/checkpoints").iterdir():
        path.unlink()
    message = refused(command, capsys)
    assert message.endswith(
        "`--from RUN` goes on from its weights. Received: 'out', which has none."
    )
    pathlib.Path("out/model.keras").unlink()
    assert cli.main(command) == 0
    output = capsys.readouterr().out
    assert "There is no checkpoint to go on from: training begins anew." in output
    assert " for 70 steps, " in output


@pytest.mark.parametrize(
    ("minutes", "between"), [(None, 5.0), (600, 5.0), (50, 5.0), (10, 1.0), (1, 0.5)]
)
def test_short_runs_are_saved_more_often(minutes, between):
    arguments = argparse.Namespace(checkpoint_steps=None, minutes=minutes)
    assert train._minutes_between_checkpoints(arguments) == between
    arguments.checkpoint_steps = 100
    assert train._minutes_between_checkpoints(arguments) is None
