import numpy as np
import pytest
from PIL import Image

from keras_gans.data import load, load_arrays
from keras_gans.data.prepare import prepare, prepare_all
from keras_gans.errors import InputError
from tests.data.helpers import noise

pytestmark = pytest.mark.filterwarnings("ignore:Fewer than 500 images")


def test_unchanged_size_and_channels_return_the_same_pixels():
    image = noise(5, 7, 3)
    assert prepare(image) is image
    images = noise(2, 6, 6, 1)
    assert prepare_all(images, image_size=6, channels=1) is images


def test_constant_image_keeps_its_value_up_and_down():
    image = np.full((12, 12, 3), 93, np.uint8)
    for size in (1, 5, 30):
        assert np.array_equal(prepare(image, size), np.full((size, size, 3), 93))


def test_shrinking_a_checkerboard_gives_grey_not_moire():
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)[..., None]
    small = prepare(board, 8)[1:-1, 1:-1].astype(int)
    assert np.abs(small - 127.5).max() < 3


def test_crop_keeps_the_centred_square_and_stretch_keeps_all():
    image = np.zeros((4, 8, 1), np.uint8)
    image[:, 2:6] = 200  # exactly the centred square
    assert np.array_equal(prepare(image, 4), np.full((4, 4, 1), 200))
    stretched = prepare(image, 4, fit="stretch")
    assert stretched[0, 0, 0] < 20
    assert stretched[0, 2, 0] > 180
    assert np.array_equal(prepare(image.transpose(1, 0, 2), 4), np.full((4, 4, 1), 200))


def test_upscaling_is_smooth():
    image = np.array([[0, 0, 255, 255]] * 4, np.uint8)[..., None]
    row = prepare(image, 16)[8, :, 0]
    assert len(np.unique(row)) > 4
    assert row[0] < 10
    assert row[-1] > 245


def test_the_largest_centred_part_of_the_wanted_shape_is_kept():
    image = np.zeros((12, 30, 1), np.uint8)
    image[:, 6:24] = 200  # 12 by 18 in the middle.
    assert np.all(prepare(image, image_size=(6, 9)) == 200)
    assert prepare(image.transpose(1, 0, 2), image_size=[9, 6]).shape == (9, 6, 1)
    assert np.all(prepare(image.transpose(1, 0, 2), image_size=[9, 6]) == 200)
    assert np.any(prepare(image, image_size=(6, 9), fit="stretch") == 0)


def test_channels():
    grey = noise(4, 4, 1)
    colour = prepare(grey, channels=3)
    assert np.array_equal(colour, np.repeat(grey, 3, axis=-1))
    assert np.array_equal(prepare(colour, channels=1), grey)
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    assert np.all(prepare(red, channels=1) == 76)  # 0.299 * 255


@pytest.mark.parametrize(
    ("image_size", "channels", "fit"),
    [
        (None, None, "crop"),
        (6, None, "crop"),
        (6, None, "stretch"),
        (20, 1, "crop"),
        ((6, 9), 3, "crop"),
    ],
)
def test_same_pixels_give_the_same_result_from_every_source(tmp_path, image_size, channels, fit):
    images = noise(5, 12, 15, 3)
    folder = tmp_path / "folder"
    folder.mkdir()
    for index, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{index}.png")
    np.savez(tmp_path / "file.npz", x=images)
    options = {"image_size": image_size, "channels": channels, "fit": fit}
    expected, _ = load_arrays(images, **options)
    assert expected.dtype == np.uint8
    assert len(expected) == 5
    for source in (folder, str(tmp_path / "file.npz"), (images, np.arange(5))):
        assert np.array_equal(load_arrays(source, **options)[0], expected)
    for source, cache in ((images, True), (folder, True), (folder, False)):
        dataset = load(source, batch_size=5, shuffle=False, cache=cache, **options)
        (batch,) = list(dataset.as_numpy_iterator())
        assert np.array_equal(batch, expected.astype(np.float32) / 127.5 - 1)


def test_same_pixels_from_a_named_set_and_a_folder(tmp_path):
    images, _ = load_arrays("digits", split="test")
    for index, image in enumerate(images[:3]):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{index}.png")
    named = load_arrays("digits", split="test", image_size=16, channels=3)[0]
    assert np.array_equal(load_arrays(tmp_path, image_size=16, channels=3)[0], named[:3])


@pytest.mark.parametrize(
    "options",
    [
        {"image_size": 0},
        {"image_size": 8.0},
        {"image_size": True},
        {"image_size": (8, 0)},
        {"image_size": (8, 8, 8)},
        {"channels": 2},
        {"channels": "3"},
        {"fit": "pad"},
    ],
)
def test_bad_options(options):
    with pytest.raises(InputError, match=f"`{next(iter(options))}` must be .* Received: "):
        load("digits", **options)


def test_transparency_is_kept_or_laid_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., 0] = 200  # Red, wholly transparent on the left, half on the right.
    pixels[:, 2:, 3] = 128
    Image.fromarray(pixels).save(tmp_path / "image.png")
    folder = load_arrays(tmp_path)[0]
    assert folder.shape == (1, 4, 4, 3)
    assert folder[0, 0, 0].tolist() == [255, 255, 255]
    assert folder[0, 0, 3].tolist() == pytest.approx([227, 127, 127], abs=1)
    kept = load_arrays(tmp_path, channels=4)[0]
    assert kept[0, 0, 0].tolist() == [255, 255, 255, 0], "nobody sees its colour"
    assert kept[0, 0, 3].tolist() == [200, 0, 0, 128]
    np.testing.assert_array_equal(prepare(pixels, channels=3), folder[0])
    opaque = prepare(np.full((2, 2, 1), 7, np.uint8), channels=4)
    assert opaque[0, 0].tolist() == [7, 7, 7, 255]
    np.testing.assert_array_equal(prepare_all(pixels[None], channels=4), kept)
    assert prepare(pixels, image_size=2, channels=4).shape == (2, 2, 4)
