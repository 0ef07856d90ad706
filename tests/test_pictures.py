import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image, ImageSequence

from keras_gans.errors import InputError
from keras_gans.pictures import image_grid, save_animation, save_image
from tests.metrics.full_disk import files_up_to


def images(count, height=4, width=6, channels=3):
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (count, height, width, channels), dtype=np.uint8)


def test_every_image_lies_in_its_cell_and_the_rest_is_white():
    batch = images(5)
    grid = image_grid(batch, columns=3, padding=1, scale=1)
    assert grid.shape == (2 * 5 + 1, 3 * 7 + 1, 3)
    assert grid.dtype == np.uint8
    expected = np.full_like(grid, 255)
    for index, (top, left) in enumerate([(1, 1), (1, 8), (1, 15), (6, 1), (6, 8)]):
        expected[top : top + 4, left : left + 6] = batch[index]
    np.testing.assert_array_equal(grid, expected)


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (5, 2, 3), (9, 3, 3), (7, 3, 3)])
def test_the_default_layout_is_near_square(count, rows, columns):
    grid = image_grid(images(count, 48, 48), padding=0)
    assert grid.shape == (rows * 48, columns * 48, 3)


def test_scale_repeats_pixels():
    batch = images(1, 2, 2, 1)
    grid = image_grid(batch, padding=0, scale=3)
    np.testing.assert_array_equal(grid, np.kron(batch[0], np.ones((3, 3, 1), np.uint8)))


@pytest.mark.parametrize(("side", "scale"), [(16, 3), (28, 2), (32, 2), (47, 2), (48, 1), (64, 1)])
def test_the_default_scale_makes_small_images_visible(side, scale):
    assert image_grid(images(1, side, side), padding=0).shape == (side * scale, side * scale, 3)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((2, 4, 4, 1), "float32"),
        np.zeros((4, 4, 1), "uint8"),
        np.zeros((2, 4, 4, 2), "uint8"),
        np.zeros((0, 4, 4, 1), "uint8"),
    ],
)
def test_what_is_no_batch_of_images_is_refused(bad):
    with pytest.raises(InputError, match=r"uint8 array of shape \(N, H, W, 1\).*Received: "):
        image_grid(bad)


@pytest.mark.parametrize("bad", [{"columns": 0}, {"padding": -1}, {"scale": 0}, {"columns": 1.5}])
def test_a_layout_out_of_range_is_refused(bad):
    with pytest.raises(InputError, match=f"`{next(iter(bad))}` must be an integer of at least"):
        image_grid(images(2), **bad)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_saved_image_reads_back_the_same(tmp_path, channels):
    picture = images(1, channels=channels)[0]
    path = tmp_path / "new" / "picture.png"
    save_image(path, picture)
    with Image.open(path) as image:
        assert image.mode == {1: "L", 3: "RGB"}[channels]
        np.testing.assert_array_equal(np.asarray(image).reshape(picture.shape), picture)
    assert [p.name for p in path.parent.iterdir()] == ["picture.png"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(tmp_path, suffix):
    path = tmp_path / f"picture.{suffix}"
    save_image(path, images(1)[0])
    before = path.read_bytes()
    with files_up_to(20), pytest.raises(InputError, match="needs room on the disk"):
        save_image(path, 255 - images(1)[0])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_that_its_format_cannot_hold_is_refused(tmp_path):
    for name in ("wide.jpg", "wide.webp"):
        with pytest.raises(InputError, match=r"its format can hold. Received: 70000x1 for "):
            save_image(tmp_path / name, np.zeros((1, 70_000, 3), "uint8"))
    assert not list(tmp_path.iterdir())


def test_a_save_that_cannot_work_is_refused(tmp_path):
    picture = images(1)[0]
    for name in ("picture.xyz", "picture"):
        with pytest.raises(InputError, match=r"suffix.*Received: "):
            save_image(tmp_path / name, picture)
    with pytest.raises(InputError, match=r"uint8 array of shape \(H, W, 1\)"):
        save_image(tmp_path / "picture.png", picture / 255)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match="must not be a folder"):
        save_image(tmp_path / "folder.png", picture)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder must be one that can be created"):
        save_image(tmp_path / "file" / "picture.png", picture)


def test_transparency_is_written_where_the_format_has_it(tmp_path):
    images = np.zeros((3, 8, 8, 4), np.uint8)
    save_image(tmp_path / "grid.png", image_grid(images, scale=1))
    save_image(tmp_path / "grid.jpg", image_grid(images, scale=1))
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((0, 0)) == (255, 255, 255, 255)
        assert picture.getpixel((4, 4))[3] == 0
    with Image.open(tmp_path / "grid.jpg") as picture:
        assert picture.getpixel((4, 4)) == pytest.approx((255, 255, 255), abs=3)


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webm"])
def test_an_animation_has_its_frames_one_after_the_other(suffix, tmp_path):
    frames = np.zeros((5, 15, 20, 3), np.uint8)
    frames[range(5), :, range(0, 20, 4)] = 255  # A line that moves to the right.
    path = tmp_path / "new" / f"walk{suffix}"
    save_animation(path, frames, rate=10, scale=4)
    found = decoded(path)
    assert found.shape == (5, 60, 80, 3)
    assert [int(frame.mean(axis=(0, 2)).argmax()) // 16 for frame in found] == [*range(5)]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def decoded(path):
    """Returns the frames of an animation, uint8 (N, H, W, 3)."""
    if path.suffix == ".gif":
        with Image.open(path) as file:
            assert file.info["duration"] == 100
            assert file.info["loop"] == 0
            return np.stack(
                [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(file)]
            )
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo"]
    done = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    width, height = re.search(r"Video: .* (\d+)x(\d+)", done.stderr.decode()).groups()
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, int(height), int(width), 3)


def test_odd_sides_grey_and_transparency_become_a_film(tmp_path):
    for channels in (1, 4):
        path = tmp_path / f"{channels}.mp4"
        save_animation(path, np.full((3, 49, 51, channels), 200, np.uint8))
        assert decoded(path).shape == (3, 50, 52, 3)


def test_animations_that_cannot_be_written(tmp_path, monkeypatch):
    frames = np.zeros((2, 8, 8, 1), np.uint8)
    with pytest.raises(InputError, match=r"ends in .gif, .mp4, .webm. Received: 'x.avi'"):
        save_animation("x.avi", frames)
    with pytest.raises(InputError, match="`frames` must be a uint8 array .* float64"):
        save_animation(tmp_path / "x.gif", frames / 255)
    with pytest.raises(InputError, match="`rate` must be an integer of at least 1"):
        save_animation(tmp_path / "x.gif", frames, rate=0)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="`pip install imageio-ffmpeg`"):
        save_animation(tmp_path / "x.mp4", frames)
    assert not list(tmp_path.iterdir())
