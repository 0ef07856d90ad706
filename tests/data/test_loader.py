import warnings
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from keras_gans import data
from keras_gans.data import load, load_arrays
from keras_gans.data.arrays import Samples
from keras_gans.data.pipeline import to_dataset
from keras_gans.errors import InputError
from tests.data.helpers import noise, save

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")
# Image k has the value k on its left half and 0 on its right half.
IMAGES = np.zeros((40, 4, 4), np.uint8)
IMAGES[:, :, :2] = np.arange(1, 41)[:, None, None]
LABELS = np.arange(40)


def numbers(batch):
    """Returns which images of IMAGES a batch holds, flipped or not."""
    return np.round((batch.max(axis=(1, 2, 3)) + 1) * 127.5).astype(int)


def epoch(dataset):
    return np.concatenate([numbers(batch) for batch in dataset.as_numpy_iterator()]).tolist()


def test_values_and_type():
    dataset = load(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), batch_size=1)
    (batch,) = list(dataset.as_numpy_iterator())
    assert batch.dtype == np.float32
    assert np.array_equal(batch.ravel(), np.arange(256, dtype=np.float32) / 127.5 - 1)
    assert (batch.min(), batch.max()) == (-1, 1)


def test_static_shapes_and_length():
    dataset = load((IMAGES, LABELS), labels=True, batch_size=16)
    assert dataset.element_spec == (
        tf.TensorSpec((16, 4, 4, 1), tf.float32),
        tf.TensorSpec((16,), tf.int32),
    )
    assert len(dataset) == 2
    assert len(load(IMAGES, batch_size=16, drop_remainder=False, flip=True)) == 3


def test_without_shuffle_the_order_is_the_sources():
    dataset = load(IMAGES, batch_size=8, shuffle=False)
    assert epoch(dataset) == epoch(dataset) == list(range(1, 41))


def test_shuffle_is_complete_seeded_and_new_in_every_epoch():
    first, again = (load(IMAGES, batch_size=8, seed=3) for _ in range(2))
    other = load(IMAGES, batch_size=8, seed=4)
    epochs = [epoch(first) for _ in range(3)]
    assert epochs == [epoch(again) for _ in range(3)]
    assert epoch(other) != epochs[0]
    assert all(sorted(numbers) == list(range(1, 41)) for numbers in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_labels_stay_with_their_images():
    dataset = load((IMAGES, LABELS), labels=True, flip=True, batch_size=8)
    for batch, labels in dataset.as_numpy_iterator():
        assert np.array_equal(numbers(batch), labels + 1)


def test_flip_mirrors_half_of_the_images_anew_in_every_epoch():
    images = np.repeat(IMAGES[-1:], 400, axis=0)
    first, again = (load(images, flip=True, batch_size=50, seed=1) for _ in range(2))

    def flips(dataset):
        batches = np.concatenate(list(dataset.as_numpy_iterator()))
        is_flipped = batches[:, 0, 3, 0] > -1
        assert np.array_equal(is_flipped, batches[:, 0, 0, 0] == -1)
        return is_flipped

    epochs = [flips(first) for _ in range(2)]
    assert all(160 < is_flipped.sum() < 240 for is_flipped in epochs)
    assert not np.array_equal(*epochs)
    assert not np.array_equal(epochs[0][:50], epochs[0][50:100])
    assert np.array_equal(epochs, [flips(again) for _ in range(2)])


def test_no_flip_by_default():
    for batch in load(IMAGES, batch_size=8).as_numpy_iterator():
        assert np.all(batch[:, :, 2:] == -1)


def test_batches_are_deterministic_and_can_repeat():
    dataset = load(IMAGES, batch_size=8)
    assert dataset.options().deterministic
    assert sum(1 for _ in dataset.repeat(2)) == 10


def stream(dataset, count, *arguments):
    batches = dataset.stream(*arguments).take(count).as_numpy_iterator()
    return [numbers(batch).tolist() for batch in batches]


@pytest.mark.parametrize("drop_remainder", [True, False])
def test_a_stream_goes_on_from_any_place(drop_remainder):
    dataset = load(IMAGES, batch_size=12, seed=3, drop_remainder=drop_remainder)
    batches = stream(dataset, 10)
    assert batches == stream(load(IMAGES, batch_size=12, seed=3), 10) or not drop_remainder
    for place in range(10):
        assert stream(dataset, 10 - place, 12 * place) == batches[place:]
    assert stream(dataset, 5, 0, 2) == [
        a + b for a, b in zip(batches[::2], batches[1::2], strict=True)
    ]
    flat = [number for batch in batches for number in batch]
    epoch = 36 if drop_remainder else 40
    assert all(len(set(flat[start : start + epoch])) == epoch for start in (0, epoch, 2 * epoch))
    assert flat[:epoch] != flat[epoch : 2 * epoch]
    assert stream(load(IMAGES, batch_size=12, seed=4), 1) != batches[:1]


def test_no_batches_are_tuned_while_they_are_made():
    """An iterator whose autotuning sleeps, for up to a minute, is not deleted before it wakes."""
    dataset = load(IMAGES, batch_size=12)
    for batches in (dataset, dataset.stream()):
        assert batches.options().autotune.enabled is False


def test_a_stream_flips_anew_in_every_epoch_and_the_same_from_any_place():
    dataset = load(IMAGES, flip=True, batch_size=8, seed=1, shuffle=False)
    batches = np.stack(list(dataset.stream().take(10).as_numpy_iterator()))
    later = np.stack(list(dataset.stream(32).take(6).as_numpy_iterator()))
    assert np.array_equal(batches[4:], later)
    flipped = (batches[..., 0, 3, 0] > -1).reshape(2, 40)
    assert not np.array_equal(*flipped)
    assert 10 < flipped[0].sum() < 30


def test_image_size_of_a_named_set():
    dataset = load("digits", image_size=12, channels=3)
    assert dataset.image_shape == (12, 12, 3)
    assert next(dataset.as_numpy_iterator()).shape == (64, 12, 12, 3)


@pytest.mark.parametrize("name", ["shapes", "scene_maps"])
def test_drawn_sets_of_two_sides(name):
    assert load(name, image_size=(32, 48), count=64, channels=1).image_shape == (32, 48, 1)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None, True])
