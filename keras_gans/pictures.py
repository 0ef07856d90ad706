"""Images side by side in one picture, and pictures as files."""

import importlib.util
import io
import math
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.files import whole_file, whole_path, writable_folder

CHANNELS = (1, 3, 4)
"""Numbers of channels that pictures have: grey, RGB, RGBA."""

OPAQUE = ("JPEG", "BMP")
"""Formats without transparency that are written otherwise."""

CODECS = {".mp4": "libx264", ".webm": "libvpx-vp9"}
"""Of films, by their suffix."""

CELL = 48
"""The fewest pixels that an image's longer side has when the scale is picked for it."""


def image_grid(images, columns=None, padding=2, scale=None):
    """Puts images side by side, row after row, on a white ground.

    Args:
        images: uint8 array of shape (N, H, W, C), N at least 1, C 1 (grey), 3 (RGB) or 4 (RGBA),
            each 0..255.
        columns: Images in a row, at least 1. None lays them out as a near-square:
            the square root of N, rounded up.
        padding: White pixels between the images and around them, at least 0. Default 2.
        scale: Each pixel becomes scale x scale pixels (nearest neighbour), at least 1. None picks
            the smallest scale that makes the longer side of an image at least 48 pixels.

    Returns:
        uint8 array of shape (rows * (scale * H + padding) + padding,
        columns * (scale * W + padding) + padding, C). Cells without an image stay white.

    Raises:
        InputError: If `images` is no such array or another argument is out of its range.

    Example:
        >>> images = np.zeros((10, 28, 28, 1), "uint8")
        >>> image_grid(images, columns=5).shape
        (118, 292, 1)
    """
    images = np.asarray(images)
    if (
        images.dtype != np.uint8
        or images.ndim != 4
        or images.size == 0
        or images.shape[-1] not in CHANNELS
    ):
        raise InputError(
            "`images` must be a uint8 array of shape (N, H, W, 1), (N, H, W, 3) or (N, H, W, 4) "
            f"that is not empty. Received: {images.dtype} of shape {images.shape}."
        )
    count, height, width, channels = images.shape
    columns = math.ceil(math.sqrt(count)) if columns is None else columns
    scale = math.ceil(CELL / max(height, width)) if scale is None else scale
    check_whole_numbers(least=1, columns=columns)
    check_whole_numbers(least=0, padding=padding)
    check_whole_numbers(least=1, scale=scale)

    rows = math.ceil(count / columns)
    down, across = scale * height + padding, scale * width + padding
    grid = np.full((rows * down + padding, columns * across + padding, channels), 255, np.uint8)
    for index, image in enumerate(images.repeat(scale, axis=1).repeat(scale, axis=2)):
        row, column = divmod(index, columns)
        top, left = row * down + padding, column * across + padding
        grid[top : top + scale * height, left : left + scale * width] = image
    return grid


def save_image(path, image):
    """Writes one picture, such as that of `image_grid`, to a file.

    The file takes its name only once it is complete, so that it is never seen half-written.

    Args:
        path: The file, a string or path. Its suffix names the format, such as ".png" or ".jpg".
            The folder is created if needed.
        image: uint8 array of shape (H, W, 1) (grey), (H, W, 3) (RGB) or (H, W, 4) (RGBA), each
            0..255. Formats without transparency get it on white.

    Raises:
        InputError: If `image` is no such array, the suffix names no format that Pillow can
            write, or the file cannot be written.

    Example:
        >>> save_image("runs/samples.png", image_grid(model.generate(64)))
    """
    image = np.asarray(image)
    if (
        image.dtype != np.uint8
        or image.ndim != 3
        or image.size == 0
        or image.shape[-1] not in CHANNELS
    ):
        raise InputError(
            "`image` must be a uint8 array of shape (H, W, 1), (H, W, 3) or (H, W, 4) that is not "
            f"empty. Received: {image.dtype} of shape {image.shape}."
        )
    path = Path(path)
    form = Image.registered_extensions().get(path.suffix.lower())
    if form not in Image.SAVE:
        raise InputError(
            "The suffix of an image file must name a format that can be written, such as .png. "
            f"Received: {str(path)!r}."
        )
    if path.is_dir():
        raise InputError(f"An image file must not be a folder. Received: {str(path)!r}.")
    writable_folder(path.parent)
    picture = _picture(image)
    if picture.mode == "RGBA" and form in OPAQUE:
        picture = on_white(picture)
    write_picture(path, picture)


