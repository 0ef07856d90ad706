"""The command as a user meets it: exit codes, messages, and what is left on disk."""

import json
import pathlib
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gans import cli

COMMAND = pathlib.Path(sys.executable).with_name("keras-gans")


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder of a tiny training."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    words = ["train", "dcgan", "--data", "digits", "--steps", "3", "--set", "filters=4"]
    assert cli.main([*words, "--batch-size", "8", "--output", str(folder)]) == 0
    return folder


def images_folder(path, count=3, size=(20, 20), mode="L"):
    path.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.new(mode, size, 40 * index).save(path / f"{index}.png")
    return path


def refused(words, capsys):
    """Runs the command, which must refuse; returns its one sentence."""
    before = sorted(pathlib.Path().rglob("*"))
    capsys.readouterr()
    assert cli.main(list(map(str, words))) == 2
    output = capsys.readouterr()
    assert output.err.startswith("keras-gans: ")
    assert "Traceback" not in output.err
    assert len(output.err.strip().splitlines()) == 1, "one sentence"
    assert sorted(pathlib.Path().rglob("*")) == before, "nothing is left behind"
    return output.err


def test_help_answers_without_tensorflow():
    started = time.perf_counter()
    result = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert "train" in result.stdout
    script = (
        "import sys; sys.argv = ['keras-gans']; import keras_gans.cli as c; "
        "c.main(['list']); print('tensorflow' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip().endswith("False")
    assert time.perf_counter() - started < 60


def test_list_shows_all_methods(capsys):
    assert cli.main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("dcgan", "wgan_gp", "r3gan", "fashion_mnist"))


def test_train_leaves_a_run_folder(run):
    files = {path.name for path in run.iterdir()}
    expected = {"config.json", "history.csv", "history.png", "samples", "model.keras"}
    assert expected | {"saved_model", "grid.png", "checkpoints"} == files
    config = json.loads((run / "config.json").read_text())
    assert config["model"] == "dcgan"
    assert config["options"] == {"filters": 4}
    assert config["image_shape"] == [16, 16, 1]
    assert len((run / "history.csv").read_text().splitlines()) == 2
    assert int(keras.saving.load_model(run / "model.keras").step) == 3


def test_sample_gives_the_same_images_from_every_form(run, capsys):
    for source in (run, run / "model.keras", run / "saved_model"):
        assert cli.main(["sample", str(source), "-n", "5", "--seed", "3", "-o", "x.npz"]) == 0
        images = np.load("x.npz")["images"]
        assert images.shape == (5, 16, 16, 1)
        assert np.array_equal(
            images, keras.saving.load_model(run / "model.keras").generate(5, seed=3)
        )
    assert cli.main(["sample", str(run), "-n", "5", "-o", "grid.png"]) == 0
    with Image.open("grid.png") as image:
        assert image.size[0] > 16
    assert cli.main(["sample", str(run), "-n", "5", "-o", "folder"]) == 0
    assert len(list(pathlib.Path("folder").glob("*.png"))) == 5


def test_export(run, capsys):
    assert cli.main(["export", str(run), "-o", "model"]) == 0
    assert pathlib.Path("model", "saved_model.pb").exists()
    assert "must not exist" in refused(["export", run, "-o", "model"], capsys)
    assert cli.main(["export", str(run), "--format", "litert", "-o", "lite"]) == 0
    # The format's mark: every file has it after its first 4 bytes.
    assert pathlib.Path("lite", "model.tflite").read_bytes()[4:8] == b"TFL3"