def test_bad_batch_size(batch_size):
    with pytest.raises(InputError, match="`batch_size` must be an integer of at least 1"):
        load(IMAGES, batch_size=batch_size)


def test_batch_larger_than_the_data():
    with pytest.raises(InputError, match="Received: batch_size=41 for 40 images"):
        load(IMAGES, batch_size=41)
    dataset = load(IMAGES, batch_size=41, drop_remainder=False)
    assert next(dataset.as_numpy_iterator()).shape == (40, 4, 4, 1)


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_bad_seed(seed):
    with pytest.raises(InputError, match="`seed` must be"):
        load(IMAGES, seed=seed)


@pytest.mark.parametrize("source", [IMAGES, "ring"])
def test_sources_without_splits(source):
    whole, _ = load_arrays(source, split="all")
    assert np.array_equal(load_arrays(source)[0], whole)
    with pytest.raises(InputError, match=r'"train", "all"\. Received: \'test\''):
        load(source, split="test")


@pytest.mark.parametrize(
    "source",
    ["missing.npz", "some/where", "/some/where/else", "~/nowhere-at-all/x", Path("cifar10")],
)
def test_missing_path(source):
    with pytest.raises(InputError, match=r"no such file or folder\. Received: "):
        load(source)


def test_other_files_and_types(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"must end in \.npz"):
        load(tmp_path / "a.png")
    for source in (None, 3, [IMAGES], (IMAGES, LABELS, LABELS)):
        with pytest.raises(InputError, match="must be a name, a path, a NumPy array"):
            load(source)


@pytest.mark.parametrize("count", [499, 500])
def test_few_images_are_told(tmp_path, recwarn, count):
    images = np.zeros((count, 1, 2), np.uint8)
    np.savez(tmp_path / "few.npz", x=images)
    for source, name in ((images, "arrays"), (tmp_path / "few.npz", "few")):
        if count < 500:
            told = rf"Fewer than 500 .* more images, `flip=True` .*Received: {name} with 499\."
            with pytest.warns(UserWarning, match=told):
                load(source)
        else:
            warnings.simplefilter("error")
            load(source)


def test_few_points_and_few_images_to_measure_on_are_not_told():
    warnings.simplefilter("error")
    load("ring", count=100)
    load("shapes", count=100)
    assert load("digits", split="test").num_images == 355


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_a_named_set_wins_over_a_folder_of_its_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / name / "1.png", noise(4, 4))
    told = f"`{name}` is the data set of that name; write `./{name}` for the folder"
    with pytest.warns(UserWarning, match=told) as warned:
        images, _ = load_arrays(name)
    assert len(warned) == 1
    assert len(images) > 1000
    for source in (f"./{name}", Path(name)):
        assert np.array_equal(load_arrays(source)[0], noise(1, 4, 4)[..., None])


def test_arrays_take_no_option_that_is_not_of_reading():
    for option in ("cache", "batch_size"):
        with pytest.raises(TypeError, match=option):
            load_arrays(IMAGES, **{option: 1})


def test_images_that_are_floats_already_are_taken_as_they_are():
    images = np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 3)).astype("float32")
    options = dict(batch_size=8, labels=False, seed=0, drop_remainder=True)
    plain = to_dataset(Samples("arrays", images), flip=False, shuffle=False, **options)
    (batch,) = list(plain.as_numpy_iterator())
    assert batch.dtype == np.float32
    assert np.array_equal(batch, images)
    assert np.array_equal(next(plain.stream().as_numpy_iterator()), images)
    assert (plain.name, plain.num_images, plain.image_shape) == ("arrays", 8, (4, 4, 3))
    flipped = to_dataset(Samples("arrays", images), flip=True, shuffle=False, **options)
    (batch,) = list(flipped.as_numpy_iterator())
    mirrored = [not np.array_equal(*pair) for pair in zip(batch, images, strict=True)]
    assert 0 < sum(mirrored) < 8
    assert np.array_equal(batch[mirrored], images[mirrored][:, :, ::-1])


def test_configuration_is_what_decides_the_batches():
    dataset = load((IMAGES, LABELS), labels=True, flip=True, batch_size=8, seed=2)
    config = dict(dataset.config)
    assert len(config.pop("content")) == 16
    assert config == {
        "name": "arrays",
        "num_images": 40,
        "image_shape": [4, 4, 1],
        "batch_size": 8,
        "labels": True,
        "flip": True,
        "shuffle": True,
        "seed": 2,
        "drop_remainder": True,
    }


def test_every_public_name_has_a_docstring():
    assert sorted(data.__all__) == data.__all__
    for name in data.__all__:
        value = getattr(data, name)
        assert not callable(value) or value.__doc__
