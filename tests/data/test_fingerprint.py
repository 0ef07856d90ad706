import shutil

import numpy as np
import pytest

from keras_gans.data import fingerprint as module
from keras_gans.data import load
from keras_gans.data.arrays import Samples
from keras_gans.data.fingerprint import fingerprint
from keras_gans.data.loader import read_samples
from keras_gans.data.packed import pack
from tests.data.helpers import noise, save

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")
IMAGES = noise(6, 5, 5, 3)


def content(source, **options):
    return load(source, batch_size=1, **options).config["content"]


def test_the_same_content_anywhere(tmp_path):
    for index, image in enumerate(IMAGES):
        save(tmp_path / "photos" / f"{index}.png", image)
    shutil.copytree(tmp_path / "photos", tmp_path / "elsewhere" / "photos")
    pack(read_samples(tmp_path / "photos"), tmp_path / "pack")
    expected = content(IMAGES)
    for folder in ("photos", "elsewhere/photos", "pack"):
        for cache in (True, False):
            assert content(tmp_path / folder, cache=cache) == expected
    assert len(expected) == 16
    small = content(IMAGES, image_size=4)
    assert content(tmp_path / "photos", image_size=4, cache=False) == small != expected


def test_other_images_of_the_same_names_and_number(tmp_path):
    found = []
    for seed in range(2):
        for index in range(4):
            save(tmp_path / f"{index}.png", noise(5, 5, 3, seed=10 * seed + index))
        found.append(content(tmp_path))
    save(tmp_path / "3.png", noise(5, 5, 3, seed=30))
    found.append(content(tmp_path))
    assert len(set(found)) == 3


def test_with_grey_ones_among_the_coloured(tmp_path):
    save(tmp_path / "a.png", noise(4, 4, 3))
    save(tmp_path / "b.png", noise(4, 4))
    with pytest.warns(UserWarning, match="are grey"):
        lazy, cached = (content(tmp_path, cache=cache) for cache in (False, True))
    assert lazy == cached == content(tmp_path, channels=3)


def test_labels_count_where_they_are_trained_on():
    labels = np.arange(6)
    assert content((IMAGES, labels)) == content(IMAGES) == content((IMAGES, labels[::-1]))
    labelled = [content((IMAGES, order), labels=True) for order in (labels, labels[::-1])]
    assert len({*labelled, content(IMAGES)}) == 3


def test_many_images_are_sampled_evenly(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 4 * 12)
    images = noise(10, 2, 2, 3)  # 12 bytes each, so every third counts.
    whole = fingerprint(Samples("a", images))
    for index in range(10):
        other = images.copy()
        other[index] += 1
        assert (fingerprint(Samples("a", other)) == whole) == (index % 3 != 0)


def test_the_value_stays_what_checkpoints_hold():
    images = np.arange(24, dtype="uint8").reshape(2, 2, 2, 3)
    labels = np.array([0, 1], "int32")
    assert fingerprint(Samples("a", images, labels)) == "4ddd435c4ec05503"
    assert fingerprint(Samples("a", images, labels), labels=True) == "b5c229a344d9c6f4"
