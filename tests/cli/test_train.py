"""`keras-gans train`: the run folder, its options, and what becomes of bad ones."""

import json
import pathlib
import shutil
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import keras_gans as kg
from keras_gans import cli, methods
from keras_gans.cli import memory, train_data
from keras_gans.cli.model_options import parse_options
from keras_gans.cli.run_folder import data_name
from keras_gans.cli.train import compile_model
from keras_gans.models.r3gan import ScheduledAdam
from keras_gans.pictures import image_grid
from tests.cli.commands import images_folder, refused
from tests.metrics.full_disk import files_up_to

pytestmark = [
    pytest.mark.usefixtures("run", "in_folder", "untraced"),
    # A few tiny images are what the data's warnings are about.
    pytest.mark.filterwarnings("ignore:Fewer than"),
    pytest.mark.filterwarnings(r"ignore:\d+ of \d+ images are enlarged"),
]

DIGITS = ["train", "dcgan", "--data", "digits", "--set", "filters=4"]


def config(folder="out"):
    return json.loads(pathlib.Path(folder, "config.json").read_text())


@pytest.fixture
def planned(monkeypatch):
    """Returns a function that checks a training and returns its compiled model, without a step."""
    seen = []
    # This would take some, after compiling.
    monkeypatch.setattr(memory, "check_fits", lambda model, *_: seen.append(model))

    def run(*words):
        assert cli.main([*words, "--dry-run"]) == 0
        return seen.pop()

    return run


def test_train_leaves_a_run_folder(run):
    files = {path.name for path in run.iterdir()}
    expected = {"config.json", "history.csv", "history.png", "samples", "model.keras"}
    assert expected | {"saved_model", "grid.png", "checkpoints"} == files
    assert config(run)["model"] == "dcgan"
    assert config(run)["options"] == {"filters": 4}
    assert config(run)["image_shape"] == [16, 16, 1]
    assert len((run / "history.csv").read_text().splitlines()) == 2
    assert int(keras.saving.load_model(run / "model.keras").step) == 3


@pytest.mark.parametrize(
    ("asked", "rate", "betas"),
    [
        ([], "0.002", (0.0, 0.99)),
        (["--learning-rate", "0.5"], "0.5", (0.0, 0.99)),
        (["--learning-rate", "paper"], "0.0002", (0.5, 0.999)),
    ],
)
def test_optimizers_suit_minutes_unless_the_papers_are_asked_for(
    asked, rate, betas, planned, capsys
):
    model = planned(*DIGITS, *asked)
    assert f"learning rate {rate}.\n" in capsys.readouterr().out
    for optimizer in model.optimizers.values():
        assert (optimizer.beta_1, optimizer.beta_2) == betas


def test_large_images_have_settings_of_their_own(planned, capsys):
    words = ["train", "dcgan", "--data", "digits", "--image-size", "48", "--set", "filters=[2,2,2]"]
    assert cli.main([*words, "--steps", "1", "--output", "out"]) == 0
    assert "batches of 32, learning rate 0.001.\n" in capsys.readouterr().out
    assert config()["batch_size"] == 32
    model = keras.saving.load_model("out/model.keras")
    assert model.loss_function.name == "relativistic"
    assert [(p.name, p.weight, p.every) for p in model.penalties] == [
        ("r1", 0.15, 4),
        ("r2", 0.15, 4),
    ]
    planned(*words, "--output", "out", "--resume")
    changed = refused([*words, "--resume", "--batch-size", "16", "--output", "out"], capsys)
    assert "--batch-size: 32 then, 16 now" in changed
    model = planned(*words, "--set", "loss=non_saturating", "--batch-size", "16")
    assert model.loss_function.name == "non_saturating"
    assert "batches of 16, learning rate 0.001.\n" in capsys.readouterr().out


