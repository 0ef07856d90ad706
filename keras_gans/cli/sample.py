"""`keras-gans sample`: images from a run folder, a .keras file or a SavedModel."""

import pathlib

import numpy as np

from keras_gans.errors import InputError
from keras_gans.files import whole_file
from keras_gans.training.loading import load_generator

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def sample(arguments):
    """Makes images and writes them as a grid, as arrays or one by one."""
    output = pathlib.Path(arguments.output)
    folder = output.suffix.lower() not in (*PICTURES, ".npz")
    if folder and output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise InputError(f"The output folder must be new or empty. Received: {arguments.output!r}.")
    labels = arguments.labels
    if labels is not None and len(labels) == 1:
        labels = labels[0]
    model = load_generator(arguments.model)
    images = model.generate(arguments.count, seed=arguments.seed, labels=labels)

    from keras_gans.callbacks.image_grid import image_grid, save_image

    if output.suffix.lower() == ".npz":
        with whole_file(output) as file:
            np.savez_compressed(file, images=images)
    elif images.ndim != 4:
        raise InputError(f"Points are written as .npz. Received: {arguments.output!r}.")
    elif folder:
        for index, image in enumerate(images):
            save_image(output / f"{index:05d}.png", image)
    else:
        save_image(output, image_grid(images))
    print(f"Wrote {len(images)} images to {output}.")
