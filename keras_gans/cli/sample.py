"""`keras-gans sample`: images from a run folder, a .keras file or a SavedModel."""

import os
import pathlib

import numpy as np

from keras_gans.errors import InputError
from keras_gans.files import check_new_folder, whole_file, whole_path, writable_folder
from keras_gans.models.loading import load_generator

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def truncated(model, arguments):
    """Returns what `--threshold` and `--truncation` say to a model's `generate`."""
    options = {}
    for name, needed, kind in (
        ("threshold", "latents_of", "a model with latents"),
        ("truncation", "map", "a stylegan or stylegan2"),
    ):
        value = getattr(arguments, name)
        if value is not None and not hasattr(model, needed):
            raise InputError(
                f"`--{name}` is for {kind}, from a run folder or a .keras file. "
                f"Received: {type(model).__name__}."
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
    options = truncated(model, arguments)
    images = model.generate(arguments.count, seed=arguments.seed, labels=labels, **options)

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
        save_image(output, image_grid(images))
    print(f"Wrote {len(images)} images to {output}.")
