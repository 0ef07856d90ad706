"""`keras-gans directions` and `edit`: attributes of a model's images, and images that get them."""

import difflib
import pathlib

from keras_gans.checks import check_labels
from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder

ROWS = 6
"""Latents in the picture of a direction."""


def find(arguments):
    """Finds directions, writes them with a picture each, and says what else they move.

    An attribute that has none does not stop the others; the error at the end names it.
    """
    from keras_gans import latent
    from keras_gans.latent.classifier import check_size, kinds_of
    from keras_gans.latent.names import attribute_and_kind, check_kind, own
    from keras_gans.latent.spaces import space_of
    from keras_gans.models.loading import load_model, read_keras_file
    from keras_gans.pictures import image_grid, save_image
    from keras_gans.training.seed import derived_seed

    model = load_model(arguments.model)
    classify = read_keras_file(arguments.classifier, compile=False)
    space_of(model, arguments.space)
    known = kinds_of(classify)
    check_size(classify, model.image_shape)
    for name in (*arguments.attributes, *arguments.keep):
        attribute_and_kind(name, known)
    for name in arguments.attributes:
        check_kind(name, known)
    check_labels(arguments.count, arguments.label, model.num_classes)
    folder = writable_folder(_folder(arguments.model, arguments.output))
    directions, missing, of_class = [], {}, {"labels": arguments.label}
    options = {"space": arguments.space, "count": arguments.count, "seed": arguments.seed}
    for name in arguments.attributes:
        keep = [word for word in arguments.keep if own(word) != own(name)]
        try:
            found = latent.find_direction(model, classify, name, keep, **options, **of_class)
        except InputError as error:
            missing[name] = error
            continue
        directions.append(found)
        for old in ("entanglement.txt", "entanglement.png"):  # They are not of this direction.
            (folder / old).unlink(missing_ok=True)
        found.save(folder / f"{name}.npz")
        latents = model.latents_of(ROWS, arguments.seed)
        images = latent.strip(model, latents, found, **of_class)
        picture = image_grid(images.reshape(-1, *model.image_shape), images.shape[1])
        save_image(folder / f"{name}.png", picture)
    if directions:
        options = {"seed": derived_seed(arguments.seed, 1), **of_class}
        report = latent.entanglement(model, directions, classify, arguments.strength, **options)
        words = "\n".join([str(report), "", *report.sentences(), ""])
        with whole_file(folder / "entanglement.txt") as file:
            file.write(words.encode())
        with whole_file(folder / "entanglement.png") as file:
            report.figure().savefig(file, format="png")
        print(words)
        print(f"Wrote {len(directions)} directions to {folder}, with a picture of each.")
    if missing:
        names = ", ".join(missing)
        raise InputError(f"No direction was found of {names}: {next(iter(missing.values()))}")


def list_(arguments):
    """Prints the directions of a run."""
    from keras_gans.latent import Direction

    folder = _folder(arguments.model, arguments.output)
    found = sorted(folder.glob("*.npz"))
    if not found:
        raise InputError(f"`directions find` writes directions. Received: {folder} without any.")
    for path in found:
        direction = Direction.load(path)
        print(f"{direction.name:24} in {direction.space}, of {len(direction.vector)} numbers")


def edit(arguments):
    """Writes images as they are, and below them moved along a direction."""
    import numpy as np

    from keras_gans import latent
    from keras_gans.models.loading import load_model, read_keras_file
    from keras_gans.pictures import image_grid, save_image

    path = pathlib.Path(arguments.direction)
    if path.suffix != ".npz":
        folder = _folder(arguments.model, None)
        path = folder / f"{arguments.direction}.npz"
        there = [file.stem for file in folder.glob("*.npz")]
        if there and arguments.direction not in there:
            near = difflib.get_close_matches(arguments.direction, there, 1, 0)
            raise InputError(
                f"{folder} holds the directions {', '.join(sorted(there))}. Received: "
                f"{arguments.direction!r}{f', which is nearest to {near[0]!r}' if near else ''}."
            )
    writable_folder(pathlib.Path(arguments.output).parent)
    direction, model = latent.Direction.load(path), load_model(arguments.model)
    if arguments.latents:
        latents, labels = _latents_of(arguments.latents, direction)
        if arguments.label is not None:
            raise InputError(
                "`--latents` come with their classes, so there is no `--label`. Received: "
                f"{arguments.label}."
            )
    else:
        latents = latent.sample(model, arguments.count, seed=arguments.seed)
        labels = check_labels(arguments.count, arguments.label, model.num_classes)
    strength, words = arguments.strength, f"at strength {arguments.strength:g}"
    if arguments.classifier and strength < 0:
        raise InputError(
            f"`--strength` must be at least 0 where a `--classifier` looks. Received: {strength:g}."
        )
    if arguments.classifier:
        classify = read_keras_file(arguments.classifier, compile=False)
        options = {"largest": strength, "labels": labels}
        strength = latent.least_strengths(model, latents, direction, classify, **options)
        words = f"at strengths of {strength.min():.2g} to {strength.max():.2g}"
    rows = [latent.edit(model, latents, direction, by, labels=labels) for by in (0.0, strength)]
    save_image(arguments.output, image_grid(np.concatenate(rows), len(latents)))
    print(
        f"Wrote {len(latents)} images and the same with {direction.name} {words} below them to "
        f"{arguments.output}."
    )


def _latents_of(path, direction):
    """Returns what `invert` wrote: latents (N, d) or styles (N, layers, d), and classes or None."""
    import numpy as np

    from keras_gans.data.arrays import NPZ_ERRORS, array_in

    try:
        with np.load(path, allow_pickle=False) as file:
            latents, is_z = array_in(file, "latents"), str(file["space"]) == "z"
            labels = array_in(file, "labels") if "labels" in file else None
    except NPZ_ERRORS as error:
        raise InputError(
            f"Latents are read from the latents.npz of `invert`. Received: {path} ({error})."
        ) from error
    if (is_z and direction.space == "z") or (not is_z and direction.space == "w"):
        return latents, labels
    raise InputError(
        f"The direction {direction.name!r} is in {direction.space}, and so must be the latents. "
        f"Received: {path} in {'z' if is_z else 'w'}."
    )


def _folder(model, output):
    """Returns the folder of a model's directions."""
    if output:
        return pathlib.Path(output)
    if not pathlib.Path(model).is_dir():
        raise InputError(
            "The directions of a model without a run folder need a place: `directions --output`, "
            f"and `edit --direction` with their file. Received: {model!r}."
        )
    return pathlib.Path(model) / "directions"
