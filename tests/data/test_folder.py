import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load, load_arrays
from keras_gans.data.folder import decode
from keras_gans.errors import InputError


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


@pytest.fixture
def classes(tmp_path):
    for index, name in enumerate(["dog", "cat", "dog", "ant"]):
        save(tmp_path / "animals" / name / f"{index}.png", noise(6, 6, 3, seed=index))
    return tmp_path / "animals"


def test_class_folders(classes):
    (classes / "empty").mkdir()
    save(classes / ".hidden" / "9.png", noise(6, 6, 3))
    images, labels = load_arrays(classes)
    assert labels.tolist() == [0, 1, 2, 2]
    assert np.array_equal(images, [noise(6, 6, 3, seed=index) for index in (3, 1, 0, 2)])
    dataset = load(str(classes), labels=True, batch_size=4)
    assert dataset.class_names == ["ant", "cat", "dog"]
    assert (dataset.name, dataset.num_images) == ("animals", 4)
    assert dataset.image_shape == (6, 6, 3)


def test_flat_folder_has_no_labels_and_ignores_what_is_no_image(classes):
    save(classes / "b.PNG", noise(6, 6, seed=1))
    save(classes / "a.bmp", noise(6, 6, seed=2))
    save(classes / ".c.png", noise(6, 6))
    (classes / "notes.txt").write_text("not an image")
    images, labels = load_arrays(classes)
    assert np.array_equal(images[..., 0], [noise(6, 6, seed=2), noise(6, 6, seed=1)])
    assert labels is None
    assert load(classes, batch_size=1).class_names is None
    with pytest.raises(InputError, match="needs a source with labels"):
        load(classes, labels=True, batch_size=1)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".gif"])
def test_lossless_formats_give_the_pixels(tmp_path, suffix):
    pixels = np.zeros((5, 7, 3), np.uint8)
    pixels[1:3, 2:] = 255, 0, 51
    save(tmp_path / f"a{suffix}", pixels)
    assert np.array_equal(decode(tmp_path / f"a{suffix}"), pixels)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_formats_are_close(tmp_path, suffix):
    pixels = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    save(tmp_path / f"a{suffix}", pixels)
    read = decode(tmp_path / f"a{suffix}")
    assert read.shape == pixels.shape
    assert np.abs(read.astype(int) - pixels).max() < 6


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("L", (4, 4), value) for value in (10, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert np.unique(decode(tmp_path / "a.gif")).tolist() == [10]


def test_palette_becomes_colour(tmp_path):
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[0] = 255, 128, 0
    Image.fromarray(pixels).quantize(4).save(tmp_path / "a.png")
    assert np.array_equal(decode(tmp_path / "a.png"), pixels)


def test_alpha_is_laid_on_white(tmp_path):
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = 0, 255, 51
    save(tmp_path / "a.png", pixels)
    assert decode(tmp_path / "a.png").tolist() == [[[255] * 3, [0] * 3, [204] * 3]]
    save(tmp_path / "b.png", np.zeros((1, 3, 2), np.uint8))
    assert decode(tmp_path / "b.png").tolist() == [[[255], [255], [255]]]


def test_one_and_sixteen_bits_stay_grey(tmp_path):
    save(tmp_path / "a.png", np.array([[True, False]]))
    assert decode(tmp_path / "a.png").tolist() == [[[255], [0]]]
    values = np.array([[0, 257 * 100, 65535, 128, 129]], np.uint16)
    for name in ("b.png", "b.tif"):
        save(tmp_path / name, values)
        assert decode(tmp_path / name)[0, :, 0].tolist() == [0, 100, 255, 0, 1]


def test_exif_orientation(tmp_path):
    picture = Image.fromarray(noise(4, 6, 3))
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    picture.save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(decode(tmp_path / "a.png"), np.rot90(noise(4, 6, 3), -1))


def test_float_image_is_refused(tmp_path):
    save(tmp_path / "a.tif", np.zeros((3, 3), np.float32))
    with pytest.raises(InputError, match="mode F has no known range"):
        load(tmp_path)


@pytest.mark.parametrize("cache", [True, False])
def test_bad_image_is_named_or_skipped(classes, cache):
    content = (classes / "cat" / "1.png").read_bytes()
    (classes / "cat" / "broken.png").write_bytes(content[: len(content) // 2])
    (classes / "dog" / "text.jpg").write_text("not an image")
    with pytest.raises(InputError, match=r"decodable.*skip_bad_images=True.*broken\.png"):
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


def test_empty_folder(tmp_path):
    (tmp_path / "notes.txt").write_text("not an image")
    with pytest.raises(InputError, match=r"must hold.*\.png, .*Received: "):
        load(tmp_path)


def test_mixed_channels(tmp_path):
    save(tmp_path / "a.png", noise(4, 4, 3))
    save(tmp_path / "b.png", noise(4, 4))
    with pytest.raises(InputError, match=r"`channels=1` or `channels=3`.*b\.png.*a\.png"):
        load(tmp_path)
    assert load_arrays(tmp_path, channels=1)[0].shape == (2, 4, 4, 1)
    images, _ = load_arrays(tmp_path, channels=3)
    assert np.array_equal(images[1], np.repeat(noise(4, 4, 1), 3, axis=-1))


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
