"""One image file becomes an array of 8-bit values."""

import io
import re
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps

from keras_gans.errors import InputError
from keras_gans.pictures import on_white

# Not "BGR;16", which has 5 or 6 bits for each value.
_RAW_MODE_OF_16_BITS = re.compile(";16[BLN]")


class Decoded(NamedTuple):
    """What an image file holds.

    Attributes:
        pixels: `uint8` array of shape (H, W, C). Grey images (also of 1 or 16 bits, rounded to 8)
            have C = 1; all others, palettes too unless their indices are kept, C = 3. Transparent
            pixels are laid on white, or images with some have C = 4.
        range_of_16_bits: The least and the largest value, in 0..65535, of a file of 16 bits for
            each value; None for other files.
    """

    pixels: np.ndarray
    range_of_16_bits: tuple | None


def decode(path, keep_alpha=False, keep_indices=False, to_srgb=False):
    """Reads one image file, turned as its EXIF orientation says.

    Args:
        path: A file that Pillow can read; of several frames the first is read.
        keep_alpha: Whether an image with transparency has it as a fourth channel. Default: False.
        keep_indices: Whether an image with a palette gives its indices, C = 1. Default: False.
        to_srgb: Whether colours are converted to sRGB if the file has a profile of them, such as a
            photo's Display P3; grey images are left as they are. Default: False.

    Returns:
        `Decoded`.

    Raises:
        InputError: If the file cannot be decoded, has values whose range is not known, or more
            pixels than Pillow allows.
    """
    try:
        with Image.open(path) as file:
            # Of coloured images Pillow keeps the upper 8 bits only; its raw mode alone tells it.
            has_16_bits = _RAW_MODE_OF_16_BITS.search(str(file.tile))
            picture = ImageOps.exif_transpose(file)
            if picture.mode in ("I", "F"):
                raise _unknown_range(path, picture)
            if picture.mode.startswith("I;16"):
                return _decode_grey_of_16_bits(picture)
            if picture.mode == "P" and keep_indices:
                return Decoded(np.asarray(picture)[..., None], None)
            picture = _in_srgb(picture) if to_srgb else picture
            is_grey = picture.mode in ("1", "L", "LA")
            found_range = _range_of_upper_bits(picture) if has_16_bits else None
            mode = "L" if is_grey else "RGB"
            if picture.has_transparency_data and keep_alpha:
                mode = "RGBA"
            elif picture.has_transparency_data:
                picture = on_white(picture)
            pixels = np.asarray(picture.convert(mode))
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(
            "An image file must not have more pixels than Pillow's limit, which keeps a small file "
            "from filling the memory: make it smaller first or, if it can be trusted, raise "
            "`PIL.Image.MAX_IMAGE_PIXELS`. "
            f"Received: {path} ({error})"
        ) from error
    except Exception as error:  # Pillow's many readers fail in many ways.
        raise InputError(f"An image file must be decodable. Received: {path} ({error})") from error
    return Decoded(pixels.reshape(*pixels.shape[:2], -1), found_range)


def alpha(path):
    """Returns the opacity of an image file's pixels, uint8 (H, W), or None if all are opaque.

    Args:
        path: A file that `decode` reads.
    """
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file)
        if not picture.has_transparency_data:
            return None
        return np.asarray(picture.convert("RGBA"))[..., 3]


def _in_srgb(picture):
    """Returns a picture in sRGB, or as it is without colours or a profile that can be used."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode in ("1", "L", "LA"):
        return picture
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    source = picture if picture.mode == "CMYK" else picture.convert(mode)
    try:
        profiles = io.BytesIO(profile), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(source, *profiles, outputMode=mode)
    except (ImageCms.PyCMSError, ImportError):  # Damaged, of other colours, or no LittleCMS.
        return picture


def _decode_grey_of_16_bits(picture):
    # Pillow's own conversion clips such values instead of scaling them.
    wide = np.asarray(picture).astype(np.uint32)
    pixels = ((wide + 128) // 257).astype(np.uint8)[..., None]
    return Decoded(pixels, (int(wide.min()), int(wide.max())))


def _range_of_upper_bits(picture):
    upper = np.asarray(picture.convert("RGB"))  # Without transparency.
    return int(upper.min()) << 8, int(upper.max()) << 8 | 255


def _unknown_range(path, picture):
    low, high = picture.getextrema()
    kind = "floats" if picture.mode == "F" else "signed or 32-bit integers"
    return InputError(
        "An image file must have 8 or 16 bits for each value, since the range of others is not "
        "known: bring all to 8 bits first, such as by `np.uint8(255 * (values - low) / (high - "
        "low))` with the same `low` and `high`. "
        f"Received: {path} with {kind} from {low:g} to {high:g}"
    )
