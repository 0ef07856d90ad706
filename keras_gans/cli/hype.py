"""`keras-gans hype`: a page that asks people which images are real, and what they answered."""

import pathlib

import numpy as np

from keras_gans.cli.tables import print_table
from keras_gans.errors import InputError

BATCH = 256
"""Images that are made or read at a time."""


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
    from keras_gans.metrics.human import check_page, hype_page
    from keras_gans.metrics.sources import open_data, open_source

    check_page(arguments.output)
    count, seed = arguments.count, arguments.seed
    skip = {"skip_bad_images": arguments.skip_bad_images}
    fake = open_source(arguments.model, count, seed, BATCH, **skip)
    real = open_data(arguments.data, fake.shape, BATCH, data_dir=arguments.data_dir, **skip)
    for source, opened in ((arguments.model, fake), (arguments.data, real)):
        if opened.count < count:
            raise InputError(
                f"`-n` must be at most the {opened.count} images of {source}. Received: {count}."
            )
    chosen = np.random.default_rng(seed).choice(real.count, count, replace=False)
    fakes = np.concatenate(list(fake.batches()))
    hype_page(real.read(chosen), fakes, arguments.output, seconds=arguments.seconds, seed=seed)
    print(
        f"Wrote {count} real and {count} generated images to {arguments.output}. Open it in a "
        "browser, let each person save the answers, and read them with: "
        "keras-gans hype --answers FILE ..."
    )


def _show_rates(paths):
    from keras_gans.metrics.human import human_error_rate

    rows = [(pathlib.Path(path).name, path) for path in paths]
    if len(rows) > 1:
        rows.append((f"all {len(paths)} people", paths))
    lines = [["", "error rate", "generated called real", "real called generated"]]
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
