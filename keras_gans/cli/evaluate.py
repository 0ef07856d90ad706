"""`keras-gans evaluate`: scores of a run, as a table, a file and a page."""

import json
import math
import pathlib

from keras_gans.cli.tables import format_number, print_table, protocol_line
from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder
from keras_gans.metrics.entries import MEANINGS, check_metrics
from keras_gans.models.loading import is_run


def evaluate(arguments):
    """Scores a source, prints the table and writes scores.json and report.html."""
    source = pathlib.Path(arguments.run_folder).expanduser()
    if arguments.output is None and source.exists() and not is_run(source):
        raise InputError(
            "`-o` must name a folder for the scores, unless a run folder is scored. "
            f"Received: {str(source)!r}."
        )
    metrics = check_metrics(arguments.metrics)
    if not arguments.inputs and (arguments.to or arguments.segmenter):
        raise InputError("`--to` and `--segmenter` go with `--inputs`. Received: none.")

    from keras_gans.cli.report import write_report
    from keras_gans.metrics import evaluation
    from keras_gans.metrics.sources import open_data, open_source
    from keras_gans.models.loading import read_keras_file

    count, seed, batch_size = arguments.num_images, arguments.seed, arguments.batch_size
    segmenter = arguments.segmenter and read_keras_file(arguments.segmenter, compile=False)
    options = (arguments.inputs, arguments.to or "b", segmenter, arguments.skip_bad_images)
    size = arguments.image_size
    fake = open_source(source, count, seed, batch_size, *options, image_size=size)
    real = open_data(
        arguments.data,
        fake.shape,
        batch_size,
        arguments.split,
        arguments.data_dir,
        arguments.skip_bad_images,
    )
    embedder = evaluation.choose_embedder(metrics, _embedder(arguments.embedder), real)
    evaluation.check_applies(metrics, fake, real, embedder)  # Before a folder is made.
    output = writable_folder(arguments.output or source)
    scores = evaluation.evaluate(fake, real, metrics, embedder, count, seed, batch_size)

    with whole_file(output / "scores.json") as file:
        file.write(json.dumps(_plain(scores), indent=2, allow_nan=False).encode())
    history = source / "history.png"
    write_report(output / "report.html", scores, fake, real, embedder, history)
    _print(scores)
    print(f"Wrote {output / 'scores.json'} and {output / 'report.html'}.")


def _embedder(word):
    from keras_gans.metrics.embedders.classifier import ClassifierEmbedder
    from keras_gans.metrics.embedders.inception_fid import InceptionV3FID

    if word is None:
        return None
    name, equals, path = word.partition("=")
    if name != "inception":
        return ClassifierEmbedder(word)
    return InceptionV3FID(path) if equals else InceptionV3FID()


def _print(scores):
    lines = [["score", "value", ""]]
    for name, meaning in MEANINGS.items():
        if name in scores:
            spread = scores.get(f"{name}_std")
            deviation = "" if spread is None else f"standard deviation {format_number(spread)}"
            lines.append([meaning.title, format_number(scores[name]), deviation])
    print_table(lines)
    for finding in scores.values():
        if isinstance(finding, dict) and "summary" in finding:
            print(finding["summary"])
    print(f"Protocol: {protocol_line(scores['protocol'])}")


def _plain(value):
    """Returns the same with None for numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
