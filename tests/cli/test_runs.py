"""Runs that are resumed, stopped or never began."""

import json
import os
import pathlib
import shutil
import signal

import keras
import numpy as np
import pytest

from keras_gans import cli
from keras_gans.cli import pace
from keras_gans.cli.progress import Progress
from keras_gans.files import locked
from tests.cli.commands import images_folder, refused

pytestmark = pytest.mark.usefixtures("run", "in_folder", "untraced")

DIGITS = ["train", "dcgan", "--data", "digits", "--set", "filters=4", "--output", "out"]
RING = ["train", "gan", "--data", "ring"]


def config():
    return json.loads(pathlib.Path("out/config.json").read_text())


def test_a_run_is_resumed(capsys):
    assert cli.main([*DIGITS, "--steps", "2", "--resume"]) == 0, "nothing to resume: a new run"
    assert config()["steps"] == 2
    assert cli.main([*DIGITS, "--steps", "5", "--resume"]) == 0
    shown = capsys.readouterr().out
    assert "Going on from step 2" in shown
    assert "Made out after 5 steps: " in shown
    assert keras.saving.load_model("out/model.keras").steps_done == 5
    assert len(pathlib.Path("out/history.csv").read_text().splitlines()) == 3
    assert config()["steps"] == 5
    assert "or be the run that `--resume` goes on with" in refused([*DIGITS], capsys)


def test_a_file_that_can_no_longer_be_read_ends_a_run_in_a_sentence(monkeypatch, capsys):
    images_folder("photos", count=12)
    words = ["train", "gan", "--data", "photos", "--no-cache", "--batch-size", "4", "--steps", "60"]
    words += ["--checkpoint-steps", "2", "-o", "out"]
    monkeypatch.setattr(pace, "seconds_per_step", lambda *_, **__: 0.1)
    begin = Progress.on_train_batch_end

    def on_train_batch_end(self, batch, logs=None):
        begin(self, batch, logs)
        if batch == 4:
            pathlib.Path("photos/3.png").unlink()

    monkeypatch.setattr(Progress, "on_train_batch_end", on_train_batch_end)
    assert cli.main(words) == 2
    message = capsys.readouterr().err
    assert "\nkeras-gans: An image file must be decodable. Received: photos/3.png (" in message
    assert "). The same command with `--resume` goes on.\n" in message
    assert pathlib.Path("out/checkpoints").is_dir()


def test_a_spent_budget_says_how_to_go_on(capsys):
    words = [*RING, "--batch-size", "5000", "--output", "out"]
    assert cli.main([*words, "--epochs", "1"]) == 0
    assert "Made out after 2 steps: " in capsys.readouterr().out
    assert cli.main([*words, "--epochs", "1", "--resume"]) == 0
    shown = capsys.readouterr().out
    assert "The budget of 2 steps is spent already" in shown
    assert "repeat the command with a larger `--epochs`." in shown
    assert cli.main([*words, "--steps", "1", "--resume"]) == 0
    assert "a larger `--steps`." in capsys.readouterr().out
    assert config()["epochs"] == 1, "what was trained with"


def test_options_that_a_resumed_run_keeps(capsys):
    assert cli.main([*DIGITS, "--steps", "1"]) == 0

    def changed(*words, base=DIGITS):
        message = refused([*base, "--steps", "2", "--resume", *words], capsys)
        rule = "keras-gans: A run is resumed with the options that it began with. Received: "
        assert message.startswith(rule)
        return message.removeprefix(rule)

    assert changed("--set", "filters=8") == "--set filters: 4 then, 8 now."
    assert changed("--set", "latent_dim=8") == "--set latent_dim: not given then, 8 now."
    assert changed("--batch-size", "32", "--flip") == (
        "--flip: False then, True now; --batch-size: 64 then, 32 now."
    )
    assert changed("--learning-rate", "paper") == "--learning-rate: 0.002 then, paper now."
    assert changed("--channels", "3") == "--channels: 1 then, 3 now."
    without = [word for word in DIGITS if word not in ("--set", "filters=4")]
    assert changed(base=without) == "--set filters: 4 then, not given now."
    # The same in other words.
    words = ["--learning-rate", "0.002", "--image-size", "16", "--channels", "1"]
    assert cli.main([*DIGITS, "--steps", "2", "--resume", *words]) == 0
    pathlib.Path("out/config.json").write_text("{}")
    message = refused([*DIGITS, "--steps", "3", "--resume"], capsys)
    assert "config.json says, which must be whole" in message


