"""Classifiers of several attributes, their files, and the commands that use them."""

import re

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans import cli
from keras_gans.errors import InputError
from keras_gans.latent import (
    Direction,
    entanglement,
    find_direction,
    labels_of,
    read_attributes,
    strip,
    train_attributes,
)
from keras_gans.pictures import image_grid, save_image
from keras_gans.training.seed import derived_seed
from tests.cli.commands import refused
from tests.metrics.full_disk import files_up_to


def people(count, seed=0, side=16):
    """Square images: bright or not at the top, one of three tones at the bottom."""
    random = np.random.default_rng(seed)
    hat, skin = random.integers(0, 2, count), random.integers(0, 3, count)
    images = random.integers(0, 40, (count, side, side, 1))
    images[:, : side // 2] += 200 * hat[:, None, None, None]
    images[:, side // 2 :] += 100 * skin[:, None, None, None]
    return images.astype("uint8"), {"hat": hat, "skin": skin}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("people") / "people.npz"
    images, labels = people(400)
    columns = np.stack([*labels.values()], axis=1).astype("uint8")
    np.savez(path, images=images, attributes=columns, attribute_names=np.array([*labels]))
    return path


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """`refused` lists all files of the working directory, which are many in a checkout."""
    monkeypatch.chdir(tmp_path)


def test_files_hold_images_and_attributes(file):
    images, labels = read_attributes(file)
    expected, known = people(400)
    np.testing.assert_array_equal(images, expected)
    assert {name: label.tolist() for name, label in labels.items()} == {
        name: label.tolist() for name, label in known.items()
    }


def test_all_attributes_are_learned_at_once():
    model = train_attributes(*people(400, side=8), steps=400, batch_size=16)
    images, labels = people(200, seed=1, side=8)
    seen = labels_of(model)(images)
    assert np.mean(seen["hat"] == labels["hat"]) > 0.95
    assert np.mean(seen["skin"] == labels["skin"]) > 0.7  # A third by chance.
    assert model.get_layer("features").output.shape == (None, 64)


def test_the_commands_train_and_audit(file, in_folder, tmp_path, capsys):
    classifier, model = str(tmp_path / "eye.keras"), str(tmp_path / "gan.keras")
    words = ["train-embedder", "--data", str(file), "--epochs", "2", "-o", classifier]
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    message = refused([*words[:-1], str(tmp_path / "x.keras"), "--image-size", "8"], capsys)
    assert "without `--image-size` and `--channels`. Received: 8 and None" in message
    assert "right on 80 held-out images (every 5th): hat " in out
    assert f"keras-gans audit RUN --data {file} --classifier {classifier}" in out
    kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2).save(model)
    report = tmp_path / "audit.txt"
    words = ["audit", model, "--data", str(file), "--classifier", classifier, "-n", "50"]
    assert cli.main([*words, "-o", str(report)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "400 images and 50 samples" in lines[0]
    assert [line.split(":")[0] for line in lines[2:6]] == [
        f"share of {name}" for name in ("hat", "skin=0", "skin=1", "skin=2")
    ]
    assert all("hat & skin=" in line for line in lines[6:-1])  # Those that differ, if any do.
    assert lines[-1].startswith("pairs of attributes: ")
    assert lines[-1].endswith(" of 6 alike")
    assert report.read_text().splitlines() == lines
    assert cli.main([*words, "--threshold", "0.5"]) == 0
    later = capsys.readouterr().out.splitlines()
    assert later[: len(lines) + 1] == [*lines, "With threshold 0.5:"]
    (place,) = [k for k, line in enumerate(later) if line.startswith("So threshold 0.5 changes ")]
    assert later[place - 1].endswith(" of 6 alike")
    count = len(later) - place - 1
    end = f"changes {count} numbers beyond chance:" if count else "no numbers beyond chance."
    assert later[place].endswith(end)
    assert "for a stylegan or stylegan2" in refused([*words, "--truncation", "0.5"], capsys)
    message = refused([*words[:3], "no.npz", *words[4:]], capsys)
    assert "with `images`, `attributes` and `attribute_names`. Received: no.npz" in message


def test_a_conditional_model_is_asked_for_the_classes_of_the_data(
    in_folder, tmp_path, monkeypatch, capsys
):
    class Model:
        name, image_shape, num_classes = "model", (16, 16, 1), 2

        def generate(self, count, seed, labels):
            return np.broadcast_to(200 * labels[:, None, None, None], (count, 16, 16, 1))

    labels = np.repeat([1, 0], (40, 10))
    images = np.broadcast_to(200 * labels[:, None, None, None], (50, 16, 16, 1)).astype("uint8")
    attributes = {"attributes": labels[:, None], "attribute_names": np.array(["light"])}
    np.savez(tmp_path / "data.npz", images=images, labels=labels, **attributes)
    pixels = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(pixels) - 100
    keras.Model(pixels, {"light": light}).save(tmp_path / "eye.keras")
    monkeypatch.setattr("keras_gans.models.loading.load_generator", lambda path: Model())
    words = ["audit", "model", "--data", "data.npz", "--classifier", "eye.keras", "-n", "100"]
    assert cli.main(words) == 0
    assert "share of light: data 80.0% ± " in (out := capsys.readouterr().out)
    assert ", samples 80.0% ± " in out
    assert "and 100 samples. Their classes are as in the data" in out
    message = refused([*words, "-o", "data.npz/audit.txt"], capsys)
    assert "one that can be created and written. Received: 'data.npz'" in message


def test_an_audit_of_the_mean_image(style_gan, in_folder, tmp_path, capsys):
    style_gan.save("gan.keras")
    samples = style_gan.generate(60)
    scores = samples.mean(axis=(1, 2, 3))
    images = keras.Input((16, 16, 1))
    light = keras.layers.GlobalAveragePooling2D()(images) - float(np.median(scores))
    eye = keras.Model(images, {"light": light})
    eye.save("eye.keras")
    attributes = (scores > np.median(scores)).astype(int)[:, None]
    np.savez("data.npz", images=samples, attributes=attributes, attribute_names=["light"])
    words = ["audit", "gan.keras", "--data", "data.npz", "--classifier", "eye.keras", "-n", "60"]
    assert cli.main([*words, "--truncation", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("share of light: data 50.0% ± ")
    of_all = re.search(r"samples (\S+ ± \S+), ", lines[2]).group(1)
    (share,) = labels_of(eye)(style_gan.generate(1, truncation=0.0))["light"]
    found = lines.index("With truncation 0:")
    assert f", samples {share:.1%} ± 0.0%, difference " in lines[found + 1]
    assert lines[-2] == "So truncation 0 changes 1 numbers beyond chance:"
    assert lines[-1] == f"share of light: {of_all} to {share:.1%} ± 0.0%"


def test_the_commands_find_edit_and_invert(in_folder, tmp_path, capsys):
    run = tmp_path / "run"
    run.mkdir()
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2)
    gan.save(run / "model.keras")
    images = keras.Input((16, 16, 1))
    mean = keras.layers.GlobalAveragePooling2D()(images)
    left = keras.layers.GlobalAveragePooling2D()(images[:, :, :8])
    middle = np.median(gan.generate(300).mean(axis=(1, 2, 3)))
    outputs = {"light": mean - middle, "left": left - mean}
    keras.Model(images, outputs).save(tmp_path / "eye.keras")
    words = ["directions", "find", str(run), "--classifier", str(tmp_path / "eye.keras")]
    words += ["--attributes", "light", "left", "--keep", "left", "-n", "300"]
    assert cli.main(words) == 0
    out = capsys.readouterr().out
    assert "direction" in out
    assert "reached" in out
    names = {"light.npz", "light.png", "left.npz", "left.png", "entanglement.txt"}
    folder = run / "directions"
    assert {path.name for path in folder.iterdir()} == names | {"entanglement.png"}
    assert cli.main(["directions", "list", str(run)]) == 0
    assert "light                    in z, of 4 numbers" in capsys.readouterr().out
    picture = tmp_path / "edit.png"
    words = ["edit", str(run), "--direction", "light", "--strength", "-1.5", "-n", "3"]
    assert cli.main([*words, "-o", str(picture)]) == 0
    assert "light at strength -1.5 below them" in capsys.readouterr().out
    words = ["edit", str(run), "--direction", "light", "--classifier", str(tmp_path / "eye.keras")]
    assert cli.main([*words, "-o", str(picture)]) == 0
    assert "light at strengths of 0 to 0.33 below them" in capsys.readouterr().out
    assert "at least 0 where a" in refused([*words, "--strength", "-1"], capsys)
    with files_up_to(20):
        message = refused([*words[:4], "-o", str(tmp_path / "x.png")], capsys)
        assert "needs room on the disk" in message
    save_image(tmp_path / "photo.png", gan.generate(1, seed=4)[0])
    words = ["invert", str(run), str(tmp_path / "photo.png"), "--steps", "3", "--starts", "1"]
    encoder = tmp_path / "encoder.keras"
    words += ["--encoder", str(encoder), "--encoder-steps", "2"]
    assert cli.main([*words, "-o", str(tmp_path / "found")]) == 0
    out = capsys.readouterr().out
    assert "photo.png: error 0.0" in out
    assert f"Wrote the encoder to {encoder}." in out
    assert cli.main([*words, "-o", str(tmp_path / "again")]) == 0
    assert "encoder" not in capsys.readouterr().out, "it is read"
    assert {path.name for path in (tmp_path / "found").iterdir()} == {"photo.png", "latents.npz"}
    with np.load(tmp_path / "found" / "latents.npz") as found:
        assert found["latents"].shape == (1, 4)
    assert "new or empty" in refused([*words, "-o", str(tmp_path / "found")], capsys)
    edits = ["edit", str(run), "--direction", "light", "-o", str(picture), "--latents"]
    assert cli.main([*edits, str(tmp_path / "found" / "latents.npz")]) == 0
    assert "Wrote 1 images and the same with light" in capsys.readouterr().out
    np.savez(tmp_path / "found" / "styles.npz", latents=np.zeros((1, 2, 4)), space="w+")
    message = refused([*edits, str(tmp_path / "found" / "styles.npz")], capsys)
    assert "'light' is in z, and so must be the latents. Received: " in message
    message = refused([*edits, str(run / "model.keras")], capsys)
    assert "from the latents.npz of `invert`. Received: " in message
    encoder.rename(tmp_path / "encoder.txt")
    words[words.index(str(encoder))] = str(tmp_path / "encoder.txt")
    message = refused([*words, "-o", str(tmp_path / "third")], capsys)
    assert "The file of an encoder ends in .keras. Received: " in message
    words = ["edit", str(run), "--direction"]
    assert "Received: 'ligt', which is nearest to 'light'" in refused([*words, "ligt"], capsys)
    assert "a finite number" in refused([*words, "light", "--strength", "nan"], capsys)
    assert "Only conditional models" in refused([*words, "light", "--label", "1"], capsys)
    words = ["directions", "list", str(run), "-o", str(tmp_path)]
    assert "`directions find` writes directions" in refused(words, capsys)
    photo = str(tmp_path / "photo.png")
    words = ["invert", str(run), photo, photo, "-o", str(tmp_path / "twice")]
    assert "a name of its own. Received: photo twice" in refused(words, capsys)
    words = ["directions", "find", str(run), "--classifier", str(tmp_path / "eye.keras")]
    message = refused([*words, "--attributes", "light", "--keep", "lefd"], capsys)
    assert "'lefd', which is nearest to 'left'" in message


def test_invert_looks_at_space_and_labels_before_it_trains(in_folder, monkeypatch, capsys):
    trained = []
    monkeypatch.setattr("keras_gans.latent.train_encoder", lambda *_, **__: trained.append(1))
    sizes = {"image_shape": (16, 16, 1), "latent_dim": 4, "filters": 2}
    kg.DCGAN(**sizes).save("plain.keras")
    kg.ConditionalGAN(**sizes, num_classes=3).save("classes.keras")
    save_image("photo.png", np.zeros((16, 16, 1), "uint8"))
    words = ["photo.png", "--encoder", "new.keras", "-o", "made/found"]
    for model, more, message in (
        ("plain.keras", ["--label", "3"], "Only conditional models take `labels`"),
        ("plain.keras", ["--space", "w+"], 'The space of a DCGAN is here "z"'),
        ("classes.keras", [], "is inverted with `labels`, one for each image"),
        ("classes.keras", ["--label", "3"], "in 0..2. Received: "),
    ):
        assert message in refused(["invert", model, *words, *more], capsys)
    assert not trained


def directions_of_a_class(tmp_path):
    """Writes a conditional model and a classifier; returns both, and the words of the command."""
    gan = kg.ConditionalGAN(image_shape=(16, 16, 1), latent_dim=4, filters=2, num_classes=3)
    (tmp_path / "run").mkdir()
    gan.save(tmp_path / "run" / "model.keras")
    images = keras.Input((16, 16, 1))
    mean = keras.layers.GlobalAveragePooling2D()(images)
    light = mean - float(np.median(gan.generate(90, labels=1).mean(axis=(1, 2, 3))))
    eye = keras.Model(images, {"light": light, "none": 0 * mean - 1, "all": 0 * mean + 1})
    eye.save(tmp_path / "eye.keras")
    words = ["directions", "find", "run", "--classifier", "eye.keras", "-n", "90", "--attributes"]
    return gan, eye, words


def test_directions_within_a_class(in_folder, tmp_path, capsys):
    gan, eye, words = directions_of_a_class(tmp_path)
    assert cli.main([*words, "light", "--label", "1", "--seed", "3"]) == 0
    found = Direction.load(tmp_path / "run" / "directions" / "light.npz")
    options = {"count": 90, "seed": 3}
    expected = find_direction(gan, eye, "light", labels=1, **options)
    np.testing.assert_array_equal(found.vector, expected.vector)
    assert np.any(found.vector != find_direction(gan, eye, "light", **options).vector)
    options = {"seed": derived_seed(3, 1), "labels": 1}
    table = str(entanglement(gan, [expected], eye, **options))
    assert (tmp_path / "run" / "directions" / "entanglement.txt").read_text().startswith(table)
    images = strip(gan, gan.latents_of(6, 3), expected, labels=1)
    save_image("expected.png", image_grid(images.reshape(-1, 16, 16, 1), 7))
    picture = tmp_path / "run" / "directions" / "light.png"
    assert picture.read_bytes() == (tmp_path / "expected.png").read_bytes()
    assert "whole number, or 90, in 0..2. Received: 3" in refused(
        [*words, "light", "--label", "3"], capsys
    )


def test_attributes_that_nobody_has_do_not_stop_others(in_folder, tmp_path, monkeypatch, capsys):
    *_, words = directions_of_a_class(tmp_path)
    folder = tmp_path / "run" / "directions"
    assert "can be created and written. " in refused([*words, "light", "-o", "eye.keras/x"], capsys)
    folder.mkdir()
    for name in ("entanglement.txt", "entanglement.png"):
        (folder / name).write_text("old")
    message = refused([*words, "none", "all"], capsys)
    assert "No direction was found of none, all: " in message
    assert "Received: a share of 0.0% with it." in message
    assert (folder / "entanglement.txt").read_text() == "old", "of the directions that are there"
    assert cli.main([*words, "none", "light"]) == 2
    shown = capsys.readouterr()
    assert "No direction was found of none: " in shown.err
    assert f"Wrote 1 directions to {folder.relative_to(tmp_path)}, " in shown.out
    names = {"light.npz", "light.png", "entanglement.txt", "entanglement.png"}
    assert {path.name for path in folder.iterdir()} == names
    rows = (folder / "entanglement.txt").read_text().splitlines()
    assert rows[1].split()[0] == "light"
    assert shown.out.startswith("\n".join(rows))

    def stop(*words, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_gans.latent.entanglement", stop)
    assert cli.main([*words, "light"]) == 130
    assert {path.name for path in folder.iterdir()} == {"light.npz", "light.png"}


def test_classes_are_learned_if_asked(in_folder, tmp_path, capsys):
    images, labels = people(40, side=8)
    attributes = {"attributes": labels["hat"][:, None], "attribute_names": ["hat"]}
    np.savez("both.npz", images=images, labels=labels["skin"], **attributes)
    words = ["train-embedder", "--data", "both.npz", "--epochs", "1", "-o"]
    assert cli.main([*words, "hats.keras"]) == 0
    assert "leaves the classes in `labels` to `--classes`." in capsys.readouterr().out
    assert keras.saving.load_model("hats.keras").output["hat"].shape == (None, 2)
    assert cli.main([*words, "skins.keras", "--classes"]) == 0
    out = capsys.readouterr().out
    assert "classifies " in out
    assert "`--classes`" not in out
    assert keras.saving.load_model("skins.keras").protocol["num_held_out"] > 0
    assert kg.metrics.ClassifierEmbedder("skins.keras").class_names == ["0", "1", "2"]
    np.savez("attributes.npz", images=images, **attributes)
    words[2] = "attributes.npz"
    assert "without labels, of shape" in refused([*words, "x.keras", "--classes"], capsys)


def test_rare_kinds_have_an_output_and_epochs_are_passes(capsys):
    images, labels = people(64, side=8)
    labels |= {"wings": np.zeros(64, int)}
    model = train_attributes(images, labels, epochs=3, verbose=2)
    assert model.output["wings"].shape == (None, 2)
    assert capsys.readouterr().out.count("Epoch ") == 3


@pytest.mark.parametrize("name", ["long hair", "features", "a/b", "höhe"])
def test_names_that_no_layer_can_have(name):
    images, labels = people(8)
    with pytest.raises(InputError, match=f"names of letters, digits, .* Received: '{name}'"):
        train_attributes(images, {name: labels["hat"]})


def test_files_that_hold_something_else(tmp_path):
    images, _ = people(3)
    path = tmp_path / "x.npz"
    np.savez(path, images=images)
    with pytest.raises(InputError, match="Received: .*x.npz"):
        read_attributes(path)
    for values in (np.zeros((2, 1), int), np.zeros((3, 1)), np.full((3, 1), -1)):
        np.savez(path, images=images, attributes=values, attribute_names=["hat"])
        with pytest.raises(InputError, match=r"from 0 on, of shape \(3, 1\). Received: "):
            read_attributes(path)
    with pytest.raises(InputError, match=r"a label for each image, \(3,\). Received: {'hat': "):
        train_attributes(images, {"hat": [0, 1]})
