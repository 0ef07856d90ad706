"""Trained models from disk: run folders, .keras files and SavedModels."""

import json
import pathlib
import sys
import zipfile

from keras_gans.checks import check_labels
from keras_gans.errors import InputError
from keras_gans.training import snapshot


def is_run(path):
    """Returns whether a path is a run folder: one with a model.keras, or with checkpoints."""
    path = pathlib.Path(path)
    return (path / "model.keras").is_file() or bool(_checkpoints(path))


def is_model(path):
    """Returns whether a path is a run folder, a .keras file or a SavedModel."""
    path = pathlib.Path(path)
    return path.suffix == ".keras" or is_run(path) or (path / "saved_model.pb").is_file()


def load_model(path):
    """Loads a model from a run folder or a .keras file.

    Of a run that was stopped before its end, or resumed and then stopped, the newest whole
    checkpoint is used; a line on stderr says of which step, and what was found damaged.

    Raises:
        InputError: If there is none, or it is of another kind.
    """
    path = pathlib.Path(path).expanduser()
    file = path / "model.keras" if path.is_dir() else path
    from keras_gans.training.model import GenerativeModel

    model = None
    if file.is_file() and file.suffix == ".keras":
        model = read_keras_file(file)
        if not isinstance(model, GenerativeModel):
            raise InputError(
                "A model is one of the methods that `keras-gans list` shows. "
                f"Received: a {type(model).__name__} in {str(file)!r}."
            )
        if all(snapshot.step_of(each) <= model.steps_done for each in _checkpoints(path)):
            return model
    elif not _checkpoints(path):
        raise InputError(
            "A model is a run folder with a model.keras or checkpoints, or a .keras file. "
            f"Received: {str(path)!r}."
        )
    found, damaged = snapshot.newest(path / "checkpoints", model.steps_done if model else -1)
    if found is None and model is None:
        raise InputError(
            "At least one checkpoint of a run that was not finished must be whole. "
            f"Received: {'; '.join(damaged)}."
        )
    model = _model_of_checkpoint(path, *found) if found else model
    of_what = "its checkpoint" if found else "the model"
    later = f"; what came later {'; '.join(damaged)}" if damaged else ""
    print(
        f"{path} was not finished: this is {of_what} of step {model.steps_done:,}{later}.",
        file=sys.stderr,
    )
    return model


def _checkpoints(path):
    folder = path / "checkpoints"
    return snapshot.listed(folder) if folder.is_dir() else []


def _model_of_checkpoint(path, arrays, meta):
    """Makes the model of a run as it was then."""
    from keras_gans import models

    config = dict(meta["config"]["model"])
    name = config.pop("class")
    model_class = getattr(models, name, None)
    if model_class is None:
        raise InputError(
            f"The model of a checkpoint must be of this package. Received: {str(path)!r}, a {name}."
        )
    model = model_class.from_config(config)
    model.compile_from_config(meta["config"]["optimizers"])
    snapshot.restore(model, arrays)
    return model


def read_keras_file(file, **options):
    """Loads a .keras file, with options of `keras.saving.load_model`.

    Raises:
        InputError: If the file is damaged or is no Keras model whose classes are known.
    """
    import keras

    try:
        if not pathlib.Path(file).exists():
            raise OSError("there is no such file")
        if not zipfile.is_zipfile(file):
            raise ValueError("it is damaged or of another format")
        return keras.saving.load_model(file, **options)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"The file is no model of this package: {file} ({reason})") from error


def load_generator(path):
    """Loads whatever can `generate(count, seed, labels)` from a run folder, file or SavedModel.

    A folder with a SavedModel and a model.keras gives the latter, which can do more.

    Raises:
        InputError: If there is none.
    """
    path = pathlib.Path(path).expanduser()
    is_saved_model = (path / "saved_model.pb").is_file() and not (path / "model.keras").is_file()
    return SavedGenerator(path) if is_saved_model else load_model(path)


class SavedGenerator:
    """The `generate` signature of a SavedModel that `GenerativeModel.export` wrote.

    Args:
        path: The folder.

    Attributes:
        image_shape: Shape of what it makes, (height, width, channels) for images.
        num_classes: Number of labels of a conditional model, or None.

    Raises:
        InputError: If the SavedModel has no such signature, or needs labels and does not say of how
            many classes.
    """

    def __init__(self, path):
        import tensorflow as tf

        try:
            # The signature alone does not keep it alive.
            self._model = tf.saved_model.load(str(path))
        except (tf.errors.OpError, OSError, ValueError, IndexError) as error:
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"A SavedModel must be whole. Received: {str(path)!r} ({reason})."
            ) from error
        if "generate" not in self._model.signatures:
            raise InputError(
                "A SavedModel must have the signature `generate`, as `keras-gans export` writes "
                f"it. Received: {str(path)!r}."
            )
        self._generate = self._model.signatures["generate"]
        (output,) = self._generate.structured_outputs.values()
        self.image_shape = tuple(output.shape[1:])
        self.num_classes = None
        if "labels" in self._generate.structured_input_signature[1]:
            try:
                notes = pathlib.Path(path, "assets.extra", "keras_gans.json").read_text()
                self.num_classes = int(json.loads(notes)["num_classes"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(
                    "A conditional SavedModel says in assets.extra/keras_gans.json how many "
                    f"classes it has. Received: {str(path)!r} ({error})."
                ) from error

    def generate(self, count, seed=0, labels=None):
        """Makes images from a seed; see `LatentModel.generate`.

        Raises:
            InputError: If `labels` are not those of a conditional model's classes.
        """
        import tensorflow as tf

        labels = check_labels(count, labels, self.num_classes)
        inputs = {"count": tf.constant(count), "seed": tf.cast(seed, "int32")}
        if labels is not None:
            inputs["labels"] = tf.constant(labels)
        return next(iter(self._generate(**inputs).values())).numpy()
