"""`keras-gans sample`: images from a run folder, a .keras file or a SavedModel."""

import pathlib

import numpy as np

from keras_gans.errors import InputError
from keras_gans.files import whole_file

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
    images = _generate(pathlib.Path(arguments.model), arguments.count, arguments.seed, labels)

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


def load_model(path):
    """Loads a model from a run folder or a .keras file.

    Raises:
        InputError: If there is none.
    """
    file = path / "model.keras" if path.is_dir() else path
    if not file.is_file() or file.suffix != ".keras":
        raise InputError(
            "A model is a run folder with a model.keras, or a .keras file. "
            f"Received: {str(path)!r}."
        )
    import keras

    from keras_gans import models  # noqa: F401  Its classes are what the file names.

    try:
        return keras.saving.load_model(file)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"The file is no model of this package: {file} ({reason})") from error


def _generate(path, count, seed, labels):
    if not (path / "saved_model.pb").is_file():
        return load_model(path).generate(count, seed=seed, labels=labels)
    import tensorflow as tf

    signature = tf.saved_model.load(str(path)).signatures["generate"]
    inputs = {"count": tf.constant(count), "seed": tf.constant(seed)}
    conditional = "labels" in signature.structured_input_signature[1]
    if conditional and labels is None:
        raise InputError("A conditional SavedModel needs `--labels`. Received: none.")
    if not conditional and labels is not None:
        raise InputError(f"Only conditional models take `--labels`. Received: {labels}.")
    if conditional:
        inputs["labels"] = tf.broadcast_to(tf.constant(labels, "int32"), (count,))
    return next(iter(signature(**inputs).values())).numpy()
