"""`keras-gans invert`: the latents of photographs."""

import pathlib

from keras_gans.errors import InputError
from keras_gans.files import whole_file, whole_path


def invert(arguments):
    """Looks for latents of image files; writes them with a strip of the progress of each."""
    output = pathlib.Path(arguments.output)
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise InputError(f"The output folder must be new or empty. Received: {str(output)!r}.")

    import numpy as np

    from keras_gans import latent
    from keras_gans.data.decode import decode
    from keras_gans.data.prepare import prepare
    from keras_gans.models.loading import load_model
    from keras_gans.pictures import image_grid, save_image

    model = load_model(arguments.model)
    *size, channels = model.image_shape
    paths = [pathlib.Path(word).expanduser() for word in arguments.images]
    images = [prepare(decode(path).pixels, tuple(size), channels) for path in paths]
    options = {"space": arguments.space, "steps": arguments.steps, "starts": arguments.starts}
    found = latent.invert(model, np.stack(images), **options, seed=arguments.seed)
    with whole_path(output) as folder:
        folder.mkdir()
        with whole_file(folder / "latents.npz") as file:
            np.savez(file, latents=found.latents, errors=found.errors, space=found.space)
        for number, (path, image) in enumerate(zip(paths, images, strict=True)):
            strip = [image, *found.progress[:, number]]
            save_image(folder / f"{path.stem}.png", image_grid(np.stack(strip), len(strip)))
    for path, error in zip(paths, found.errors, strict=True):
        print(f"{path}: error {error:.3f} of the range")
    print(f"Wrote latents in {found.space} and a strip of each image to {output}.")