def test_export_without_the_package_of_a_format(run, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    message = refused(["export", run, "--format", "onnx", "-o", "model"], capsys)
    assert "needs a package that is not installed" in message


@pytest.mark.parametrize(
    ("asked", "rate", "betas"),
    [
        ([], "0.002", (0.0, 0.99)),
        (["--learning-rate", "0.5"], "0.5", (0.0, 0.99)),
        (["--learning-rate", "paper"], "0.0002", (0.5, 0.999)),
    ],
)
def test_optimizers_suit_minutes_unless_the_papers_are_asked_for(asked, rate, betas, capsys):
    words = ["train", "dcgan", "--data", "digits", "--steps", "1", "--set", "filters=4"]
    assert cli.main([*words, *asked, "--output", "out"]) == 0
    assert f"learning rate {rate}.\n" in capsys.readouterr().out
    model = keras.saving.load_model("out/model.keras")
    for optimizer in (model.generator_optimizer, model.discriminator_optimizer):
        assert (optimizer.beta_1, optimizer.beta_2) == betas


def test_conditional_training_takes_labels(capsys):
    words = ["train", "conditional_gan", "--data", "digits", "--steps", "2", "--set", "filters=4"]
    assert cli.main([*words, "--output", "out"]) == 0
    assert cli.main(["sample", "out", "-n", "4", "--labels", "3", "-o", "threes.png"]) == 0
    words = ["sample", "out/saved_model", "-n", "4", "--labels", "3", "-o", "x.npz"]
    assert cli.main(words) == 0
    threes = np.load("x.npz")["images"]
    assert threes.shape == (4, 16, 16, 1)
    words[words.index("3")] = "10"
    assert "in 0..9. Received: 10" in refused(words, capsys)
    assert cli.main(["sample", "out/saved_model", "-n", "4", "-o", "x.npz"]) == 0
    every_class = np.load("x.npz")["images"]
    assert np.array_equal(every_class, keras.saving.load_model("out/model.keras").generate(4))
    assert np.array_equal(every_class[3], threes[3])
    words = ["evaluate", "out/saved_model", "--data", "digits", "--metrics", "class_balance"]
    assert cli.main([*words, "--num-images", "50", "-o", "scores"]) == 0
    pathlib.Path("out/saved_model/assets.extra/keras_gans.json").unlink()
    assert "says in assets.extra" in refused(["sample", "out/saved_model"], capsys)


def test_a_run_is_resumed(capsys):
    words = ["train", "dcgan", "--data", "digits", "--set", "filters=4", "--output", "out"]
    assert cli.main([*words, "--steps", "2", "--resume"]) == 0, "nothing to resume: from the start"
    assert cli.main([*words, "--steps", "5", "--resume"]) == 0
    assert "Going on from step 2" in capsys.readouterr().out
    assert keras.saving.load_model("out/model.keras").steps_done == 5
    assert len(pathlib.Path("out/history.csv").read_text().splitlines()) == 3
    message = refused([*words, "--steps", "9", "--resume", "--batch-size", "32"], capsys)
    assert "data.batch_size: 64, now 32" in message
    assert "or be the run that `--resume` goes on with" in refused([*words], capsys)


def test_the_newest_run_is_resumed_by_its_default_name(capsys):
    words = ["train", "gan", "--data", "ring", "--steps", "1"]
    for _ in range(2):
        assert cli.main(words) == 0
    assert cli.main([*words, "--resume"]) == 0
    assert "Made runs/gan-ring-2" in capsys.readouterr().out
    assert not pathlib.Path("runs/gan-ring-3").exists()


def test_training_on_replicas(capsys):
    words = ["train", "gan", "--data", "ring", "--steps", "2", "--strategy", "mirrored"]
    assert "a multiple of their number" in refused([*words, "--batch-size", "63"], capsys)
    assert "needs the environment variable TF_CONFIG" in refused(
        [*words[:-1], "multi_worker"], capsys
    )


def test_training_on_points(capsys):
    words = ["train", "wgan_gp", "--data", "ring", "--steps", "2", "--output", "out"]
    assert cli.main(words) == 0
    assert cli.main(["sample", "out", "-n", "4", "-o", "x.npz"]) == 0
    assert np.load("x.npz")["images"].shape == (4, 2)


def test_default_output_never_meets_an_earlier_run():
    images_folder(pathlib.Path("shots"))
    words = ["train", "gan", "--data", "shots", "--image-size", "16", "--batch-size", "2"]
    for name in ("gan-shots", "gan-shots-2"):
        assert cli.main([*words, "--steps", "1"]) == 0
        assert pathlib.Path("runs", name, "model.keras").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "dcgn", "--data", "digits"], "such as dcgan"),
        (["train", "dcgan", "--data", "digitz"], "digits"),
        (["train", "dcgan", "--data", "no/such/folder"], "no/such/folder"),
        (["train", "dcgan", "--data", "empty"], "empty"),
        (["train", "dcgan", "--data", "broken"], "1.png"),
        (["train", "dcgan", "--data", "mixed"], "channels"),
        (["train", "dcgan", "--data", "digits", "--image-size", "30"], "24, 28, 32"),
        (["train", "dcgan", "--data", "good", "--batch-size", "64"], "64"),
        (["train", "dcgan", "--data", "digits", "--batch-size", "0"], "batch_size"),
        (["train", "dcgan", "--data", "digits", "--steps", "0"], "above 0"),
        (["train", "dcgan", "--data", "digits", "--checkpoint-steps", "0"], "above 0"),
        (["train", "dcgan", "--data", "digits", "--retries", "-1"], "at least 0"),
        (["train", "dcgan", "--data", "digits", "--strategy", "tpu"], "needs a TPU"),
        (["data", "pack", "empty", "-o", "pack"], "empty"),
        (["data", "pack", "good", "-o", "mixed"], "new or empty"),
        (["data", "pack", "good", "-o", "pack", "--images-per-shard", "0"], "at least 1"),
        (["train", "dcgan", "--data", "digits", "--set", "filters"], "NAME=VALUE"),
        (["train", "dcgan", "--data", "digits", "--set", "filtrs=3"], "filtrs"),
        (["train", "dcgan", "--data", "digits", "--output", "good"], "new or empty"),
        (["train", "dcgan", "--data", "digits", "--output", "good/0.png/run"], "can be written"),
        (["train", "conditional_gan", "--data", "good", "--batch-size", "2"], "labels"),
        (["sample", "nothing"], "nothing"),
        (["sample", "good"], "good"),
        (["export", "nothing", "-o", "x"], "nothing"),
    ],
)
def test_bad_input_gets_one_sentence(words, message, capsys):
    images_folder(pathlib.Path("good"))
    images_folder(pathlib.Path("broken"))
    pathlib.Path("broken/1.png").write_text("no image")
    images_folder(pathlib.Path("mixed"))
    images_folder(pathlib.Path("mixed/.."), 0)
    Image.new("RGB", (20, 20)).save("mixed/rgb.png")
    pathlib.Path("empty").mkdir()
    assert message in refused(words, capsys)


