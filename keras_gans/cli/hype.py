"""`keras-gans hype`: a page that asks people which images are real, and what they answered."""

import pathlib

import numpy as np

from keras_gans.cli.meanings import print_table
from keras_gans.errors import InputError
from keras_gans.training.loading import is_model, load_generator


def hype(arguments):
    """Writes the page, or prints the table of saved answers."""
    if arguments.answers:
        _show_rates(arguments.answers)
    elif arguments.model and arguments.data:
        _write_page(arguments)
    else:
        raise InputError(
            "`keras-gans hype` takes a model and `--data`, or `--answers`. "
            f"Received: model {arguments.model!r} and data {arguments.data!r}."
        )


def _write_page(arguments):
    from keras_gans.data import load_arrays
    from keras_gans.metrics.human import hype_page

    count, seed = arguments.count, arguments.seed
    if count < 1:
        raise InputError(f"`-n` must be at least 1. Received: {count}.")
    model = pathlib.Path(arguments.model)
    has_images = model.suffix.lower() == ".npz" or (model.is_dir() and not is_model(model))
    if has_images:
        fake_images = _pick(load_arrays(model)[0], count, seed, arguments.model)
    else:
        fake_images = load_generator(model).generate(count, seed=seed)
    if fake_images.ndim != 4:
        raise InputError(f"People are asked about images. Received: points of {str(model)!r}.")
    _, height, width, channels = fake_images.shape
    real_images, _ = load_arrays(
        arguments.data,
        image_size=height if height == width else None,
        channels=channels,
        data_dir=arguments.data_dir,
    )
    real_images = _pick(real_images, count, seed, arguments.data)
    hype_page(real_images, fake_images, arguments.output, seconds=arguments.seconds, seed=seed)
    print(
        f"Wrote {count} real and {count} generated images to {arguments.output}. Open it in a "
        "browser, let each person save the answers, and read them with: "
        "keras-gans hype --answers FILE ..."
    )


def _pick(images, count, seed, source):
    if len(images) < count:
        raise InputError(
            f"`-n` must be at most the {len(images)} images of {source}. Received: {count}."
        )
    return images[np.random.default_rng(seed).choice(len(images), count, replace=False)]


def _show_rates(paths):
    from keras_gans.metrics.human import human_error_rate

    rows = [(pathlib.Path(path).name, path) for path in paths]
    if len(rows) > 1:
        rows.append((f"all {len(paths)} persons", paths))
    lines = [["", "error rate", "generated, said real", "real, said generated"]]
    for name, files in rows:
        rates = [human_error_rate(files, truth) for truth in (None, "generated", "real")]
        lines.append(
            [name, *(f"{rate:.1%} ({low:.1%} to {high:.1%})" for rate, low, high in rates)]
        )
    print_table(lines)
    print(
        "In brackets: 95 % bootstrap intervals, 10,000 resamples. 50 % is guessing: the generated "
        "images cannot be told from the real ones."
    )