def test_conditional_training_takes_labels(capsys):
    words = ["train", "conditional_gan", "--data", "digits", "--steps", "2", "--set", "filters=4"]
    assert cli.main([*words, "--output", "out"]) == 0
    with Image.open("out/grid.png") as grid, Image.open("out/samples/epoch_0001.png") as samples:
        assert grid.size == samples.size, "a row for each class"
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


def test_a_model_of_one_player(capsys):
    words = ["train", "vae", "--data", "digits", "--steps", "2", "--set", "filters=4"]
    assert cli.main([*words, "--sync-batch-norm", "--output", "out"]) == 0
    output = capsys.readouterr()
    assert "Training VAE" in output.out
    assert "step 2: autoencoder " in output.err
    assert cli.main(["sample", "out", "-n", "4", "-o", "x.png"]) == 0


@pytest.mark.parametrize("content", ["{", "[]", '{"precision": "exact"}'])
def test_a_run_to_begin_with_has_a_whole_configuration(run, content, capsys):
    shutil.copytree(run, "broken")
    pathlib.Path("broken/config.json").write_text(content)
    message = refused(["train", "--from", "broken", "--data", "digits", "-o", "out"], capsys)
    assert "A run has a whole config.json. Received: 'broken/config.json'" in message


def test_goes_on_from_a_trained_model(run, capsys):
    words = ["train", "--from", str(run), "--data", "digits", "--steps", "1", "-o", "out"]
    assert cli.main(words) == 0
    assert config()["model"] == "dcgan"
    assert config()["start"] == str(run)
    words = ["train", "sngan", *words[1:-1], "other"]
    assert "of the method that is trained. Received: sngan, and a dcgan" in refused(words, capsys)
    words = ["train", *words[2:], "--image-size", "32"]
    assert "goes on with such images alone. Received: (32, 32, 1)" in refused(words, capsys)


def test_a_trained_models_optimizers_go_on():
    start, model = (kg.DCGAN(image_shape=(16, 16, 1), filters=2) for _ in range(2))
    start.compile(3e-4, keras.optimizers.RMSprop(1e-5))
    start.generator_optimizer.learning_rate.assign(1e-9)  # By a schedule that was at its end.
    start.save("start.keras")
    start = keras.saving.load_model("start.keras")
    np.testing.assert_allclose(start.generator_optimizer.learning_rate, 1e-9)
    settings = methods.get("dcgan").settings(16)
    compile_model(model, settings, None, start=start)
    rates = [float(optimizer.learning_rate) for optimizer in model.optimizers.values()]
    np.testing.assert_allclose(rates, [3e-4, 1e-5])
    assert isinstance(model.discriminator_optimizer, keras.optimizers.RMSprop)
    compile_model(model, settings, 0.1, start=start)
    np.testing.assert_allclose(model.discriminator_optimizer.learning_rate, 0.1)


def test_a_dry_run_checks_and_leaves_nothing_behind(monkeypatch, capsys):
    words = [*DIGITS, "--output", "out", "--dry-run"]
    assert cli.main(words) == 0
    assert "Training DCGAN" in (out := capsys.readouterr().out)
    assert "without `--dry-run` this would be out." in out
    assert not pathlib.Path("out").exists()
    refused([*words, "--set", "filters=0"], capsys)
    monkeypatch.setattr(memory, "free", lambda: 2**20)
    assert "of which 1 MiB" in refused(words, capsys)