def test_a_start_is_the_same_however_its_path_is_written(run, capsys):
    words = ["train", "--data", "digits", "--steps", "1", "-o", "out", "--from"]
    assert cli.main([*words, str(run)]) == 0
    assert cli.main([*words, f"{run.parent}/./{run.name}/", "--resume"]) == 0
    assert "The budget of 1 step is spent already" in capsys.readouterr().out
    message = refused([*DIGITS, "--steps", "1", "--resume"], capsys)
    assert f"--from: {run} then, None now" in message


def test_the_newest_run_is_resumed_by_its_default_name(capsys):
    for _ in range(2):
        assert cli.main([*RING, "--steps", "1"]) == 0
    assert cli.main([*RING, "--steps", "2", "--resume"]) == 0
    assert "Made runs/gan-ring-2" in capsys.readouterr().out
    assert not pathlib.Path("runs/gan-ring-3").exists()


def at_epoch_begin(monkeypatch, action):
    """Runs action(epoch) when an epoch begins."""
    original = Progress.on_epoch_begin

    def on_epoch_begin(self, epoch, logs=None):
        original(self, epoch, logs)
        action(epoch)

    monkeypatch.setattr(Progress, "on_epoch_begin", on_epoch_begin)


def interrupt(epoch):
    raise KeyboardInterrupt


def interrupt_second_epoch(epoch):
    if epoch == 1:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("default", [True, False])
def test_a_start_without_a_checkpoint_can_be_repeated(default, capsys, monkeypatch):
    words = [*RING, "--steps", "1"] + ([] if default else ["--output", "out"])
    with monkeypatch.context() as patch:
        at_epoch_begin(patch, interrupt)
        assert cli.main(words) == 130
    assert "\nkeras-gans: stopped.\n" in capsys.readouterr().err
    assert cli.main(words) == 0
    assert f"Made {'runs/gan-ring' if default else 'out'} after 1" in capsys.readouterr().out


def test_a_start_at_work_is_left_alone(capsys):
    for name in ("runs/gan-ring", "out"):
        pathlib.Path(name, "checkpoints").mkdir(parents=True)
    with locked("runs/gan-ring/checkpoints"), locked("out/checkpoints"):
        assert cli.main([*RING, "--steps", "1"]) == 0
        assert "Made runs/gan-ring-2" in capsys.readouterr().out
        assert cli.main([*RING, "--steps", "1", "--output", "out"]) == 2
        assert "another run is at work" in capsys.readouterr().err
    assert not pathlib.Path("out/config.json").exists()


@pytest.mark.parametrize("file", ["photo.png", "checkpoints/step-000000001.npz", "model.keras"])
def test_a_folder_with_anything_to_lose_is_refused(file, capsys):
    pathlib.Path("out/checkpoints").mkdir(parents=True)
    pathlib.Path("out", file).touch()
    assert "must be new or empty" in refused([*RING, "--steps", "1", "--output", "out"], capsys)


def test_a_stopped_run_is_named_sampled_and_resumed(capsys, monkeypatch):
    monkeypatch.setattr(pace, "steps_between_looks", lambda seconds: 2)
    words = [*RING, "--batch-size", "5000", "--steps", "4", "--output", "out"]
    with monkeypatch.context() as patch:
        at_epoch_begin(patch, interrupt_second_epoch)
        assert cli.main(words) == 130
    output = capsys.readouterr()
    assert "Stopped by SIGINT at step 1. Saved" in output.out
    assert "stopped. The same command with `--resume` goes on.\n" in output.err
    assert not pathlib.Path("out/model.keras").exists()
    for command in (["sample", "out", "-o", "x.npz"], ["export", "out", "-o", "exported"]):
        assert cli.main(command) == 0
        assert "was not finished: this is its checkpoint of step 1." in capsys.readouterr().err
    assert cli.main([*words, "--resume"]) == 0
    assert "after 4 steps" in capsys.readouterr().out


def test_a_checkpoint_makes_the_images_of_its_model(run, capsys):
    shutil.copytree(run / "checkpoints", "out/checkpoints")
    images = []
    for source in (run, "out"):
        assert cli.main(["sample", str(source), "-n", "5", "-o", "x.npz"]) == 0
        images.append(np.load("x.npz")["images"])
    assert np.array_equal(*images)
    words = ["evaluate", "out", "--data", "digits", "--metrics", "swd", "--num-images", "50"]
    assert cli.main([*words, "-o", "scores"]) == 0
