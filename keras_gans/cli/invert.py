"""`keras-gans invert`: the latents of photographs."""

import pathlib

from keras_gans.errors import InputError
from keras_gans.files import check_new_folder, whole_file, whole_path, writable_folder


def invert(arguments):
    """Looks for latents of image files; writes them with a strip of the progress of each."""
    output = pathlib.Path(arguments.output)
    check_new_folder(output)

    import numpy as np

    from keras_gans import latent
    from keras_gans.data.decode import decode
    from keras_gans.data.prepare import prepare
    from keras_gans.latent.inversion import space_and_labels
    from keras_gans.latent.spaces import check_model
    from keras_gans.models.loading import load_model
    from keras_gans.pictures import image_grid, save_image

    model = load_model(arguments.model)
    check_model(model)
    *size, channels = model.image_shape
    paths = [pathlib.Path(word).expanduser() for word in arguments.images]
    stems = [path.stem for path in paths]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise InputError(f"Each image has a name of its own. Received: {', '.join(twice)} twice.")
    labels = None if arguments.label is None else [arguments.label] * len(paths)
    space_and_labels(model, len(paths), arguments.space, labels)  # Before an encoder is trained.
    pixels = [decode(path, keep_alpha=channels == 4).pixels for path in paths]
    images = [prepare(image, tuple(size), channels) for image in pixels]
    writable_folder(output.parent)
    options = {"space": arguments.space, "steps": arguments.steps, "starts": arguments.starts}
    options |= {"encoder": _encoder(model, arguments), "seed": arguments.seed}
    if labels is not None:
        options["labels"] = labels
    found = latent.invert(model, np.stack(images), **options)
    with whole_path(output) as folder:
        folder.mkdir()
        with whole_file(folder / "latents.npz") as file:
            arrays = {"latents": found.latents, "errors": found.errors, "space": found.space}
            np.savez(file, **arrays, **{k: options[k] for k in options.keys() & {"labels"}})
        for number, (path, image) in enumerate(zip(paths, images, strict=True)):
            strip = [image, *found.progress[:, number]]
            save_image(folder / f"{path.stem}.png", image_grid(np.stack(strip), len(strip)))
    for path, error in zip(paths, found.errors, strict=True):
        print(f"{path}: error {error:.3f} of the range")
    print(f"Wrote latents in {found.space} and a strip of each image to {output}.")


def _encoder(model, arguments):
    """Returns the encoder of a file, trained and written first if there is none; or None."""
    from keras_gans import latent
    from keras_gans.models.loading import read_keras_file

    if not arguments.encoder:
        return None
    path = pathlib.Path(arguments.encoder)
    if path.suffix != ".keras":
        raise InputError(f"The file of an encoder ends in .keras. Received: {str(path)!r}.")
    if path.exists():
        return read_keras_file(path, compile=False)
    writable_folder(path.parent)
    space = arguments.space and arguments.space.removesuffix("+")
    options = {"steps": arguments.encoder_steps, "seed": arguments.seed}
    encoder = latent.train_encoder(model, space, **options)
    with whole_path(path) as temporary:
        encoder.save(temporary)
    print(f"Wrote the encoder to {path}.")
    return encoder