def test_what_does_not_fit_into_memory_is_refused_at_any_time(monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr("keras_gans.cli.train.WIDE", 1000)
        patch.setattr(memory, "free", lambda: 2**20)
        assert "of which 1 MiB" in refused([*DIGITS, "--output", "out"], capsys)
    assert not pathlib.Path("out").exists()

    def step(self, data):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\nmore words")

    monkeypatch.setattr(kg.DCGAN, "train_step", step)
    message = refused([*DIGITS, "--output", "out"], capsys)
    assert "the memory of the device, as smaller batches or images may. Received: " in message
    assert "more words" not in message


def test_few_images_are_augmented_where_it_suits_the_method(planned, capsys):
    words = ["train", "stylegan2", "--data", "digits", "--output", "out"]
    words += ["--set", "filters=4", "--set", "max_filters=8", "--set", "latent_dim=8"]
    planned(*words)
    assert "Augmentation: ada, since 1,442 images are few" in capsys.readouterr().out
    planned(*words, "--set", "augmentation=None")
    assert "Augmentation" not in capsys.readouterr().out
    # Of large images the loss pairs real and generated ones, and no logit alone says how sure.
    planned(*words, "--image-size", "48")
    assert "Augmentation: color,translation,cutout, since 1,442" in capsys.readouterr().out


def test_the_smaller_side_decides_what_is_large(planned, capsys):
    words = ["train", "dcgan", "--data", "digits", "--image-size", "64x32", "--set", "filters=2"]
    model = planned(*words, "-o", "out")
    assert model.loss_function.name == "non_saturating"
    assert "batches of 64, learning rate 0.002" in capsys.readouterr().out


def test_a_published_preset_brings_its_optimizers(planned, capsys):
    words = ["train", "r3gan", "--data", "digits", "--image-size", "32", "--set", "preset=cifar10"]
    words += ["--set", "width=8", "--set", "max_width=8", "--set", "blocks=1", "-o", "out"]
    model = planned(*words)
    assert model.scheduled_images == 20_000_000
    assert model.augmentation.probability == 0.55
    assert isinstance(model.generator_optimizer, ScheduledAdam)
    np.testing.assert_allclose(model.generator_optimizer.learning_rate, 2e-4)
    words[words.index("32")] = "16"
    message = refused([*words, "--dry-run"], capsys)
    assert "of images of 32 by 32 pixels (`--image-size 32`). Received: (16, 16, 1)" in message
    words[words.index("preset=cifar10")] = "preset=lsun"
    assert "`preset` is one of cifar10, " in refused([*words, "--dry-run"], capsys)


def test_growth_is_planned_by_the_budget_and_stays_when_resumed(capsys):
    words = ["train", "progressive_gan", "--data", "digits", "--image-size", "16", "-o", "out"]
    words += ["--set", "filters=2", "--set", "max_filters=2", "--batch-size", "32"]
    assert cli.main([*words, "--steps", "2"]) == 0
    # Half of 2 batches of 32, for two growths that have two halves each.
    said = "Growth: 8 images for each size to fade in, and as many before the next; the full size"
    assert said in capsys.readouterr().out
    assert config()["growth_images"] == 32
    model = keras.saving.load_model("out/model.keras")
    assert (model.fade_images, model.stable_images, model.generator.level) == (8, 8, 2)
    assert cli.main([*words, "--steps", "3", "--resume"]) == 0
    assert said in capsys.readouterr().out
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        words += ["-o", "short", "--set", "fade_images=64", "--steps", "1"]
        assert cli.main(words) == 0
    said = "The growth takes 1,200,128 images and the run has 32, so it ends before the full size"
    assert said in capsys.readouterr().err


def test_schedules_that_a_run_does_not_reach_are_said(capsys):
    words = ["train", "r3gan", "--data", "digits", "--image-size", "16", "--batch-size", "8"]
    words += ["--set", "width=2", "--set", "max_width=2", "--steps", "2"]
    assert cli.main([*words, "-o", "all", "--set", "scheduled_images=16"]) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert cli.main([*words, "-o", "part", "--set", "scheduled_images=17"]) == 0
    said = "The schedules take 17 images and the run has 16, so it ends before they do; `--set sch"
    assert said in capsys.readouterr().err


def test_truncation(run, capsys):
    kg.StyleGAN2(image_shape=(16, 16, 1), latent_dim=8, filters=4, max_filters=8).save("x.keras")
    words = ["sample", "x.keras", "-n", "2", "--truncation", "0", "-o", "x.npz"]
    assert cli.main(words) == 0
    first, second = np.load("x.npz")["images"]
    np.testing.assert_array_equal(first, second)
    assert cli.main([*words[:4], "--no-noise", "-o", "quiet.npz"]) == 0
    gan = keras.saving.load_model("x.keras")
    expected = gan.generate(2, seed=0, noise=False)
    np.testing.assert_array_equal(np.load("quiet.npz")["images"], expected)
    words[1] = str(run)
    assert "`--truncation` is for a stylegan" in refused(words, capsys)
    assert "`--no-noise` is for a stylegan" in refused([*words[:4], "--no-noise"], capsys)
    words[words.index("0")] = "2"
    assert "must be a number from 0 to 1. Received: '2'" in refused(words, capsys)


def test_a_table_of_mixed_styles(capsys):
    gan = kg.StyleGAN2(image_shape=(16, 16, 1), latent_dim=8, filters=4, max_filters=8)
    gan.save("x.keras")
    words = ["sample", "x.keras", "-n", "2", "--mix", "coarse", "-o"]
    assert cli.main([*words, "x.png"]) == 0
    assert "Wrote 8 images" in capsys.readouterr().out
    latents = gan.latents_of(4, 0)
    own = gan.images_of(latents)
    mixed = gan.mix(latents[:2], latents[2:], "coarse")
    rows = [[np.full_like(own[0], 255), *own[2:]]]
    rows += [[own[k], *mixed[k]] for k in range(2)]
    expected = image_grid(np.concatenate(rows), 3)
    np.testing.assert_array_equal(np.array(Image.open("x.png")), expected[..., 0])
    assert "`--mix` draws a picture" in refused([*words, "x.npz"], capsys)
    words[2:2] = ["--threshold", "1"]
    assert "`--mix` draws a picture" in refused([*words, "y.png"], capsys)


def test_methods_that_can_do_without_labels_take_them(capsys):
    for name in "ab":
        images_folder(f"photos/{name}", 4, size=(8, 8))
    words = ["train", "r3gan", "--data", "photos", "--steps", "1", "--batch-size", "4"]
    words += ["--set", "width=4", "--set"]
    assert "`num_classes` must be that of" in refused([*words, "num_classes=3"], capsys)
    assert cli.main([*words, "num_classes=2", "-o", "out"]) == 0
    assert cli.main(["sample", "out", "-n", "2", "--labels", "1", "-o", "x.npz"]) == 0
    assert keras.saving.load_model("out/model.keras").num_classes == 2


def test_training_on_replicas(capsys):
    words = ["train", "gan", "--data", "ring", "--steps", "2", "--strategy", "mirrored"]
    assert "a multiple of their number" in refused([*words, "--batch-size", "63"], capsys)
    assert "needs the environment variable TF_CONFIG" in refused(
        [*words[:-1], "multi_worker"], capsys
    )


def test_training_on_points(capsys):
    words = ["train", "wgan_gp", "--data", "ring", "--steps", "2", "--output", "out"]
    assert cli.main(words) == 0
    assert not pathlib.Path("out/grid.png").exists()
    assert cli.main(["sample", "out", "-n", "4", "-o", "x.npz"]) == 0
    assert np.load("x.npz")["images"].shape == (4, 2)
    assert "Points are written as .npz" in refused(["sample", "out", "-o", "x.png"], capsys)


def test_training_streams_from_a_pack():
    images_folder("shots", count=8)
    assert cli.main(["data", "pack", "shots", "--image-size", "16", "-o", "pack"]) == 0
    words = ["train", "gan", "--data", "pack", "--no-cache", "--batch-size", "4", "--steps", "3"]
    assert cli.main([*words, "--sync-batch-norm", "--deterministic", "--output", "out"]) == 0
    assert config()["steps_between_looks"] == 1000, "at any speed"
    assert config()["image_shape"] == [16, 16, 1]


def test_a_pack_of_label_maps_mixes_no_labels():
    maps = np.random.default_rng(0).choice([0, 7], (4, 24, 24)).astype("uint8")
    np.savez("maps.npz", images=maps)
    words = ["data", "pack", "maps.npz", "--image-size", "16", "-o"]
    assert cli.main([*words, "mixed"]) == cli.main([*words, "kept", "--nearest"]) == 0
    mixed, kept = (kg.data.load_arrays(name, channels=1)[0] for name in ("mixed", "kept"))
    assert len(np.unique(mixed)) > 2
    assert np.unique(kept).tolist() == [0, 7]


def test_bad_images_are_skipped_and_counted(planned, capsys):
    folder = images_folder("broken", count=5)
    (folder / "1.png").write_text("no image")
    words = ["train", "gan", "--data", "broken", "--image-size", "16", "--batch-size", "2"]
    planned(*words, "--skip-bad-images")
    shown = capsys.readouterr().out
    assert ": 4 of shape (16, 16, 1)" in shown
    assert "1 bad files were skipped" in shown


def test_warnings_are_shown(planned, capsys):
    images_folder("few", count=2)
    words = ["train", "dcgan", "--data", "few", "--image-size", "16", "--set", "filters=4"]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        planned(*words, "--batch-size", "2")
    assert "Warning: Fewer than 500 images" in capsys.readouterr().err


def test_synchronized_batch_normalization_in_all_networks(planned):
    model = planned(*DIGITS, "--set", "normalization=batch", "--sync-batch-norm")
    for networks in model.players().values():
        norms = [layer for layer in networks[0].layers if hasattr(layer, "synchronized")]
        assert norms
        assert all(layer.synchronized for layer in norms)


def test_default_output_never_meets_an_earlier_run(planned, capsys):
    images_folder("shots")
    words = ["train", "gan", "--data", "shots/", "--image-size", "16", "--batch-size", "2"]
    assert cli.main([*words, "--steps", "1"]) == 0
    assert pathlib.Path("runs/gan-shots/model.keras").exists()
    planned(*words)
    assert "this would be runs/gan-shots-2." in capsys.readouterr().out


def test_names_of_data(tmp_path, monkeypatch):
    photos = images_folder("photos.v2")
    assert data_name("photos.v2/") == data_name(str(photos.resolve())) == "photos.v2"
    monkeypatch.chdir(photos)
    assert data_name(".") == data_name("../photos.v2") == "photos.v2"
    assert data_name("digits") == "digits"
    assert data_name("some/images.npz") == "images"


def test_a_path_with_spaces_is_quoted(capsys):
    words = ["train", "gan", "--data", "ring", "--steps", "1", "--output", "my run"]
    assert cli.main(words) == 0
    assert "keras-gans sample 'my run' -n 64" in capsys.readouterr().out


def test_values_of_options():
    words = ["a=false", "b=TRUE", "c=none", "d=True", "e=[1, 2]", "f=falsehood", "g=None", "h=2.5"]
    values = [False, True, None, True, [1, 2], "falsehood", None, 2.5]
    assert parse_options(words) == dict(zip("abcdefgh", values, strict=True))


def test_what_only_python_can_give_is_no_option(capsys):
    words = ["train", "pix2pix", "--pairs", "outlined_shapes", "shapes", "--set"]
    message = refused([*words, "perceptual=vgg"], capsys)
    assert "takes the arguments of Pix2Pix: perceptual_weight, " in message
    assert message.endswith(" Received: perceptual.")
    for name in ("perceptual", "generator", "discriminator"):
        assert f" {name}," not in message
    words = ["train", "cycle_gan", "--data-a", "shapes", "--data-b", "outlined_shapes", "--set"]
    message = refused([*words, "discriminator_a=x"], capsys)
    assert message.endswith(" Received: discriminator_a.")
    for name in ("generator_ab", "generator_ba", "discriminator_a", "discriminator_b"):
        assert f" {name}," not in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "digitz"], "digits"),
        (["--data", "no/such/folder"], "no/such/folder"),
        (["--data", "empty"], "empty"),
        (["--data", "broken"], "1.png"),
        (["--data", "digits", "--image-size", "30"], "24, 28, 32"),
        (["--data", "digits", "--image-size", "0"], "argument --image-size: must be a whole"),
        (["--data", "digits", "--image-size", "16x"], "or two such as 96x64. Received: '16x'"),
        (["--data", "digits", "--image-size", "36x32"], "32, 36, 1); the nearest is 32 by"),
        (["--data", "good", "--batch-size", "64"], "64 for 3 images; `--batch-size 3` fits"),
        (["--data", "digits", "--batch-size", "0"], "argument --batch-size: must be a whole"),
        (["--data", "digits", "--steps", "0"], "argument --steps: must be a whole number of at"),
        (["--data", "digits", "--minutes", "nan"], "argument --minutes: must be a number above 0"),
        (["--data", "digits", "--checkpoint-steps", "0"], "at least 1"),
        (["--data", "digits", "--retries", "-1"], "at least 0"),
        (["--data", "digits", "--learning-rate", "nan"], "above 0, or \"paper\". Received: 'nan'"),
        (["--data", "digits", "--learning-rate", "inf"], "argument --learning-rate: must be"),
        (["--data", "digits", "--learning-rate", "-1"], "argument --learning-rate: must be"),
        (["--data", "digits", "--strategy", "tpu"], "needs a TPU"),
        (["--data", "digits", "--set", "filters"], "NAME=VALUE"),
        (["--data", "digits", "--set", "filtrs=3"], "of DCGAN: filters, "),
        (["--data", "digits", "--set", "seed=3"], "which is `--seed`"),
        (["--data", "digits", "--set", "filters=abc"], "`--set filters=abc`: `filters` must be"),
        (["--data", "digits", "--set", "filters=0"], "`--set filters=0`: `filters` must be"),
        (["--data", "digits", "--set", "latent_dim=0"], "`--set latent_dim=0`: `latent_dim` must"),
        (
            ["--data", "digits", "--set", "latent_dim=2", "--set", "hidden=x"],
            "`--set hidden=x`: `hidden` is",
        ),
        (["--data", "digits", "--set", "penalties=3"], "`--set penalties=3`: "),
        (["--data", "digits", "--set", "generator=x"], ". Received: generator."),
        (["--data", "digits", "--set", "loss=[1]"], "`loss` must be an AdversarialLoss or one of"),
        (["--data", "digits", "--output", "good"], "new or empty"),
        (["--data", "digits", "--output", "good/0.png/run"], "can be written"),
    ],
)
def test_bad_input_gets_one_sentence(words, message, capsys):
    images_folder("good")
    images_folder("broken")
    pathlib.Path("broken/1.png").write_text("no image")
    pathlib.Path("empty").mkdir()
    assert message in refused(["train", "dcgan", *words], capsys)