def write_picture(path, picture, **options):
    """Writes a Pillow image in the format of its suffix, whole or not at all.

    Args:
        path: The file.
        picture: The image.
        **options: Of the format, such as `quality=95`.

    Raises:
        InputError: If the format cannot hold such an image, or the file cannot be written.
    """
    content = io.BytesIO()
    form = Image.registered_extensions()[path.suffix.lower()]
    try:
        picture.save(content, form, **options)
    except (ValueError, OSError) as error:  # Some formats have a largest side.
        raise InputError(
            f"A picture must be one that its format can hold. Received: {picture.width}x"
            f"{picture.height} for {str(path)!r} ({error})."
        ) from error
    # On a full disk Pillow's own writing may leave a file cut off, and say nothing.
    with whole_file(path) as file:
        file.write(content.getbuffer())


def save_animation(path, frames, rate=16, scale=None):
    """Writes pictures that follow each other without end, such as those of `latent.walk`.

    Args:
        path: The file, which ends in ".gif", or in ".mp4" or ".webm" where the package
            imageio-ffmpeg is installed. The folder is created if needed.
        frames: uint8 array (N, H, W, C), C being 1, 3 or 4; what is transparent is on white.
        rate: Frames a second, at least 1. Default: 16.
        scale: Side in pixels of the square that shows one pixel, at least 1. Default: None,
            enough for a longer side of at least 48 pixels.

    Raises:
        InputError: If the suffix is another one, the frames are no such array, or the file cannot
            be written.

    Example:
        >>> save_animation("walk.gif", keras_gans.latent.walk(gan))
    """
    path, frames = Path(path), np.asarray(frames)
    check_animation(path)
    check_whole_numbers(rate=rate)
    is_array = frames.dtype == np.uint8 and frames.ndim == 4 and frames.size > 0
    if not is_array or frames.shape[-1] not in CHANNELS:
        raise InputError(
            "`frames` must be a uint8 array of shape (N, H, W, C), N at least 1, with 1, 3 or 4 "
            "channels. "
            f"Received: {frames.dtype} of shape {frames.shape}."
        )
    height, width = frames.shape[1:3]
    scale = math.ceil(CELL / max(height, width)) if scale is None else scale
    check_whole_numbers(scale=scale)
    frames = frames.repeat(scale, axis=1).repeat(scale, axis=2)
    pictures = [on_white(_picture(frame)) for frame in frames]
    writable_folder(path.parent)
    if path.suffix.lower() in CODECS:
        _save_film(path, pictures, rate)
        return
    first, *others = pictures
    options = {"save_all": True, "append_images": others, "loop": 0}
    with whole_file(path) as file:
        # The format counts in hundredths of a second, and viewers take 0 and 1 for 10.
        first.save(file, format="GIF", duration=max(2, round(100 / rate)) * 10, **options)


def check_animation(path):
    """Raises InputError unless `save_animation` can write a file of such a suffix."""
    kind = Path(path).suffix.lower()
    if kind not in (".gif", *CODECS):
        raise InputError(f"An animation ends in .gif, {', '.join(CODECS)}. Received: '{path}'.")
    if kind in CODECS and importlib.util.find_spec("imageio_ffmpeg") is None:
        raise InputError(
            f"Films need a package: `pip install imageio-ffmpeg`; .gif needs none. Received: "
            f"'{path}'."
        )


def _save_film(path, pictures, rate):
    import imageio_ffmpeg

    # Both codecs want even sides; a row or column of white is added to odd ones.
    width, height = (side + side % 2 for side in pictures[0].size)
    frames = []
    for picture in pictures:
        frames.append(Image.new("RGB", (width, height), "white"))
        frames[-1].paste(picture)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    command += ["-r", str(rate), "-i", "-", "-c:v", CODECS[path.suffix.lower()]]
    raw = b"".join(frame.tobytes() for frame in frames)
    with whole_path(path) as temporary:
        command += ["-crf", "18", "-b:v", "0", "-pix_fmt", "yuv420p", str(temporary)]
        done = subprocess.run(command, input=raw, capture_output=True, check=False)
        if done.returncode:
            raise OSError(done.stderr.decode(errors="replace").strip())


def on_white(picture):
    """Returns a Pillow image with transparency, laid on white, as RGB."""
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def png(image):
    """Returns one picture, uint8 of shape (H, W, 1, 3 or 4), as the bytes of a PNG file."""
    file = io.BytesIO()
    _picture(image).save(file, "PNG")
    return file.getvalue()


def _picture(image):
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
