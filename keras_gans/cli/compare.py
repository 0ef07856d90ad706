"""`keras-gans compare`: the scores of several runs side by side."""

import json
import pathlib

from keras_gans.cli.tables import OF_FEATURES, PROTOCOL, format_number, print_table, protocol_line
from keras_gans.errors import InputError
from keras_gans.metrics.entries import MEANINGS, METRIC_OF

BEST = {"low": min, "high": max}


def compare(arguments):
    """Prints a table with a column for each run.

    `*` marks the best of a score, unless the protocols of the runs that have it differ.
    """
    runs = [_read(pathlib.Path(path)) for path in arguments.runs]
    lines, differences = [["score", *arguments.runs]], {}
    for name in MEANINGS:
        protocols = [run["protocol"] for run in runs if name in run]
        if protocols:
            found = _differences(protocols, METRIC_OF[name].of_pixels)
            lines.append(_line(name, runs, comparable=not found))
            differences |= found
    print_table(lines)
    if differences:
        listed = "; ".join(f"{key} {', '.join(values)}" for key, values in differences.items())
        print(
            "Warning: the protocols differ; do not compare rows in which no run is marked as best: "
            f"{listed}."
        )
    words = [protocol_line(run["protocol"]) for run in runs]
    if not differences and len(set(words)) == 1:
        print(f"Protocol of all: {words[0]}")
    else:
        for path, protocol in zip(arguments.runs, words, strict=True):
            print(f"Protocol of {path}: {protocol}")


def _line(name, runs, comparable):
    """Returns the cells of a score: its title, and each run's number."""
    meaning = MEANINGS[name]
    known = [run[name] for run in runs if run.get(name) is not None]
    best = None
    if comparable and meaning.best in BEST and len(known) > 1:
        best = BEST[meaning.best](known)
    arrow = f" ({meaning.best}er is better)" if meaning.best in BEST else ""
    cells = [meaning.title + arrow]
    for run in runs:
        number = format_number(run[name]) if name in run else "-"
        is_best = best is not None and run.get(name) == best
        cells.append(f"{number} *" if is_best else number)
    return cells


def _differences(protocols, of_pixels):
    """Returns a dict from what differs to the runs' values."""
    found = {}
    for key in PROTOCOL:
        values = [str(protocol.get(key)) for protocol in protocols]
        if key == "classes":  # What takes no labels makes them as they come, too.
            values = [value.replace("None", "as in the data") for value in values]
        if len(set(values)) == 1 or (of_pixels and key in OF_FEATURES):
            continue
        if key == "data_sha256":
            splits = [f"{p['data']} ({p['split']}, content {p.get(key)})" for p in protocols]
            key, values = "data", splits
        found[key] = values
    return found


def _read(folder):
    path = folder / "scores.json" if folder.is_dir() else folder
    if not path.is_file():
        raise InputError(
            "A run to compare must hold a scores.json, which `keras-gans evaluate` writes. "
            f"Received: {str(folder)!r}."
        )
    try:
        scores = json.loads(path.read_text("utf-8"))
        protocol_line(scores["protocol"])
        for name in MEANINGS:
            format_number(scores.get(name))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "A scores.json must be readable and undamaged, as `keras-gans evaluate` wrote it. "
            f"Received: {str(path)!r} ({type(error).__name__}: {error})."
        ) from error
    return scores