def test_training_streams_from_a_pack(capsys):
    images_folder(pathlib.Path("shots"), count=8)
    assert cli.main(["data", "pack", "shots", "--image-size", "16", "-o", "pack"]) == 0
    words = ["train", "gan", "--data", "pack", "--no-cache", "--batch-size", "4", "--steps", "3"]
    assert cli.main([*words, "--sync-batch-norm", "--deterministic", "--output", "out"]) == 0
    assert json.loads(pathlib.Path("out/config.json").read_text())["image_shape"] == [16, 16, 1]


def test_bad_images_are_skipped_and_counted(capsys):
    folder = images_folder(pathlib.Path("broken"), count=5)
    (folder / "1.png").write_text("no image")
    words = ["train", "gan", "--data", "broken", "--image-size", "16", "--steps", "1"]
    assert cli.main([*words, "--batch-size", "2", "--skip-bad-images", "--output", "out"]) == 0
    assert "1 bad files were skipped" in capsys.readouterr().out
    assert json.loads(pathlib.Path("out/config.json").read_text())["num_images"] == 4


def test_labels_out_of_range(run, capsys):
    assert "Only conditional" in refused(["sample", run, "--labels", "3"], capsys)
    words = ["sample", run / "saved_model", "--labels", "3", "-o", "x.npz"]
    assert "Only conditional" in refused(words, capsys)


def test_a_broken_model_file_is_named(capsys):
    pathlib.Path("x.keras").write_text("no model")
    assert "x.keras" in refused(["sample", "x.keras"], capsys)
