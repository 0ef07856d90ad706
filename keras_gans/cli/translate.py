"""`keras-gans translate`: image files, brought to the other domain by a trained model."""

import pathlib
import sys
import warnings

import tqdm

from keras_gans.errors import InputError
from keras_gans.files import check_new_folder, writable_folder
from keras_gans.models.loading import load_model
from keras_gans.pictures import write_picture

WRITTEN = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
"""Suffixes that stay; images of other kinds become .png."""
WITH_ALPHA = {".png", ".webp", ".tif", ".tiff"}
HANDFUL = 5
"""So many images need no progress bar, and so many names are in an error."""


def translate(arguments):
    """Translates files and folders, and names each file that has to be left out.

    Raises:
        InputError: If there is nothing to do, or some images could not be translated.
        WriteError: If one cannot be written; then no more are tried.
    """
    paths = _outputs(arguments.images, pathlib.Path(arguments.output))
    model = load_model(arguments.model)
    if not hasattr(model, "translate"):
        raise InputError(
            "`translate` takes a model that makes images from images, such as a CycleGAN. "
            f"Received: a {type(model).__name__}."
        )
    if arguments.to not in model.translators:
        raise InputError(
            f"`--to` is {' or '.join(model.translators)} for a {type(model).__name__}. "
            f"Received: {arguments.to}."
        )
    if arguments.seed is not None and not model.has_noise:
        raise InputError(
            f"`--seed` is for models with noise in use. Received: a {type(model).__name__}."
        )
    writable_folder(arguments.output)
    failed, taken = [], set(map(_folded, paths.values()))
    bar = dict(desc="Translating", unit="image", leave=False, disable=len(paths) <= HANDFUL)
    for source, target in tqdm.tqdm(paths.items(), **bar):
        try:
            picture, target = _translated(model, source, target, arguments, taken)
        except InputError as error:
            failed.append(str(source))
            named = "" if str(source) in str(error) else f"{source}: "
            tqdm.tqdm.write(f"Left out: {named}{error}", file=sys.stderr)
        else:  # On a full disk there is no room for the others either.
            writable_folder(target.parent)
            write_picture(target, picture, quality=95)
    print(f"Wrote {len(paths) - len(failed)} images to {arguments.output}.")
    if failed:
        names = ", ".join(failed[:HANDFUL])
        raise InputError(
            "All images must be such that can be translated. Received: "
            f"{len(failed)} of {len(paths)} that are not, such as {names}."
        )


def _outputs(inputs, output):
    """Returns {file: file to write}, of files and of all images in folders."""
    from keras_gans.data.listing import list_images

    def images_in(folder):
        listing = list_images(folder)
        if listing.warning:
            warnings.warn(listing.warning, stacklevel=2)
        return listing.paths

    check_new_folder(output)
    found = {}
    for word in inputs:
        path = pathlib.Path(word).expanduser()
        if not path.exists():
            raise InputError(f"Images to translate must exist. Received: {word!r}.")
        files = images_in(path) if path.is_dir() else [path]
        found |= {file: file.relative_to(path if path.is_dir() else path.parent) for file in files}
    targets = {}
    for file, name in found.items():
        name = name if name.suffix.lower() in WRITTEN else name.with_suffix(".png")
        other, _ = targets.setdefault(_folded(name), (file, name))
        if other != file:
            raise InputError(
                "Images to translate must have names of their own, which differ in more than "
                f"capitals. Received: {other} and {file}."
            )
    return {file: output / name for file, name in targets.values()}


def _folded(path):
    """Returns a file's name to tell it from others: many disks do not know it by its capitals."""
    return str(path).casefold()


def _translated(model, source, target, arguments, taken):
    """Returns what becomes of one file, where what was transparent stays so, and where to."""
    import numpy as np
    from PIL import Image

    from keras_gans.data.decode import alpha, decode
    from keras_gans.data.prepare import prepare
    from keras_gans.training.translation_model import OTHER

    domain = OTHER[arguments.to]
    is_map = hasattr(model, "num_labels")
    pixels, wide = decode(
        source,
        keep_alpha=model.shapes[domain][-1] == 4,
        keep_indices=is_map and not model.palette,
        to_srgb=not is_map,
    )
    if is_map:
        if wide:
            raise InputError(f"Label maps have 8 bits for each value. Received: {source} with 16.")
        # Colours are looked up, those of grey files too.
        pixels = prepare(pixels, channels=3 if model.palette else None)
    image = model.as_input(pixels, domain)
    options = dict(to=arguments.to, seed=arguments.seed, tile=arguments.tile, verbose=True)
    made = model.translate([image], **options)[0]
    transparency = None if is_map else alpha(source)
    if transparency is not None and made.shape[-1] < 4:
        colours = np.broadcast_to(made, (*made.shape[:2], 3))
        made = np.concatenate([colours, transparency[..., None]], axis=-1)
    if made.shape[-1] == 4 and target.suffix.lower() not in WITH_ALPHA:
        target = target.with_suffix(".png")
        if _folded(target) in taken or target.exists():
            raise InputError(
                f"What is transparent becomes a .png of a name of its own. Received: {source}, and "
                f"another {target.name}."
            )
    return Image.fromarray(made[..., 0] if made.shape[-1] == 1 else made), target
