"""The command as a user meets it: exit codes, messages, and what `sample` and `export` write."""

import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

import keras_gans as kg
from keras_gans import cli, methods
from keras_gans.cli.environment import stderr_held_back
from keras_gans.errors import InputError
from tests.cli.commands import images_folder, refused
from tests.metrics.full_disk import files_up_to

COMMAND = pathlib.Path(sys.executable).with_name("keras-gans")

pytestmark = pytest.mark.usefixtures("in_folder")


def test_help_answers_without_tensorflow():
    result = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert "train-embedder" in result.stdout
    script = (
        "import sys; sys.argv = ['keras-gans']; import keras_gans.cli as c; "
        "c.main(['list']); c.main(['train', 'dcgn', '--data', 'x']); "
        "print('tensorflow' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip().endswith("False")


def test_the_first_line_is_ours():
    result = subprocess.run([COMMAND, "sample", "no"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("keras-gans: A model is a run folder")
    assert len(result.stderr.splitlines()) == 1


def test_what_libraries_write_is_shown_only_if_they_fail(capfd):
    with stderr_held_back():
        subprocess.run([sys.executable, "-c", "import os; os.write(2, b'noise')"], check=True)
    assert capfd.readouterr().err == ""

    def fail():
        with stderr_held_back():
            subprocess.run([sys.executable, "-c", "import os; os.write(2, b'reason')"], check=True)
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == "reason"


def test_list_shows_all_methods(capsys):
    assert cli.main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*methods.METHODS, "fashion_mnist"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "required: COMMAND; see `keras-gans --help`."),
        (["trian"], "invalid choice: 'trian'"),
        (["train", "dcgan"], "DCGAN takes `--data`. Received: none."),
        (["train", "dcgn", "--data", "digits"], "such as dcgan"),
        (["data", "pack", "empty", "-o", "pack"], "empty"),
        (["data", "pack", "good", "-o", "full"], "new or empty"),
        (["data", "pack", "good", "-o", "pack", "--images-per-shard", "0"], "at least 1"),
        (["sample", "nothing"], "nothing"),
        (["sample", "good"], "good"),
        (["sample", "nothing", "-n", "0"], "argument -n/--count: must be a whole number of at"),
        (["sample", "nothing", "-n", "1e3"], "Received: '1e3'"),
        (["sample", "nothing", "--seed", "4294967296"], "from 0 to 4294967295. Received: '42949"),
        (["sample", "x" * 300], "File name too long"),
        (["export", "nothing", "-o", "x"], "nothing"),
    ],
)
def test_bad_input_gets_one_sentence(words, message, capsys):
    images_folder("good")
    images_folder("full")
    pathlib.Path("empty").mkdir()
    assert message in refused(words, capsys)


def test_sample_gives_the_same_images_from_every_form(run):
    expected = keras.saving.load_model(run / "model.keras").generate(5, seed=3)
    for source in (run, run / "model.keras", run / "saved_model"):
        assert cli.main(["sample", str(source), "-n", "5", "--seed", "3", "-o", "x.npz"]) == 0
        assert np.array_equal(np.load("x.npz")["images"], expected)


def test_sample_writes_a_grid_or_a_folder(run):
    words = ["sample", str(run), "-n", "5"]
    assert cli.main([*words, "-o", "new/grid.png"]) == 0
    with Image.open("new/grid.png") as image:
        assert image.size[0] > 16
    pathlib.Path("empty.d").mkdir()
    for folder in ("folder", "with.suffix/", "empty.d"):
        assert cli.main([*words, "-o", folder]) == 0
        names = sorted(path.name for path in pathlib.Path(folder).iterdir())
        assert names == [f"{index:05d}.png" for index in range(5)]


def test_sample_knows_what_a_name_asks_for(run, capsys):
    message = refused(["sample", run, "-o", "x.foo"], capsys)
    assert "ends in .png, .jpg, .jpeg, .webp, .bmp for a grid or in .npz" in message
    pathlib.Path("full").mkdir()
    pathlib.Path("full", "file").touch()
    assert "new or empty" in refused(["sample", run, "-o", "full"], capsys)


