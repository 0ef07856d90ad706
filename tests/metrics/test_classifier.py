"""The classifier embedders: those that ship, and one trained here on synthetic shapes."""

import argparse
import json

import keras
import numpy as np
import pytest

import keras_gans as kg
from keras_gans import cli
from keras_gans.cli.train_embedder import train_embedder
from keras_gans.errors import InputError
from keras_gans.metrics.embedders.classifier import SHIPPED, Classifier, ClassifierEmbedder
from keras_gans.metrics.embedders.train_classifier import train_classifier
from tests.metrics.full_disk import files_up_to

SIZES = {"digits": 16, "fashion_mnist": 28}


@pytest.fixture(scope="module")
def embedders():
    return {name: ClassifierEmbedder(name) for name in SHIPPED}


@pytest.fixture(scope="module")
def held_out():
    """1,000 held-out images of each set (355 digits), (images, labels)."""
    sets = {}
    for name, size in SIZES.items():
        arrays = kg.data.load_arrays(name, image_size=size, split="test")
        sets[name] = tuple(array[:1000] for array in arrays)
    return sets


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The file of a classifier of coloured shapes, made by the command."""
    file = tmp_path_factory.mktemp("embedder") / "new" / "shapes.keras"
    words = {"data": "shapes", "image_size": 8, "epochs": 1, "output": str(file)}
    train_embedder(command(**words))
    return file


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(header + array.tobytes())


def command(**words):
    words = {"image_size": None, "channels": None, "epochs": 1, "data_dir": None, **words}
    return argparse.Namespace(seed=0, skip_bad_images=False, **words)


def two_classes(count=20, size=8):
    """Dark and bright images."""
    labels = np.arange(count) % 2
    noise = np.random.default_rng(0).integers(0, 100, (count, size, size, 1))
    return (noise + 150 * labels[:, None, None, None]).astype("uint8"), labels


@pytest.mark.parametrize(("name", "least"), [("digits", 0.98), ("fashion_mnist", 0.91)])
def test_shipped_accuracy_measured_again(embedders, held_out, name, least):
    images, labels = held_out[name]
    accuracy = (embedders[name].probabilities(images).argmax(axis=1) == labels).mean()
    assert accuracy >= least
    # Of all 10,000 for Fashion-MNIST, of which 1,000 are measured here.
    assert accuracy == pytest.approx(
        embedders[name].accuracy, abs=1e-4 if name == "digits" else 0.02
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_features_and_probabilities(embedders, held_out, name):
    embed, images = embedders[name], held_out[name][0][:50]
    features, probabilities = embed(images), embed.probabilities(images)
    assert features.shape == (50, embed.dim) == (50, 64)
    assert features.dtype == np.float32
    assert features.min() >= 0
    assert probabilities.shape == (50, embed.num_classes) == (50, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:The Fréchet distance")  # of few images
@pytest.mark.parametrize("name", SHIPPED)
def test_features_order_how_far_images_are_from_real_ones(embedders, held_out, name):
    embed, images = embedders[name], held_out[name][0]
    random = np.random.default_rng(0)
    features = embed(images)
    real = embed(kg.data.load_arrays(name, image_size=SIZES[name])[0][:1500])
    distances = [kg.metrics.frechet_distance(real, features)]
    for std in (16, 64):
        noisy = (images + random.normal(0, std, images.shape)).clip(0, 255).astype("uint8")
        distances.append(kg.metrics.frechet_distance(real, embed(noisy)))
    noise = random.integers(0, 256, images.shape, dtype="uint8")
    distances.append(kg.metrics.frechet_distance(real, embed(noise)))
    assert distances == sorted(distances)
    assert distances[-1] > 20 * distances[0]


def test_other_sizes_and_colour_are_converted_as_data_is(embedders, held_out):
    embed, images = embedders["digits"], held_out["digits"][0]
    small, labels = kg.data.load_arrays("digits", split="test")  # 8x8, scaled up to the same 16x16
    np.testing.assert_array_equal(embed(small), embed(images))
    coloured = np.repeat(images, 3, axis=-1)
    np.testing.assert_array_equal(embed(coloured), embed(images))
    large, _ = kg.data.load_arrays("digits", image_size=48, split="test")
    assert (embed.probabilities(large).argmax(axis=1) == labels).mean() > 0.98
    wide = np.pad(images, [(0, 0), (0, 0), (4, 4), (0, 0)], mode="edge")
    np.testing.assert_array_equal(embed(wide), embed(images))


def test_a_trained_model_scores_its_own_images(embedders):
    gan = kg.DCGAN(image_shape=(16, 16, 1), latent_dim=4, filters=4, seed=0)
    assert embedders["digits"](gan.generate(5)).shape == (5, 64)


def test_protocol_is_whole_and_for_json(embedders):
    for name, embed in embedders.items():
        protocol = json.loads(json.dumps(embed.protocol()))
        assert protocol["features"] == f"{name} classifier"
        assert not protocol["comparable_with_papers"]
        inner = protocol["classifier"]
        assert inner["data"] == name
        assert inner["held_out"] == "the split test"
        assert inner["accuracy"] == embed.accuracy
        assert {"seed", "steps", "num_train", "num_held_out", "versions"} <= set(inner)
        assert len(embed.class_names) == embed.num_classes


def test_command_trains_on_shapes(trained, capsys):
    embed = ClassifierEmbedder(trained)
    assert embed.class_names == list(kg.data.SHAPE_NAMES)
    inner = embed.protocol()["classifier"]
    assert inner["held_out"] == "every 5th image of each class"
    assert inner["num_train"] + inner["num_held_out"] == 10_000
    images, labels = kg.data.load_arrays("shapes", count=500, image_size=8, seed=1)
    accuracy = (embed.probabilities(images).argmax(axis=1) == labels).mean()
    assert accuracy == pytest.approx(inner["accuracy"], abs=0.08)
    assert accuracy > 0.6
    assert list(trained.parent.iterdir()) == [trained]


def test_command_says_the_accuracy_and_how_to_use_the_file(tmp_path, capsys):
    images, labels = two_classes()
    np.savez(tmp_path / "two.npz", images=images, labels=labels)
    file = tmp_path / "two.keras"
    train_embedder(command(data=str(tmp_path / "two.npz"), epochs=20, output=str(file)))
    output = capsys.readouterr().out
    assert "classifies 100.0% of 4 held-out images correctly" in output
    assert f"--embedder {file}" in output
    assert str(tmp_path) not in json.dumps(ClassifierEmbedder(file).protocol())


def test_equal_seeds_give_equal_weights_in_colour_at_another_size():
    data, options = two_classes(size=11), {"image_size": 20, "channels": 3, "epochs": 2}
    first, second = (train_classifier(data, seed=1, **options) for _ in range(2))
    assert first.image_shape == (20, 20, 3)
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_seeds_differ():
    first, second = (Classifier((8, 8, 1), "ab", seed=seed).get_weights()[0] for seed in (0, 1))
    assert (first != second).all()


def test_data_that_cannot_train_a_classifier():
    images, labels = two_classes()
    with pytest.raises(InputError, match="needs square images, .* and labels"):
        train_classifier(images)
    with pytest.raises(InputError, match="at least 2 classes"):
        train_classifier((images, np.zeros(len(images), int)))
    with pytest.raises(InputError, match="5 images of one"):
        train_classifier((images[:8], labels[:8]))
    with pytest.raises(InputError, match="square images"):
        train_classifier((images[:, :4], labels))
    with pytest.raises(InputError, match="square images"):
        train_classifier("ring")
    with pytest.raises(InputError, match="`epochs`"):
        train_classifier((images, labels), epochs=0)


def test_an_unreadable_test_split_is_not_taken_for_a_missing_one(tmp_path):
    images, labels = two_classes()
    write_idx(tmp_path / "train-images-idx3-ubyte", images[..., 0])
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels.astype("uint8"))
    with pytest.raises(InputError, match="t10k-images"):
        train_classifier("mnist", data_dir=tmp_path, epochs=1)


def test_names_and_files_that_are_no_classifier(tmp_path):
    with pytest.raises(InputError, match="such as fashion_mnist"):
        ClassifierEmbedder("fashion-mnist")
    with pytest.raises(InputError, match="Received: 'none.keras'"):
        ClassifierEmbedder("none.keras")
    other = tmp_path / "other.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(other)
    with pytest.raises(InputError, match="made by `keras-gans train-embedder`"):
        ClassifierEmbedder(other)
    damaged = bytearray(other.read_bytes())
    damaged[len(damaged) // 2] ^= 255
    other.write_bytes(damaged)
    with pytest.raises(InputError, match="no model of this package"):
        ClassifierEmbedder(other)
    other.write_bytes(b"not a model")
    with pytest.raises(InputError, match="damaged or of another format"):
        ClassifierEmbedder(other)


def test_command_keeps_the_size_of_a_pack(tmp_path):
    images, labels = two_classes()
    np.savez(tmp_path / "two.npz", images=images, labels=labels)
    words = ["data", "pack", str(tmp_path / "two.npz"), "-o", str(tmp_path / "pack")]
    assert cli.main(words) == 0
    train_embedder(command(data=str(tmp_path / "pack"), output=str(tmp_path / "two.keras")))
    assert ClassifierEmbedder(tmp_path / "two.keras").network.image_shape == (8, 8, 1)


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    images, labels = two_classes()
    np.savez(tmp_path / "two.npz", images=images, labels=labels)
    words = command(data=str(tmp_path / "two.npz"), output=str(tmp_path / "out" / "two.keras"))
    with files_up_to(10_000), pytest.raises(InputError, match="room on the disk"):
        train_embedder(words)
    assert not any((tmp_path / "out").iterdir())


def test_output_that_cannot_be_written(tmp_path, trained):
    for file in (trained, tmp_path / "classifier.h5"):
        with pytest.raises(InputError, match="new file whose name ends in .keras"):
            train_embedder(command(data="digits", output=str(file)))
