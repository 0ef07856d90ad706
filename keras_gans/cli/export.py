"""`keras-gans export`: a trained generator for other programs."""

import pathlib

from keras_gans.cli.sample import load_model
from keras_gans.errors import InputError

FORMATS = {"savedmodel": "tf_saved_model", "onnx": "onnx", "litert": "litert"}


def export(arguments):
    """Writes the averaged generator in a format."""
    output = pathlib.Path(arguments.output)
    if output.exists():
        raise InputError(f"The output must not exist yet. Received: {arguments.output!r}.")
    model = load_model(pathlib.Path(arguments.model))
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        model.export(str(output), format=FORMATS[arguments.format], verbose=False)
    except ImportError as error:
        raise InputError(
            f"The format {arguments.format} needs a package that is not installed: {error}"
        ) from error
    print(f"Wrote {output}.")
