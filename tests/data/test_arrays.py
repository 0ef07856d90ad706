import zipfile

import numpy as np
import pytest

from keras_gans.data import load, load_arrays
from keras_gans.data.arrays import check_training_images, check_training_labels
from keras_gans.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")
IMAGES = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5)
LABELS = np.array([0, 2, 1, 2, 0, 0])


def test_array_without_channel_axis_is_grey():
    images, labels = load_arrays(IMAGES)
    assert np.array_equal(images, IMAGES[..., None])
    assert labels is None


def test_array_with_labels():
    dataset = load((IMAGES, LABELS), labels=True, batch_size=6, shuffle=False)
    ((batch, labels),) = list(dataset.as_numpy_iterator())
    assert batch.shape == (6, 4, 5, 1)
    assert labels.dtype == np.int32
    assert labels.tolist() == LABELS.tolist()
    assert dataset.class_names == ["0", "1", "2"]
    assert (dataset.name, dataset.num_images) == ("arrays", 6)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES.astype(np.float32), "must be uint8 .* Received: dtype float32"),
        (IMAGES.astype(np.int64), r"by `images\.astype\('uint8'\)` first"),
        (IMAGES[0], r"shape \(N, H, W\).* Received: shape \(4, 5\)"),
        (np.zeros((64, 64, 3), np.uint8), r"Received: shape \(64, 64, 3\)"),
        (np.zeros((2, 8, 8, 5), np.uint8), r"Received: shape \(2, 8, 8, 5\)"),
        (np.zeros((0, 8, 8, 3), np.uint8), "at least one"),
    ],
)
def test_bad_images(images, message):
    with pytest.raises(InputError, match=message):
        load(images)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS[:5], r"shape \(6,\)"),
        (LABELS[:, None, None], r"shape \(6, 1, 1\)"),
        (LABELS.astype(np.float32), "integers .* Received: float32"),
        (LABELS.astype(bool), "integers .* Received: bool"),
        (LABELS - 1, "from 0 to 65535. Received: -1 to 1"),
        (LABELS + 65534, "Received: 65534 to 65536"),
        (LABELS.tolist(), "must be a NumPy array. Received: list"),
    ],
)
def test_bad_labels(labels, message):
    with pytest.raises(InputError, match=message):
        load((IMAGES, labels))


@pytest.mark.parametrize(
    ("image_key", "label_key"),
    [("images", "labels"), ("x", "y"), ("x_train", "y_train"), ("arr_0", "arr_1")],
)
def test_npz_keys(tmp_path, image_key, label_key):
    path = tmp_path / "small.npz"
    np.savez(path, **{image_key: IMAGES, label_key: LABELS})
    images, labels = load_arrays(path)
    assert np.array_equal(images[..., 0], IMAGES)
    assert labels.tolist() == LABELS.tolist()
    assert load(str(path), batch_size=2).name == "small"
    np.savez(path, **{image_key: IMAGES, label_key: LABELS[:, None]})  # As Keras' own sets have it.
    assert load_arrays(path)[1].tolist() == LABELS.tolist()


def test_npz_without_labels(tmp_path):
    np.savez(tmp_path / "a.npz", x=IMAGES)
    assert load_arrays(tmp_path / "a.npz")[1] is None
    with pytest.raises(InputError, match="needs a source with labels"):
        load(tmp_path / "a.npz", labels=True)


def test_npz_without_images_names_what_it_has(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=IMAGES)
    with pytest.raises(InputError, match=r"images, x, x_train, arr_0.*with pictures"):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 broken"])
def test_unreadable_npz(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"must be readable .*a\.npz"):
        load(path)


def test_a_damaged_or_foreign_member_of_an_npz(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=np.random.default_rng(0).integers(0, 9, (50, 8, 8), "uint8"))
    content = bytearray(path.read_bytes())
    content[100:110] = bytes(255 - value for value in content[100:110])
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"must be readable .*a\.npz"):
        load(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x", b"no array")
    with pytest.raises(InputError, match="'x' is no array"):
        load(path)
    np.savez(path, images=IMAGES.astype("int64"))
    with pytest.raises(InputError, match=r"Received: dtype int64, in .*a\.npz"):
        load(path)


def test_plain_npy_and_pickles_are_refused(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, IMAGES)
    np.savez(tmp_path / "b.npz", x=np.array([{}], dtype=object))
    for name in ("a.npz", "b.npz"):
        with pytest.raises(InputError, match="must be readable"):
            load(tmp_path / name)


FLOATS = np.linspace(-1, 1, 2 * 4 * 5 * 1, dtype="float32").reshape(2, 4, 5, 1)


def test_images_that_can_be_trained_on():
    for dtype in ("float16", "float32", "float64"):
        check_training_images(FLOATS.astype(dtype), (4, 5, 1))
    check_training_images(1.0009 * FLOATS, [4, 5, 1])
    check_training_images(np.array([[-70.0, 900.0]]), (2,))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            IMAGES[..., None],
            r"as `kg\.data\.load\(\(images, labels\)\)` or as `images / 127\.5 - 1`\. "
            "Received: dtype uint8",
        ),
        (IMAGES[..., None].astype(int), "floats in .* Received: dtype int64"),
        (FLOATS > 0, "Received: dtype bool"),
        (FLOATS[..., 0], r"shape: \(N, 4, 5, 1\)\. Received: shape \(2, 4, 5\)"),
        (FLOATS[0], r"Received: shape \(4, 5, 1\)"),
        (FLOATS[:0], r"at least one, .* Received: shape \(0, 4, 5, 1\)"),
        (127.5 * (FLOATS + 1), r"in \[-1, 1\], as by .* Received: values from 0 to 255"),
        (1.002 * FLOATS, r"Received: values from -1\.002 to 1\.002"),
        (np.where(FLOATS > 0.9, np.nan, FLOATS), "must be finite. Received: values from nan"),
        (np.where(FLOATS > 0.9, np.inf, FLOATS), "must be finite. Received: values from -1 to inf"),
    ],
)
def test_images_that_cannot_be_trained_on(images, message):
    with pytest.raises(InputError, match=message):
        check_training_images(images, (4, 5, 1))


def test_points_must_be_finite():
    with pytest.raises(InputError, match="must be finite"):
        check_training_images(np.array([[0, np.inf]]), (2,))


def test_images_that_seem_to_be_in_the_upper_half_only():
    with pytest.warns(UserWarning, match=r"from 0 to 1 but should fill .*`2 \* images - 1`"):
        check_training_images((FLOATS + 1) / 2, (4, 5, 1))


def test_labels_that_can_be_trained_on():
    for dtype in ("int64", "uint8"):
        check_training_labels(LABELS.astype(dtype), 6, 3)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS[:5], r"integers of shape \(6,\), .* 0 to 2\. Received: int64 of shape \(5,\)\."),
        (LABELS[:, None], r"Received: int64 of shape \(6, 1\)"),
        (LABELS / 1, "Received: float64"),
        (LABELS + 1, "Received: .*, from 1 to 3"),
        (LABELS - 1, "Received: .*, from -1 to 1"),
    ],
)
def test_labels_that_cannot_be_trained_on(labels, message):
    with pytest.raises(InputError, match=message):
        check_training_labels(labels, 6, 3)