def test_labels_are_asked_for(capsys):
    images_folder("good")
    words = ["train", "conditional_gan", "--data", "good", "--batch-size", "2"]
    assert "labels" in refused(words, capsys)


def test_the_data_have_the_batches_of_a_step(capsys):
    images_folder("few", count=12)
    words = ["train", "wgan", "--data", "few", "--image-size", "16", "--set", "filters=4"]
    for limit in ("--epochs", "--steps"):
        message = refused([*words, "--batch-size", "3", limit, "1"], capsys)
        assert "WGAN takes 5 batches in a step" in message
        assert "4 batches of 3 in 12 images" in message


GROWING = ["--data", "digits", "--image-size", "16", "--batch-size", "32"]
GROWING += ["--set", "latent_dim=8", "--set", "filters=2", "--set", "max_filters=2"]
DOMAINS = ["--data-a", "good", "--data-b", "good", "--image-size", "16", "--set", "filters=2"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["progressive_gan", *GROWING, "--set", "frozen_layers=2"],
            "grown to the full size. Received: frozen_layers=2 at 4 by 4 pixels.",
        ),
        (
            ["progressive_gan", *GROWING, "--set", "updates=(1, 3)"],
            "A step takes a multiple of 3 images. Received: 32.",
        ),
        (
            ["cycle_gan", *DOMAINS, "--set", "pool_size=2", "--batch-size", "3"],
            "A pool of 2 images takes no more at a time; a smaller batch or a larger `pool_size` "
            "fits. Received: 3.",
        ),
    ],
)
def test_what_a_batch_would_show_is_refused_before(words, message, capsys):
    images_folder("good", size=(16, 16))
    for dry in ([], ["--dry-run"]):
        assert message in refused(["train", *words, "-o", "out", *dry], capsys)


