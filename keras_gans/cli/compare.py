"""`keras-gans compare`: the scores of several runs side by side."""

import json
import pathlib

from keras_gans.cli.meanings import MEANINGS, PROTOCOL, describe, print_table, show
from keras_gans.errors import InputError


def compare(arguments):
    """Prints a table with a column for each run; `*` marks the best of a score.

    Nothing is marked if the protocols differ.
    """
    runs = [_read(pathlib.Path(path)) for path in arguments.runs]
    protocols = [scores["protocol"] for scores in runs]
    different = [key for key in PROTOCOL if len({str(p.get(key)) for p in protocols}) > 1]
    lines = [["score", *arguments.runs]]
    for name, meaning in MEANINGS.items():
        if not any(name in scores for scores in runs):
            continue
        values = [scores.get(name) for scores in runs]
        known = [value for value in values if value is not None]
        best = {"low": min, "high": max}.get(meaning.best)
        best = best(known) if best and len(known) > 1 and not different else None
        cells = [
            ("-" if name not in scores else show(value))
            + (" *" if value is not None and value == best else "")
            for scores, value in zip(runs, values, strict=True)
        ]
        arrow = {"low": " (lower is better)", "high": " (higher is better)"}.get(meaning.best, "")
        lines.append([meaning.title + arrow, *cells])
    print_table(lines)
    if different:
        found = [f"{k} is {', '.join(str(p.get(k)) for p in protocols)}" for k in different]
        if "data_sha256" in different:
            found.append(f"their data is {', '.join(p['data'] for p in protocols)}")
        print(
            "Warning: the protocols differ, so these numbers must not be compared: "
            f"{'; '.join(found)}."
        )
    else:
        print(f"Protocol of all: {describe(protocols[0])}")


def _read(folder):
    path = folder / "scores.json" if folder.is_dir() else folder
    try:
        scores = json.loads(path.read_text("utf-8"))
        describe(scores["protocol"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "A run to compare must hold a scores.json, which `keras-gans evaluate` writes. "
            f"Received: {str(folder)!r}."
        ) from error
    return scores
