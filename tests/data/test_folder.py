import numpy as np
import pytest
import tqdm

from keras_gans.data import folder as module
from keras_gans.data import load, load_arrays
from keras_gans.errors import InputError
from tests.data.helpers import noise, save

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")


@pytest.fixture
def classes(tmp_path):
    for index, name in enumerate(["dog", "cat", "dog", "ant"]):
        save(tmp_path / "animals" / name / f"{index}.png", noise(6, 6, 3, seed=index))
    return tmp_path / "animals"


def test_class_folders(classes):
    save(classes / ".hidden" / "9.png", noise(6, 6, 3))
    images, labels = load_arrays(classes)
    assert labels.tolist() == [0, 1, 2, 2]
    assert np.array_equal(images, [noise(6, 6, 3, seed=index) for index in (3, 1, 0, 2)])
    dataset = load(str(classes), labels=True, batch_size=4)
    assert dataset.class_names == ["ant", "cat", "dog"]
    assert (dataset.name, dataset.num_images) == ("animals", 4)
    assert dataset.image_shape == (6, 6, 3)


def test_an_empty_class_keeps_its_label(classes):
    (classes / "bee").mkdir()
    with pytest.warns(UserWarning, match="keep their label numbers: bee") as warned:
        dataset = load(classes, labels=True, batch_size=4, shuffle=False)
    assert len(warned) == 2, "this one, and that of the few images"
    ((_, labels),) = list(dataset.as_numpy_iterator())
    assert labels.tolist() == [0, 2, 3, 3]
    assert dataset.class_names == ["ant", "bee", "cat", "dog"]


def test_flat_folder_has_no_labels(tmp_path):
    save(tmp_path / "b.PNG", noise(6, 6, seed=1))
    save(tmp_path / "a.bmp", noise(6, 6, seed=2))
    (tmp_path / "notes.txt").write_text("not an image")
    with pytest.warns(UserWarning, match=r"left out: 1 x \.txt \(notes\.txt\)"):
        images, labels = load_arrays(tmp_path)
    assert np.array_equal(images[..., 0], [noise(6, 6, seed=2), noise(6, 6, seed=1)])
    assert labels is None
    (tmp_path / "notes.txt").unlink()
    assert load(tmp_path, batch_size=1).class_names is None
    with pytest.raises(InputError, match="needs a source with labels"):
        load(tmp_path, labels=True, batch_size=1)


def test_the_name_is_the_folders_own(classes, monkeypatch):
    monkeypatch.chdir(classes)
    for source in (".", "../animals/", "./", classes):
        assert load(source, batch_size=1).name == "animals"


