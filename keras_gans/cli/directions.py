"""`keras-gans directions` and `edit`: attributes of a model's images, and images that get them."""

import pathlib

from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder

ROWS = 6
"""Latents in the picture of a direction."""


def find(arguments):
    """Finds directions, writes them with a picture each, and says what else they move."""
    from keras_gans import latent
    from keras_gans.models.loading import load_model, read_keras_file
    from keras_gans.pictures import image_grid, save_image

    model = load_model(arguments.model)
    classify = read_keras_file(arguments.classifier, compile=False)
    folder = writable_folder(_folder(arguments.model, arguments.output))
    directions = []
    for name in arguments.attributes:
        own = name.partition("=")[0]
        keep = [word for word in arguments.keep if word.partition("=")[0] != own]
        options = {"space": arguments.space, "count": arguments.count, "seed": arguments.seed}
        directions.append(latent.find_direction(model, classify, name, keep, **options))
        directions[-1].save(folder / f"{name}.npz")
        images = latent.strip(model, model.latents_of(ROWS, arguments.seed), directions[-1])
        picture = image_grid(images.reshape(-1, *model.image_shape), images.shape[1])
        save_image(folder / f"{name}.png", picture)
    report = latent.entanglement(model, directions, classify, arguments.strength)
    words = "\n".join([str(report), "", *report.sentences(), ""])
    with whole_file(folder / "entanglement.txt") as file:
        file.write(words.encode())
    with whole_file(folder / "entanglement.png") as file:
        report.figure().savefig(file, format="png")
    print(words)
    print(f"Wrote {len(directions)} directions to {folder}, with a picture of each.")


def list_(arguments):
    """Prints the directions of a run."""
    from keras_gans.latent import Direction

    folder = _folder(arguments.model, arguments.output)
    for path in sorted(folder.glob("*.npz")):
        direction = Direction.load(path)
        print(f"{direction.name:24} in {direction.space}, of {len(direction.vector)} numbers")


def edit(arguments):
    """Writes images as they are, and below them moved along a direction."""
    import numpy as np

    from keras_gans import latent
    from keras_gans.models.loading import load_model
    from keras_gans.pictures import image_grid, save_image

    path = pathlib.Path(arguments.direction)
    if path.suffix != ".npz":
        path = _folder(arguments.model, None) / f"{arguments.direction}.npz"
    direction, model = latent.Direction.load(path), load_model(arguments.model)
    latents = np.asarray(model.latents_of(arguments.count, arguments.seed))
    rows = [latent.edit(model, latents, direction, s) for s in (0.0, arguments.strength)]
    save_image(arguments.output, image_grid(np.concatenate(rows), arguments.count))
    print(
        f"Wrote {arguments.count} images and the same with {direction.name} at strength "
        f"{arguments.strength:g} below them to {arguments.output}."
    )


def _folder(model, output):
    """Returns the folder of a model's directions."""
    if output:
        return pathlib.Path(output)
    if not pathlib.Path(model).is_dir():
        raise InputError(f"The directions of a file need `--output`. Received: {model!r}.")
    return pathlib.Path(model) / "directions"
