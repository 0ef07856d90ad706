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
    """Writes the averaged generator in a format."""
    output = pathlib.Path(arguments.output)
    keras_format, suffix = FORMATS[arguments.format]
    _check_name(output, arguments.format, suffix)
    if output.exists():
        raise InputError(f"The output must not exist yet. Received: {arguments.output!r}.")
    model = load_model(arguments.model)
    writable_folder(output.parent)
    try:
        if suffix is None or output.suffix.lower() == suffix:
            model.export(output, format=keras_format, verbose=False)
        else:
            with whole_path(output) as folder:
                folder.mkdir()
                model.export(folder / f"model{suffix}", format=keras_format, verbose=False)
    except ImportError as error:
        raise InputError(
            f"The format {arguments.format} needs a package that is not installed: {error}"
        ) from error
    print(f"Wrote {output}.")


def _check_name(output, form, suffix):
    """Compares the format with the one that the name's suffix tells, if any."""
    ending = output.suffix.lower()
    files = {of: name for name, (_, of) in FORMATS.items() if of}
    if ending == suffix or (ending not in files and (suffix is None or not ending)):
        return
    if suffix is None:
        rule = f"A SavedModel is a folder, and {ending} the suffix of a file in {files[ending]}"
    else:
        rule = f"A file of the format {form} ends in {suffix}, and a folder for it has no suffix"
    raise InputError(f"{rule}. Received: {str(output)!r}.")
