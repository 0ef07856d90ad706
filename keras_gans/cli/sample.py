"""`keras-gans sample`: images from a run folder, a .keras file or a SavedModel."""

import os
import pathlib

import numpy as np

from keras_gans.checks import check_labels
from keras_gans.errors import InputError
from keras_gans.files import check_new_folder, whole_file, whole_path, writable_folder
from keras_gans.models.loading import load_generator

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


NEEDED = {
    "threshold": ("latents_of", "a model with latents"),
    "truncation": ("map", "a stylegan or stylegan2"),
    "noise": ("map", "a stylegan or stylegan2"),
    "mix": ("mix", "a stylegan or stylegan2"),
}
"""What a model must have for an option, and which models do."""


def truncated(model, arguments):
    """Returns what `--threshold` and `--truncation` say to a model's `generate`."""
    options = _options(model, arguments, ("threshold", "truncation"))
    if "threshold" in options:  # Else refused only when the first samples are made.
        from keras_gans.training.priors import check_threshold

        check_threshold(arguments.threshold, model.prior)
    return options


def _options(model, arguments, names):
    """Returns those arguments that were given, after a look at whether the model takes them."""
    options = {}
    for name in names:
        value, (needed, kind) = getattr(arguments, name), NEEDED[name]
        if value is not None and not hasattr(model, needed):
            raise InputError(
                f"`--{'no-' * (name == 'noise')}{name}` is for {kind}, from a run folder or a "
                f".keras file. Received: {type(model).__name__}."
            )
        options |= {} if value is None else {name: value}
    return options


def sample(arguments):
    """Makes images and writes them as a grid, as arrays or one by one."""
    output = pathlib.Path(arguments.output)
    suffix = output.suffix.lower()
    is_folder = not suffix or output.is_dir() or arguments.output.endswith(os.sep)
    if not is_folder and suffix not in (*PICTURES, ".npz"):
        raise InputError(
            f"A file of images ends in {', '.join(PICTURES)} for a grid or in .npz for arrays; "
            f"a name without a suffix is a folder. Received: {arguments.output!r}."
        )
    if is_folder:
        check_new_folder(output)
    labels = arguments.labels
    if labels is not None and len(labels) == 1:
        labels = labels[0]
    model = load_generator(arguments.model)
    if not hasattr(model, "generate"):
        raise InputError(
            "Samples come from a model that makes images from latents; `keras-gans translate` is "
            f"for those that make them from images. Received: a {type(model).__name__}."
        )
    options = _options(model, arguments, NEEDED)
    if part := options.pop("mix", None):
        if suffix not in PICTURES or is_folder or options.keys() - {"truncation"}:
            raise InputError(
                "`--mix` draws a picture, of options with `--truncation` alone. "
                f"Received: {arguments.output!r}, {', '.join(options) or 'no options'}."
            )
        images, columns = _mixed(model, arguments, part, labels, options), arguments.count + 1
    else:
        images = model.generate(arguments.count, seed=arguments.seed, labels=labels, **options)
        columns = None

    from keras_gans.pictures import image_grid, save_image

    writable_folder(output.parent)
    if suffix == ".npz" and not is_folder:
        with whole_file(output) as file:
            np.savez_compressed(file, images=images)
    elif images.ndim != 4:
        raise InputError(f"Points are written as .npz. Received: {arguments.output!r}.")
    elif is_folder:
        with whole_path(output) as folder:
            folder.mkdir()
            for index, image in enumerate(images):
                save_image(folder / f"{index:05d}.png", image)
    else:
        save_image(output, image_grid(images, columns))
    print(f"Wrote {len(images) - bool(part)} images to {output}.")


def _mixed(model, arguments, part, labels, options):
    """Returns a table row by row: a white corner, then latents; below others, each with its mix."""
    count = arguments.count
    latents = model.latents_of(2 * count, arguments.seed)
    labels = [*labels, *labels] if isinstance(labels, list) else labels  # Of both sides.
    labels = check_labels(2 * count, labels, model.num_classes)
    rows, columns = np.split(model.images_of(latents, labels, **options), 2)
    mixed = model.mix(latents[:count], latents[count:], part, labels=labels, **options)
    top = np.concatenate([np.full_like(rows[:1], 255), columns])
    below = np.concatenate([rows[:, None], mixed], axis=1)
    return np.concatenate([top, below.reshape(-1, *top.shape[1:])])
