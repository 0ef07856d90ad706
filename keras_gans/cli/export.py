"""`keras-gans export`: a trained generator for other programs."""

import pathlib

from keras_gans.errors import InputError
from keras_gans.files import whole_path, writable_folder
from keras_gans.models.loading import load_model

FORMATS = {
    "savedmodel": ("tf_saved_model", None),
    "onnx": ("onnx", ".onnx"),
    "litert": ("litert", ".tflite"),
}
"""Keras' name of each format, and the suffix of its file; a SavedModel is a folder."""


def export(arguments):
    """Writes the averaged generator in a format, by default that of the output's suffix."""
    output = pathlib.Path(arguments.output)
    form = _format(output, arguments.format)
    keras_format, suffix = FORMATS[form]
    if output.exists():
        raise InputError(f"The output must not exist yet. Received: {arguments.output!r}.")
    model = load_model(arguments.model)
    writable_folder(output.parent)
    try:
        if suffix in (None, output.suffix):
            model.export(output, format=keras_format, verbose=False)
        else:
            with whole_path(output) as folder:
                folder.mkdir()
                model.export(folder / f"model{suffix}", format=keras_format, verbose=False)
    except ImportError as error:
        raise InputError(
            f"The format {form} needs a package that is not installed: {error}"
        ) from error
    print(f"Wrote {output}.")


def _format(output, given):
    """Returns the format: the one that was given, that of the output's suffix, or SavedModel."""
    ending = output.suffix.lower()
    of_ending = next((name for name, (_, suffix) in FORMATS.items() if suffix == ending), None)
    form = given or of_ending or "savedmodel"
    suffix = FORMATS[form][1]
    if of_ending not in (None, form):
        rule = f"`-o` with the suffix {ending} needs `--format {of_ending}`, the default for it"
    elif suffix and output.suffix not in ("", suffix):
        rule = f"A file of the format {form} ends in {suffix}, and a folder for it has no suffix"
    else:
        return form
    raise InputError(f"{rule}. Received: {str(output)!r} with `--format {form}`.")
