"""`keras-gans export`: a trained generator for other programs."""

import pathlib
import tempfile

from keras_gans.errors import InputError
from keras_gans.training.loading import load_model

# Names of the command, Keras' names, and the file that is made in the output folder.
FORMATS = {
    "savedmodel": ("tf_saved_model", ""),
    "onnx": ("onnx", "model.onnx"),
    "litert": ("litert", "model.tflite"),
}


def export(arguments):
    """Writes the averaged generator in a format."""
    output = pathlib.Path(arguments.output)
    if output.exists():
        raise InputError(f"The output must not exist yet. Received: {arguments.output!r}.")
    model = load_model(arguments.model)
    keras_format, file = FORMATS[arguments.format]
    output.parent.mkdir(parents=True, exist_ok=True)
    # Made beside its place and moved there whole.
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        made = pathlib.Path(folder, "made")
        made.mkdir()
        try:
            model.export(str(made / file), format=keras_format, verbose=False)
        except ImportError as error:
            raise InputError(
                f"The format {arguments.format} needs a package that is not installed: {error}"
            ) from error
        made.rename(output)
    print(f"Wrote {output}.")