def test_layers_of_a_grown_model_are_frozen_and_stay_so_when_resumed():
    gan = kg.ProgressiveGAN(image_shape=(16, 16, 1), latent_dim=8, filters=2, max_filters=2)
    gan.grow_up()
    gan.save("grown.keras")
    words = ["train", "--from", "grown.keras", "--data", "digits", "--batch-size", "8", "-o", "out"]
    words += ["--set", "frozen_layers=2", "--set", "augmentation=None"]
    assert cli.main([*words, "--steps", "1"]) == 0
    assert cli.main([*words, "--steps", "2", "--resume", "--dry-run"]) == 0
    assert cli.main([*words, "--steps", "2", "--resume"]) == 0
    assert keras.saving.load_model("out/model.keras").steps_done == 2


def test_training_traces_its_own_batches_after_memory_was_measured(monkeypatch):
    seen = []

    def measured(model, *_):
        model.make_train_function()
        seen.extend((model, model.train_function))
        return 1, 1

    monkeypatch.setattr(memory, "measured", measured)
    assert cli.main([*DIGITS, "--dry-run"]) == 0
    model, traced = seen
    assert model.train_function is not traced


def test_a_full_disk_is_one_sentence_and_the_command_can_be_repeated(capsys):
    words = [*DIGITS, "--steps", "1", "--output", "out"]
    with files_up_to(100_000):
        assert cli.main(words) == 2
    output = capsys.readouterr()
    assert "Warning: the checkpoint" in output.out
    assert "\nkeras-gans: Writing needs room on the disk" in output.err
    assert output.err.endswith("Received: 'out/model.keras' (File too large).\n")
    assert not list(pathlib.Path("out").glob("*model*"))
    assert cli.main(words) == 0


