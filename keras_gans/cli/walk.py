"""`keras-gans walk`: a film of a path between random latents."""

import pathlib

from keras_gans.files import writable_folder
from keras_gans.pictures import check_animation, save_animation


def walk(arguments):
    """Makes the images of a path and writes them as a film."""
    output = pathlib.Path(arguments.output)
    check_animation(output)
    writable_folder(output.parent)

    from keras_gans import latent
    from keras_gans.models.loading import load_model

    frames = latent.walk(
        load_model(arguments.model),
        arguments.keys,
        arguments.steps,
        arguments.seed,
        arguments.label,
        arguments.space,
        1.0 if arguments.truncation is None else arguments.truncation,
    )
    save_animation(output, frames, arguments.rate)
    print(f"Wrote {len(frames)} images to {output}.")
