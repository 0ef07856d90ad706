"""Trained models from disk: run folders, .keras files and SavedModels."""

import pathlib

from keras_gans.errors import InputError


def is_model(path):
    """Returns whether a path is a run folder, a .keras file or a SavedModel."""
    path = pathlib.Path(path)
    return path.suffix == ".keras" or any(
        (path / name).is_file() for name in ("model.keras", "saved_model.pb")
    )


def load_model(path):
    """Loads a model from a run folder or a .keras file.

    Raises:
        InputError: If there is none.
    """
    path = pathlib.Path(path)
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


def load_generator(path):
    """Loads whatever can `generate(count, seed, labels)` from a run folder, file or SavedModel.

    Raises:
        InputError: If there is none.
    """
    path = pathlib.Path(path)
    return SavedGenerator(path) if (path / "saved_model.pb").is_file() else load_model(path)


class SavedGenerator:
    """The `generate` signature of a SavedModel that `GenerativeModel.export` wrote.

    Args:
        path: The folder.

    Attributes:
        image_shape: Shape of what it makes, (height, width, channels) for images.
        conditional: Whether `generate` needs labels.

    Raises:
        InputError: If the SavedModel has no such signature.
    """

    def __init__(self, path):
        import tensorflow as tf

        self._model = tf.saved_model.load(str(path))  # The signature alone does not keep it alive.
        if "generate" not in self._model.signatures:
            raise InputError(
                "A SavedModel must have the signature `generate`, as `keras-gans export` writes "
                f"it. Received: {str(path)!r}."
            )
        self._generate = self._model.signatures["generate"]
        (output,) = self._generate.structured_outputs.values()
        self.image_shape = tuple(output.shape[1:])
        self.conditional = "labels" in self._generate.structured_input_signature[1]

    def generate(self, count, seed=0, labels=None):
        """Makes images from a seed; see `GenerativeModel.generate`. Labels have no default.

        Raises:
            InputError: If there are no labels where it needs them, or labels where it takes none.
        """
        import tensorflow as tf

        inputs = {"count": tf.constant(count), "seed": tf.constant(seed)}
        if self.conditional and labels is None:
            raise InputError("A conditional SavedModel needs `--labels`. Received: none.")
        if not self.conditional and labels is not None:
            raise InputError(f"Only conditional models take `--labels`. Received: {labels}.")
        if self.conditional:
            inputs["labels"] = tf.broadcast_to(tf.constant(labels, "int32"), (count,))
        return next(iter(self._generate(**inputs).values())).numpy()
