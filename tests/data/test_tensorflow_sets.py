import types

import numpy as np
import pytest
import requests
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_gans.data import load, load_arrays
from keras_gans.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")
IMAGES = np.random.default_rng(0).integers(256, size=(5, 6, 8, 3), dtype=np.uint8)
LABELS = np.array([1, 0, 1, 1, 0])
SPLITS = {"train": slice(0, 3), "validation": slice(3, 5)}


class StandIn:
    """The part of a TensorFlow Datasets builder that is used, without any file or network."""

    def __init__(self, path, features=None, labels=LABELS, error=None):
        image = tfds.features.Image(shape=(None, None, 3))
        label = tfds.features.ClassLabel(names=["cat", "dog"])
        features = features or {"image": image, "label": label}
        self.info = types.SimpleNamespace(features=features, splits=dict.fromkeys(SPLITS))
        self.data_path = path
        self.url_infos = {"https://example.org/a.zip": None}
        self.labels = labels
        self.error = error
        self.prepared = 0

    def download_and_prepare(self):
        self.prepared += 1
        if self.error:
            raise self.error

    def as_dataset(self, split):
        chosen = np.concatenate([np.arange(5)[SPLITS[part]] for part in split.split("+")])
        values = {"image": IMAGES[chosen], "label": self.labels[chosen]}
        return tf.data.Dataset.from_tensor_slices(
            {key: values.get(key, IMAGES[chosen]) for key in self.info.features}
        )


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    def install(**options):
        builder = StandIn(tmp_path / "cifar10", **options)
        monkeypatch.setattr(tfds, "builder", lambda name, data_dir: builder)
        monkeypatch.setattr(requests, "head", lambda url, timeout: None)
        return builder

    return install


def test_reads_images_and_labels(stand_in):
    builder = stand_in()
    images, labels = load_arrays("cifar10")
    assert np.array_equal(images, IMAGES[:3])
    assert labels.tolist() == [1, 0, 1]
    assert labels.dtype == np.int32
    assert builder.prepared == 1
    dataset = load("cifar10", labels=True, batch_size=2)
    assert dataset.class_names == ["cat", "dog"]
    assert (dataset.name, dataset.num_images) == ("cifar10", 3)


def test_uses_the_common_resize_and_own_splits(stand_in):
    stand_in()
    options = {"image_size": 4, "channels": 1}
    expected, _ = load_arrays(IMAGES, **options)
    assert np.array_equal(load_arrays("cifar10", split="validation", **options)[0], expected[3:])
    images, labels = load_arrays("cifar10", split="all", **options)
    assert np.array_equal(images, expected)
    assert labels.tolist() == LABELS.tolist()
    with pytest.raises(InputError, match=r"\"validation\", \"all\"\. Received: 'test'"):
        load("cifar10", split="test")


def test_prepared_data_is_not_prepared_again(stand_in):
    builder = stand_in()
    builder.data_path.mkdir()
    load("cifar10", batch_size=1)
    assert builder.prepared == 0


def test_unlabelled_split_and_set(stand_in):
    stand_in(labels=np.full(5, -1))
    assert load_arrays("cifar10")[1] is None
    stand_in(features={"picture": tfds.features.Image(shape=(None, None, 3))})
    images, labels = load_arrays("cifar10")
    assert np.array_equal(images, IMAGES[:3])
    assert labels is None


def test_set_without_one_image_feature(stand_in):
    image = tfds.features.Image(shape=(None, None, 3))
    for features in ({"text": tfds.features.Text()}, {"left": image, "right": image}):
        stand_in(features=features)
        with pytest.raises(InputError, match="must have one image feature"):
            load("cifar10")


def test_images_of_different_sizes(stand_in, monkeypatch):
    builder = stand_in()
    examples = [{"image": IMAGES[0], "label": 0}, {"image": IMAGES[0, :5], "label": 1}]
    dataset = types.SimpleNamespace(as_numpy_iterator=lambda: iter(examples))
    monkeypatch.setattr(builder, "as_dataset", lambda split: dataset)
    with pytest.raises(InputError, match=r"need `image_size`.*\(5, 8, 3\) and \(6, 8, 3\)"):
        load("cifar10", batch_size=1)
    assert load_arrays("cifar10", image_size=4)[0].shape == (2, 4, 4, 3)


def test_no_network_is_told_at_once(stand_in, monkeypatch):
    builder = stand_in()

    def unreachable(url, timeout):
        assert timeout <= 5
        raise requests.exceptions.ConnectionError("no route to host")

    monkeypatch.setattr(requests, "head", unreachable)
    message = "without a network, .*folder of images instead. Received: ConnectionError: no route"
    with pytest.raises(InputError, match=message) as raised:
        load("cifar10")
    assert str(builder.data_path) in str(raised.value)
    assert builder.prepared == 0


def test_failed_download(stand_in):
    stand_in(error=ConnectionError("broken pipe\nlong story"))
    with pytest.raises(InputError, match=r"Received: ConnectionError: broken pipe$"):
        load("cifar10")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("mnist", "IDX files"), ("fashion_mnist", "dataset-fashion-mnist.*IDX files")],
)
def test_missing_idx_files_hint(stand_in, tmp_path, name, hint):
    stand_in(error=ConnectionError("offline"))
    with pytest.raises(InputError, match=hint):
        load(name, data_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("cifar_10", "cifar10"), ("fasion_mnist", "fashion_mnist"), ("Digits", "digits")],
)
def test_unknown_name_gives_the_nearest_and_downloads_nothing(monkeypatch, name, nearest):
    def forbidden(*args, **kwargs):
        raise AssertionError("network used")

    monkeypatch.setattr(requests.Session, "request", forbidden)
    with pytest.raises(InputError, match=f"nearest names are .*{nearest}.* Received: '{name}'"):
        load(name)


def test_name_without_neighbours():
    with pytest.raises(InputError, match=r"or arrays\. Received: 'zzqqzzqq'"):
        load("zzqqzzqq")


def test_unknown_config():
    with pytest.raises(InputError, match=r"must be able to make .* Received: cycle_gan/apple2pear"):
        load("cycle_gan/apple2pear")