@pytest.mark.filterwarnings("default:`digits` is the data set")
def test_a_named_set_wins_over_a_folder_of_its_name(planned, capsys):
    pathlib.Path("digits").mkdir()
    planned("train", "gan", "--data", "digits")
    output = capsys.readouterr()
    assert "of shape (8, 8, 1)" in output.out, "the images' own size, not that of a folder"
    assert "write `./digits` for the folder" in output.err


def test_sets_that_are_not_square_are_cropped_with_a_word(planned, capsys):
    np.savez("wide.npz", images=np.zeros((4, 24, 40, 1), "uint8"))
    words = ["train", "dcgan", "--data", "wide.npz", "--batch-size", "4", "--set", "filters=2"]
    planned(*words)
    reason = "since images are made square unless `--image-size` is given; the data are 40x24"
    assert f"of shape (24, 24, 1), {reason}, batches" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sizes", "shape", "reason"),
    [
        ([(16, 16)], "(16, 16, 1)", "their own size"),
        ([(30, 30)], "(64, 64, 1)", "since the networks cannot make their own 30x30"),
        ([(16, 16), (20, 20)], "(64, 64, 1)", "since they do not share one size"),
        ([(32, 16)], "(64, 64, 1)", f"{train_data.SQUARE}; the files are 32x16"),
    ],
)
def test_a_folder_keeps_its_own_size_where_it_can(sizes, shape, reason, planned, capsys):
    for index, size in enumerate(sizes):
        images_folder("photos", 1, size).joinpath("0.png").rename(f"photos/{index}-kept.png")
    words = ["train", "dcgan", "--data", "photos", "--batch-size", str(len(sizes))]
    planned(*words, "--set", "filters=2")
    assert f"of shape {shape}, {reason}, batches" in capsys.readouterr().out
