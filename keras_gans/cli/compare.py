"""`keras-gans compare`: the scores of several runs side by side."""

import json
import pathlib

from keras_gans.cli.tables import OF_FEATURES, PROTOCOL, describe, print_table, show
from keras_gans.errors import InputError
from keras_gans.scores import MEANINGS


def compare(arguments):
    """Prints a table with a column for each run.

    `*` marks the best of a score, unless the protocols of the runs that have it differ.
    """
    runs = [_read(pathlib.Path(path)) for path in arguments.runs]
    lines, differences = [["score", *arguments.runs]], {}
    for name, meaning in MEANINGS.items():
        having = [run for run in runs if name in run]
        if not having:
            continue
        found = _differences([run["protocol"] for run in having], meaning.of_pixels)
        differences |= found
        known = [run[name] for run in having if run[name] is not None]
        best = {"low": min, "high": max}.get(meaning.best)
        best = best(known) if best and len(known) > 1 and not found else None
        cells = [
            "-"
            if name not in run
            else show(run[name]) + (" *" if best is not None and run[name] == best else "")
            for run in runs
        ]
        arrow = {"low": " (lower is better)", "high": " (higher is better)"}.get(meaning.best, "")
        lines.append([meaning.title + arrow, *cells])
    print_table(lines)
    if differences:
        listed = "; ".join(f"{key} {', '.join(values)}" for key, values in differences.items())
        print(
            "Warning: the protocols differ; rows that mark none as the best must not be compared: "
            f"{listed}."
        )
    else:
        print(f"Protocol of all: {describe(runs[0]['protocol'])}")


def _differences(protocols, of_pixels):
    """Returns a dict from what differs to the runs' values."""
    found = {}
    for key in PROTOCOL:
        values = [str(protocol.get(key)) for protocol in protocols]
        if len(set(values)) == 1 or (of_pixels and key in OF_FEATURES):
            continue
        if key == "data_sha256":
            splits = [f"{p['data']} ({p['split']}, content {p.get(key)})" for p in protocols]
            key, values = "data", splits
        found[key] = values
    return found


def _read(folder):
    path = folder / "scores.json" if folder.is_dir() else folder
    try:
        scores = json.loads(path.read_text("utf-8"))
        describe(scores["protocol"])
        for name in MEANINGS:
            show(scores.get(name))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "A run to compare must hold a scores.json, which `keras-gans evaluate` writes. "
            f"Received: {str(folder)!r}."
        ) from error
    return scores
