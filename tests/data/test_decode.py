import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from keras_gans.data import decode as module
from keras_gans.data.listing import SUFFIXES
from keras_gans.errors import InputError
from tests.data.helpers import noise, save


def decode(path):
    return module.decode(path).pixels


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".tiff", ".gif"])
def test_lossless_formats_give_the_pixels(tmp_path, suffix):
    pixels = np.zeros((5, 7, 3), np.uint8)
    pixels[1:3, 2:] = 255, 0, 51
    save(tmp_path / f"a{suffix}", pixels)
    assert np.array_equal(decode(tmp_path / f"a{suffix}"), pixels)


LOSSY = [".jpg", ".jpeg", ".jfif", ".webp", ".avif"]


@pytest.mark.parametrize("suffix", [suffix for suffix in LOSSY if suffix in SUFFIXES])
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


def test_indices_of_a_palette_are_kept_if_asked_for(tmp_path):
    indices = np.array([[2, 0, 1]], np.uint8)
    picture = Image.fromarray(indices, "P")
    picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture.save(tmp_path / "a.png", transparency=1)
    found = module.decode(tmp_path / "a.png", keep_indices=True).pixels
    assert np.array_equal(found, indices[..., None])
    save(tmp_path / "b.png", np.zeros((1, 3, 3), np.uint8))
    assert module.decode(tmp_path / "b.png", keep_indices=True).pixels.shape == (1, 3, 3)


def swapped_profile():
    """Returns a profile of sRGB whose red is called green and whose green is called red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = [profile.index(tag) for tag in (b"rXYZ", b"gXYZ")]
    places = [profile[k + 4 : k + 12] for k in at]
    for k, place in zip(at, places[::-1], strict=True):
        profile[k + 4 : k + 12] = place
    return bytes(profile)


def test_colours_with_a_profile_become_srgb_if_asked_for(tmp_path):
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [80, 80, 80], [30, 200, 90]]], np.uint8)
    clear = np.concatenate([pixels, np.uint8([[[255], [255], [0], [128]]])], axis=-1)
    for name, values in (("a.png", pixels), ("b.png", clear), ("c.png", pixels[..., 0])):
        Image.fromarray(values).save(tmp_path / name, icc_profile=swapped_profile())
    swapped = pixels[..., [1, 0, 2]].astype(int)
    found = module.decode(tmp_path / "a.png", to_srgb=True).pixels
    assert np.abs(found - swapped).max() <= 2
    found = module.decode(tmp_path / "b.png", keep_alpha=True, to_srgb=True).pixels
    assert np.abs(found[..., :3] - swapped).max() <= 2
    assert np.array_equal(found[..., 3], clear[..., 3])
    assert np.array_equal(decode(tmp_path / "a.png"), pixels), "not for training"
    grey = module.decode(tmp_path / "c.png", to_srgb=True).pixels
    assert np.array_equal(grey, pixels[..., :1])


def test_a_profile_that_cannot_be_used_is_passed_over(tmp_path):
    pixels = noise(3, 3, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png", icc_profile=b"no profile")
    found = module.decode(tmp_path / "a.png", to_srgb=True).pixels
    assert np.array_equal(found, pixels)


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


def write_png_of_16_bits(path, values):
    """Writes a coloured PNG of 16 bits for each value, which Pillow can only read."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width, _ = values.shape
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def test_range_of_16_bits(tmp_path):
    save(tmp_path / "grey.png", np.array([[3, 4095]], np.uint16))
    assert module.decode(tmp_path / "grey.png").range_of_16_bits == (3, 4095)
    write_png_of_16_bits(tmp_path / "colour.png", np.array([[[256, 4000, 300]]]))
    pixels, found = module.decode(tmp_path / "colour.png")
    assert pixels.tolist() == [[[1, 15, 1]]]
    assert found == (256, 4095), "as far as the upper 8 bits tell"
    save(tmp_path / "usual.png", noise(3, 3, 3))
    assert module.decode(tmp_path / "usual.png").range_of_16_bits is None


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (np.array([[0.25, -3.5]], np.float32), "floats from -3.5 to 0.25"),
        (np.array([[0, 100_000]], np.int32), "signed or 32-bit integers from 0 to 100000"),
    ],
)
def test_values_of_unknown_range_are_refused(tmp_path, values, found):
    save(tmp_path / "a.tif", values)
    rule = r"8 or 16 bits for each value.*np\.uint8\(255 \* .*same `low` and `high`"
    with pytest.raises(InputError, match=rf"{rule}\. Received: .*a\.tif with {found}$"):
        decode(tmp_path / "a.tif")


def test_more_pixels_than_pillow_allows(tmp_path, monkeypatch):
    save(tmp_path / "a.png", noise(5, 6))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    with pytest.warns(Image.DecompressionBombWarning):  # Pillow's error begins at twice as many.
        decode(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    rule = "more pixels than Pillow's limit.*make it smaller.*PIL.Image.MAX_IMAGE_PIXELS"
    with pytest.raises(InputError, match=rf"{rule}.*a\.png .*30 pixels.* exceeds limit"):
        decode(tmp_path / "a.png")