def test_labels_out_of_range(run, capsys):
    assert "Only conditional" in refused(["sample", run, "--labels", "3"], capsys)
    words = ["sample", run / "saved_model", "--labels", "3", "-o", "x.npz"]
    assert "Only conditional" in refused(words, capsys)


def test_a_broken_model_file_is_named(capsys):
    pathlib.Path("x.keras").write_text("no model")
    assert "x.keras" in refused(["sample", "x.keras"], capsys)


def test_export(run, monkeypatch, capsys):
    assert cli.main(["export", str(run), "-o", "model"]) == 0
    assert pathlib.Path("model", "saved_model.pb").exists()
    assert "must not exist" in refused(["export", run, "-o", "model"], capsys)
    pathlib.Path("model", "notes.txt").touch()
    with pytest.raises(InputError, match="holds another one alone. Received: 'model' with notes"):
        keras.saving.load_model(run / "model.keras").export("model", verbose=False)
    pathlib.Path("model", "variables", "variables.data-00000-of-00001").write_bytes(b"cut")
    assert "must be whole. Received: 'model'" in refused(["sample", "model"], capsys)
    assert cli.main(["export", str(run), "--format", "litert", "-o", "lite"]) == 0
    # The format's mark: every file has it after its first 4 bytes.
    assert pathlib.Path("lite/model.tflite").read_bytes()[4:8] == b"TFL3"
    # Converting takes seconds.
    monkeypatch.setattr(kg.DCGAN, "export", lambda _, path, format, **__: path.write_text(format))
    for words in (["--format", "litert", "-o", "new/x.tflite"], ["-o", "x.tflite"]):
        assert cli.main(["export", str(run), *words]) == 0
        assert pathlib.Path(words[-1]).read_text() == "litert"


@pytest.mark.parametrize(
    ("form", "name", "message"),
    [
        ("savedmodel", "x.tflite", "the suffix .tflite needs `--format litert`"),
        ("savedmodel", "x.onnx", "the suffix .onnx needs `--format onnx`"),
        ("litert", "x.onnx", "the suffix .onnx needs `--format onnx`"),
        ("onnx", "x.tflite", "the suffix .tflite needs `--format litert`"),
        ("onnx", "x.foo", "ends in .onnx"),
        ("litert", "x.TFLITE", "ends in .tflite"),
    ],
)
def test_export_compares_the_name_with_the_format(form, name, message, run, capsys):
    assert message in refused(["export", run, "--format", form, "-o", name], capsys)


def test_export_without_the_package_of_a_format(run, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    for words in (["--format", "onnx", "-o", "model"], ["-o", "model.onnx"]):
        message = refused(["export", run, *words], capsys)
        assert "The format onnx needs a package that is not installed" in message


@pytest.mark.parametrize(
    "words",
    [
        ["export", "RUN", "-o", "x"],
        ["export", "RUN", "--format", "litert", "-o", "x.tflite"],
        ["sample", "RUN", "-o", "x.png"],
        ["sample", "RUN", "-o", "x.npz"],
        ["sample", "RUN", "-n", "2", "-o", "x"],
        ["walk", "RUN", "--keys", "2", "--steps", "2", "-o", "x.gif"],
    ],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(words, run, capsys):
    words = [str(run) if word == "RUN" else word for word in words]
    with files_up_to(20):
        message = refused(words, capsys)
    assert "needs room on the disk" in message
    assert f"Received: '{words[-1]}' (File too large" in message


@pytest.mark.parametrize("given", [None, "0"])
def test_tensorflow_starts_with_onednn_unless_it_is_told_otherwise(given):
    words = "import os, sys; sys.argv = ['keras-gans']; import keras_gans; "
    words += "print('tensorflow' in sys.modules, os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    own = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    own |= {"TF_ENABLE_ONEDNN_OPTS": given} if given else {}
    done = subprocess.run([sys.executable, "-c", words], env=own, capture_output=True, text=True)
    assert done.stdout == f"False {given or 1}\n"
