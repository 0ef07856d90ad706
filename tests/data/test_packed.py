import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gans import cli
from keras_gans.data import load, load_arrays
from keras_gans.data.arrays import Samples
from keras_gans.data.packed import pack, read_pack
from keras_gans.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")
IMAGES = np.random.default_rng(0).integers(256, size=(25, 6, 5, 3), dtype="uint8")
LABELS = np.arange(25, dtype="int32") % 3
SAMPLES = Samples("photos", IMAGES, LABELS, ["a", "b", "c"])


@pytest.fixture
def packed(tmp_path):
    pack(SAMPLES, tmp_path / "pack", images_per_shard=10)
    return tmp_path / "pack"


@pytest.mark.parametrize("cache", [True, False])
def test_what_is_read_is_what_was_packed(packed, cache):
    samples = read_pack(packed, cache=cache)
    order = np.random.default_rng(1).permutation(25)
    np.testing.assert_array_equal(samples.images[order], IMAGES[order])
    np.testing.assert_array_equal(samples.labels, LABELS)
    assert (samples.name, samples.class_names) == ("photos", ["a", "b", "c"])
    assert isinstance(samples.images, np.ndarray) == cache
    assert len(list(packed.glob("*.tfrecord"))) == 3


def test_the_shards_are_valid_tfrecord(packed):
    files = sorted(map(str, packed.glob("*.tfrecord")))
    records = [record.numpy() for record in tf.data.TFRecordDataset(files)]  # Checks checksums.
    assert records == [image.tobytes() for image in IMAGES]


@pytest.mark.parametrize("cache", [True, False])
def test_the_same_batches_as_the_arrays(packed, cache):
    options = dict(image_size=4, channels=1, labels=True, flip=True, batch_size=8, seed=2)
    first = load((IMAGES, LABELS), **options)
    second = load(packed, **options, cache=cache)
    assert first.element_spec == second.element_spec
    for one, two in zip(first.stream().take(7), second.stream().take(7), strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_from_a_folder_by_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for index, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        folder = tmp_path / "photos" / "abc"[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{index:02}.png")
    words = ["data", "pack", "photos", "--image-size", "4", "-o", "pack"]
    assert cli.main(words) == 0
    assert "Made pack: 25 images of (4, 4, 3)" in capsys.readouterr().out
    for one, two in zip(load_arrays("photos", image_size=4), load_arrays("pack"), strict=True):
        np.testing.assert_array_equal(one, two)
    assert cli.main(words) == 2
    assert "must be new or empty" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pack", "photos"]


def test_shards_are_not_too_many_to_be_open(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gans.data.packed.MOST_SHARDS", 4)
    with pytest.raises(InputError, match=r"is at least 7 for 25 images. Received: 6"):
        pack(SAMPLES, tmp_path / "pack", images_per_shard=6)
    pack(SAMPLES, tmp_path / "pack", images_per_shard=7)


def test_nothing_is_left_if_packing_fails(tmp_path):
    class Failing:
        shape = (25, 6, 5, 3)

        def __getitem__(self, indices):
            raise OSError("cannot be read")

    with pytest.raises(OSError, match="cannot be read"):
        pack(Samples("photos", Failing()), tmp_path / "pack")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="A pack holds images"):
        pack(Samples("ring", np.zeros((4, 2), "float32")), tmp_path / "pack")


@pytest.mark.parametrize("damage", ["cut", "missing", "index", "labels"])
def test_a_pack_that_is_not_whole(packed, damage):
    shard = packed / "images-00001.tfrecord"
    if damage == "cut":
        shard.write_bytes(shard.read_bytes()[:-1])
    elif damage == "missing":
        shard.unlink()
    elif damage == "index":
        (packed / "pack.json").write_text("{}")
    else:
        (packed / "labels.npy").write_bytes(b"")
    with pytest.raises(InputError, match=r"A pack must be whole: pack the images again\. Received"):
        load(packed, labels=True, batch_size=5)
