"""Which files of a folder are its images, and what is left out."""

import collections
import contextlib
import dataclasses
import os
from pathlib import Path

from PIL import ExifTags, Image

from keras_gans.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff")
if ".avif" in Image.registered_extensions():  # Pillow can be built without it.
    SUFFIXES += (".avif",)
MOST_KINDS = 5
MOST_NAMES = 5


@dataclasses.dataclass
class Listing:
    """The images of a folder.

    Attributes:
        paths: Their files, class by class, sorted by name.
        labels: The class number of each, or None if they lie directly in the folder.
        class_names: The names of the sub-folders, sorted, or None.
        warning: One sentence on what is left out and on classes without images, or None.
    """

    paths: list
    labels: list | None = None
    class_names: list | None = None
    warning: str | None = None


def list_images(folder):
    """Lists the images that lie directly in a folder, or in its sub-folders, one for each class.

    Hidden files and folders are ignored. A class without images keeps its number, so that
    labels mean the same in another folder with the same classes.

    Args:
        folder: The folder, a `pathlib.Path`.

    Returns:
        `Listing`.

    Raises:
        InputError: If there are no images, or some directly in the folder and some in sub-folders,
            or a folder cannot be read.
    """
    direct, folders, others = _look_into(folder)
    classes, deeper = {}, []
    for path in folders:
        try:
            classes[path.name], below, more = _look_into(path)
        except InputError:
            if not direct:
                raise
            others.append(path)  # Of no use here: images lie directly in the folder.
            continue
        others += more
        for further in below:
            with contextlib.suppress(InputError):
                deeper += _look_into(further)[0]
    in_classes = sum(map(len, classes.values()))
    left_out = _count_kinds(folder, others, deeper)
    if direct and in_classes:
        filled = [name for name, paths in classes.items() if paths]
        raise InputError(
            "Images must lie either directly in a folder, without labels, or in its sub-folders, "
            "one for each class: move one kind elsewhere, or give one of the sub-folders. "
            f"Received: {folder} with {len(direct):,} directly in it (such as {direct[0].name}) "
            f"and {in_classes:,} in sub-folders ({_first_names(filled)})"
        )
    if not direct and not in_classes:
        raise InputError(
            "A folder of images must hold, directly or in its sub-folders but not further down, "
            f"files that end in {', '.join(SUFFIXES)}. Received: {folder} with "
            f"{left_out or 'none of them'}"
        )
    notes = []
    if left_out:
        notes.append(
            f"has files that are left out: {left_out} (only those that end in "
            f"{', '.join(SUFFIXES)}, in the folder or its sub-folders but not further down, are "
            "read)"
        )
    if direct:
        return Listing(direct, warning=_warning(folder, notes))
    if empty := [name for name, paths in classes.items() if not paths]:
        notes.append(
            f"has classes without images, which keep their label numbers: {_first_names(empty)}"
        )
    return Listing(
        [path for paths in classes.values() for path in paths],
        [label for label, paths in enumerate(classes.values()) for _ in paths],
        list(classes),
        _warning(folder, notes),
    )


def common_size(folder):
    """Returns width and height in pixels that a folder's images share, or None if they do not.

    Only the files' headers are read; those that cannot be read do not count.

    Args:
        folder: See `list_images`.

    Raises:
        InputError: As `list_images` does.
    """
    sizes = set()
    for path in list_images(Path(folder).expanduser()).paths:
        sizes |= {size_in_header(path)} - {None}
        if len(sizes) > 1:
            return None
    return next(iter(sizes), None)


def size_in_header(path):
    """Returns width and height in pixels of an image as seen, or None if it cannot be read."""
    try:
        with Image.open(path) as file:
            # That of a PNG file itself would decode the image, lest it come behind.
            lies = Image.Image.getexif(file).get(ExifTags.Base.Orientation, 1) >= 5
            return file.size[::-1] if lies else file.size
    except Exception:  # Pillow's many readers fail in many ways; decoding says how.
        return None


def _look_into(folder):
    """Returns the images, the sub-folders and all other names of a folder, each sorted."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise InputError(
            f"A folder of images must be readable. Received: {folder} ({error.strerror})"
        ) from error
    images, folders, others = [], [], []
    for path in (folder / name for name in names):
        if os.path.isfile(path):
            (images if path.suffix.lower() in SUFFIXES else others).append(path)
        else:
            (folders if os.path.isdir(path) else others).append(path)
    return images, folders, others


def _count_kinds(folder, others, deeper):
    """Returns how many files of each kind are left out, with an example each, as words."""
    kinds = collections.defaultdict(list)
    for path in others:
        if os.path.isdir(path):
            kinds["folder that cannot be read"].append(path)
        elif not os.path.isfile(path):
            kinds["broken link"].append(path)
        else:
            kinds[path.suffix.lower() or "file without suffix"].append(path)
    if deeper:
        kinds["image further down"] = deeper
    common = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    words = [
        f"{len(paths):,} x {kind} ({Path(paths[0]).relative_to(folder)})"
        for kind, paths in common[:MOST_KINDS]
    ]
    if rest := sum(len(paths) for _, paths in common[MOST_KINDS:]):
        words.append(f"{rest:,} x others")
    return ", ".join(words)


def _first_names(names):
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _warning(folder, notes):
    return f"The folder {folder} {'; it '.join(notes)}." if notes else None
