import gzip

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_gans.data import load, load_arrays, named
from keras_gans.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    data = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.fixture
def idx_folder(tmp_path):
    rng = np.random.default_rng(0)
    for prefix, count, end in (("train", 7, ".gz"), ("t10k", 3, "")):
        images = rng.integers(256, size=(count, 28, 28))
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte{end}", images)
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte{end}", np.arange(count) % 10)
    return tmp_path


def test_digits_values_are_scikit_learns():
    images, labels = load_arrays("digits", split="all")
    digits = load_digits()
    assert images.shape == (1797, 8, 8, 1)
    assert np.array_equal(images[..., 0], np.round(digits.images * 255 / 16))
    assert images.max() == 255
    assert np.array_equal(labels, digits.target)


def test_digits_splits_are_disjoint_complete_and_stratified():
    everything, all_labels = load_arrays("digits", split="all")
    parts = [load_arrays("digits", split=split) for split in ("train", "test")]
    assert [len(images) for images, _ in parts] == [1442, 355]
    joined = np.concatenate([images for images, _ in parts]).reshape(1797, -1)
    assert np.array_equal(
        np.unique(joined, axis=0, return_counts=True)[1],
        np.unique(everything.reshape(1797, -1), axis=0, return_counts=True)[1],
    )
    assert np.array_equal(np.bincount(parts[1][1]), np.bincount(all_labels) // 5)
    fifth_seven = np.flatnonzero(all_labels == 7)[4]
    assert np.array_equal(parts[1][0][parts[1][1] == 7][0], everything[fifth_seven])


def test_digits_dataset():
    dataset = load("digits", labels=True, batch_size=100)
    batches = list(dataset.as_numpy_iterator())
    assert len(dataset) == len(batches) == 14
    assert dataset.name == "digits"
    assert dataset.image_shape == (8, 8, 1)
    assert dataset.class_names == list("0123456789")
    assert dataset.num_skipped == 0


@pytest.mark.parametrize("name", ["digits", "fashion_mnist"])
def test_unknown_split(name):
    with pytest.raises(InputError, match=r"\"train\", \"test\", \"all\"\. Received: 'validation'"):
        load(name, split="validation")


@pytest.mark.parametrize("end", ["", ".gz"])
def test_read_idx(tmp_path, end):
    array = np.arange(24).reshape(2, 3, 4)
    write_idx(tmp_path / f"a{end}", array)
    assert np.array_equal(named.read_idx(tmp_path / f"a{end}"), array)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a", b"", "header of unsigned bytes"),
        ("a", b"\0\0\x0d\1\0\0\0\1\0\0\0\0", "header of unsigned bytes"),
        ("a", b"\0\0\x08\3\0\0\0\1", "header of unsigned bytes"),
        ("a", b"\0\0\x08\1\0\0\0\3\7\7", r"3 bytes for shape \(3,\)"),
        ("a.gz", b"not packed", "must be readable"),
        ("a.gz", gzip.compress(b"\0\0\x08\1", mtime=0)[:-4], "must be readable"),
    ],
)
def test_broken_idx(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        named.read_idx(tmp_path / name)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx_folder(idx_folder, name):
    images, labels = load_arrays(name, data_dir=idx_folder)
    assert images.shape == (7, 28, 28, 1)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    rest = load_arrays(name, data_dir=str(idx_folder), split="test")
    assert len(rest[0]) == 3
    whole = load_arrays(name, data_dir=idx_folder, split="all")
    assert np.array_equal(whole[0], np.concatenate([images, rest[0]]))
    assert whole[1].tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]
    dataset = load(name, data_dir=idx_folder, batch_size=7)
    assert dataset.class_names[0] == {"mnist": "0", "fashion_mnist": "T-shirt/top"}[name]


def test_idx_names_with_a_dot(idx_folder):
    for path in list(idx_folder.iterdir()):
        path.rename(idx_folder / path.name.replace("-idx", ".idx"))
    assert len(load_arrays("mnist", data_dir=idx_folder)[0]) == 7


def test_incomplete_idx_folder(idx_folder):
    (idx_folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match=r"must hold t10k-labels-idx1-ubyte or .* Received: "):
        load("mnist", data_dir=idx_folder, split="test")


def test_idx_labels_must_belong_to_the_images(idx_folder):
    path = idx_folder / "t10k-labels-idx1-ubyte"
    write_idx(path, np.array([1, 2]))
    with pytest.raises(InputError, match=r"shape \(3,\)"):
        load("mnist", data_dir=idx_folder, split="test")
    write_idx(path, np.array([1, 2, 10]))
    with pytest.raises(InputError, match="from 0 to 9"):
        load("mnist", data_dir=idx_folder, split="test")


def test_fashion_mnist_of_the_debian_package():
    folder = named.FASHION_MNIST_DIR
    assert folder.is_dir(), f"install the Debian package dataset-fashion-mnist for {folder}"
    images, labels = load_arrays("fashion_mnist", split="test")
    assert images.shape == (10_000, 28, 28, 1)
    assert np.array_equal(np.bincount(labels), np.full(10, 1000))
    whole, _ = load_arrays("fashion_mnist", split="all")
    assert len(whole) == 70_000
    assert np.array_equal(whole[60_000:], images)


def test_data_dir_is_refused_where_it_means_nothing(tmp_path):
    with pytest.raises(InputError, match="`data_dir` is for"):
        load("digits", data_dir=tmp_path)