@pytest.mark.parametrize("cache", [True, False])
def test_bad_image_is_named_or_skipped(classes, cache):
    content = (classes / "cat" / "1.png").read_bytes()
    (classes / "cat" / "broken.png").write_bytes(content[: len(content) // 2])
    (classes / "dog" / "text.jpg").write_text("not an image")
    with pytest.raises(InputError, match=r"decodable; `skip_bad_images=True` .*broken\.png"):
        load(classes, batch_size=2, cache=cache)
    options = {"labels": True, "batch_size": 4, "shuffle": False, "cache": cache}
    dataset = load(classes, skip_bad_images=True, **options)
    assert (dataset.num_skipped, dataset.num_images) == (2, 4)
    ((_, labels),) = list(dataset.as_numpy_iterator())
    assert labels.tolist() == [0, 1, 2, 2]


def test_only_bad_images(tmp_path):
    (tmp_path / "a.png").write_text("not an image")
    with pytest.raises(InputError, match=r"at least one that can be decoded.* with 1 bad files"):
        load(tmp_path, skip_bad_images=True)


@pytest.mark.parametrize("cache", [True, False])
def test_grey_ones_among_the_coloured_become_coloured(tmp_path, cache):
    for index, shape in enumerate([(5, 5, 3), (5, 5), (5, 5, 3), (5, 5)]):
        save(tmp_path / f"{index}.png", noise(*shape, seed=index))
    counts = r"2 of 4 images are grey \(such as .*1\.png\) .*in colour \(such as .*0\.png\)"
    with pytest.warns(UserWarning, match=counts) as warned:
        dataset = load(tmp_path, batch_size=4, image_size=4, shuffle=False, cache=cache)
    assert len(warned) == 2, "this one, and that of the few images"
    expected, _ = load_arrays(tmp_path, image_size=4, channels=3)
    (batch,) = list(dataset.as_numpy_iterator())
    assert np.array_equal(batch, expected.astype("float32") / 127.5 - 1)
    assert np.array_equal(
        load_arrays(tmp_path, channels=3)[0][1], np.dstack([noise(5, 5, seed=1)] * 3)
    )
    assert load_arrays(tmp_path, channels=1)[0].shape == (4, 5, 5, 1)


def test_12_bits_in_16_are_told(tmp_path):
    save(tmp_path / "a.png", np.array([[7, 100]], np.uint16))
    save(tmp_path / "b.png", np.array([[90, 4090]], np.uint16))
    told = r"2 of 2 images have 16 bits .* from 7 to 4090 only, .* multiply .* by 16 before"
    with pytest.warns(UserWarning, match=told):
        images, _ = load_arrays(tmp_path)
    assert images.ravel().tolist() == [0, 0, 0, 16]
    save(tmp_path / "c.png", np.array([[0, 65535]], np.uint16))
    load_arrays(tmp_path)  # One uses the whole range: nothing is told.


@pytest.mark.parametrize("fit", ["crop", "stretch"])
def test_images_that_are_enlarged_much_are_told(tmp_path, fit):
    save(tmp_path / "a.png", noise(1, 200))
    save(tmp_path / "b.png", noise(32, 40))
    told = r"1 of 2 images are enlarged more than 2 times to 64x64 .*\(such as .*a\.png of 200x1\)"
    with pytest.warns(UserWarning, match=told):
        load_arrays(tmp_path, image_size=64, fit=fit)
    (tmp_path / "a.png").unlink()
    load_arrays(tmp_path, image_size=64, fit=fit)


def test_mixed_sizes(tmp_path):
    save(tmp_path / "a.png", noise(4, 6, 3))
    save(tmp_path / "b.png", noise(5, 6, 3))
    with pytest.raises(InputError, match=r"`image_size`.*6x4 \(.*a\.png\) and 6x5 \(.*b\.png\)"):
        load(tmp_path)
    assert load_arrays(tmp_path, image_size=4)[0].shape == (2, 4, 4, 3)


def test_without_cache_the_batches_are_the_same(classes):
    options = {"image_size": 4, "batch_size": 3, "labels": True, "seed": 5, "flip": True}
    options["drop_remainder"] = False
    cached, lazy = (load(classes, cache=cache, **options) for cache in (True, False))
    assert lazy.element_spec[0].shape.as_list() == [None, 4, 4, 3]
    for _ in range(2):
        pairs = zip(cached.as_numpy_iterator(), lazy.as_numpy_iterator(), strict=True)
        for (images, labels), (lazy_images, lazy_labels) in pairs:
            assert np.array_equal(images, lazy_images)
            assert np.array_equal(labels, lazy_labels)


def test_a_bar_shows_only_if_reading_takes_long(classes, capsys, monkeypatch):
    load_arrays(classes)
    assert capsys.readouterr().err == ""

    def slow(images, **options):
        assert options["delay"] == 1
        return tqdm.std.tqdm(images, **options | {"delay": 0, "mininterval": 0})

    monkeypatch.setattr(module.tqdm, "tqdm", slow)
    load_arrays(classes)
    shown = capsys.readouterr().err
    assert "Reading: " in shown
    assert "4/4" in shown
    assert shown.split("\r")[-2].strip() == shown.split("\r")[-1] == "", "no trace is left"
