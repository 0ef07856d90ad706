"""`keras-gans export`: a trained generator for other programs."""

import pathlib

from keras_gans.errors import InputError
from keras_gans.training.loading import load_model

FORMATS = {"savedmodel": "tf_saved_model", "onnx": "onnx", "litert": "litert"}


def export(arguments):
    """Writes the averaged generator in a format."""
    output = pathlib.Path(arguments.output)
    if output.exists():
        raise InputError(f"The output must not exist yet. Received: {arguments.output!r}.")
    model = load_model(arguments.model)
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        model.export(str(output), format=FORMATS[arguments.format], verbose=False)
    except ImportError as error:
        raise InputError(
            f"The format {arguments.format} needs a package that is not installed: {error}"
        ) from error
    print(f"Wrote {output}.")
