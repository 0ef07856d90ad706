"""`keras-gans train` without a method."""

import json
import pathlib

import numpy as np
import pytest

from keras_gans import cli
from keras_gans.cli import memory
from keras_gans.cli.recommend import recommend
from tests.cli.commands import images_folder, refused

pytestmark = pytest.mark.usefixtures("in_folder", "untraced")


def labelled(*counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    np.savez("data.npz", images=np.zeros((len(labels), 16, 16), "uint8"), labels=labels)
    return "data.npz"


def test_images_without_labels_get_dcgan():
    assert recommend(str(images_folder("photos"))) == ("dcgan", "since the images have no labels")


def test_classes_that_can_be_learned_can_be_asked_for():
    for source, count in (("digits", 10), ("ring", 8), (labelled(100, 120), 2)):
        name, reason = recommend(source)
        assert name == "conditional_gan"
        assert f"{count} classes, each of which can then be asked for" in reason


def test_classes_of_a_folder_are_counted():
    for name in "ab":
        images_folder(f"photos/{name}")
    name, reason = recommend("photos")
    assert name == "dcgan"
    assert "2 classes, the smallest of 3, are too many or too small" in reason
    pathlib.Path("photos/c").mkdir()
    assert "3 classes, the smallest of 0, are" in recommend("photos")[1]


def test_parts_of_a_data_set_are_no_classes():
    for name in ("Test", "train"):
        images_folder(f"photos/{name}", count=100)
    name, reason = recommend("photos")
    assert name == "dcgan"
    assert reason.endswith("of which all are trained on, and not classes: Test, train")
    images_folder("photos/cats", count=100)
    assert recommend("photos")[0] == "conditional_gan"


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([500], "all images are of one class"),
        ([500, 99], "2 classes, the smallest of 99,"),
        ([100] * 101, "101 classes, the smallest of 100,"),
        ([0, 100, 100], "3 classes, the smallest of 0,"),
    ],
)
def test_other_classes_are_left_aside(counts, reason):
    name, said = recommend(labelled(*counts))
    assert name == "dcgan"
    assert reason in said


def test_the_command_says_what_it_takes_and_why(monkeypatch, capsys):
    monkeypatch.setattr(memory, "check_fits", lambda *_: None)  # Takes steps, after compiling.
    words = ["train", "--data", "digits", "--steps", "1", "--set", "filters=4"]
    assert cli.main(words) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("Method: conditional_gan, since the data have labels: 10 classes")
    config = json.loads(pathlib.Path("runs/conditional_gan-digits/config.json").read_text())
    assert config["model"] == "conditional_gan"
    assert cli.main([*words, "--resume", "--dry-run"]) == 0
    assert "this would be runs/conditional_gan-digits." in capsys.readouterr().out


def test_data_that_do_not_exist_are_refused(capsys):
    assert "nowhere" in refused(["train", "--data", "./nowhere"], capsys)
