"""The folder of a run: which one it is, whether it may be written, and its config.json."""

import itertools
import json
import os
import pathlib

from keras_gans import methods
from keras_gans.errors import InputError
from keras_gans.files import locked, whole_file
from keras_gans.training import snapshot

CHECKPOINTS = "checkpoints"
CONFIG = "config.json"
OF_A_START = {CHECKPOINTS, CONFIG, "samples", "history.csv", "history.png"}
"""What a run leaves that ended before its model was saved."""
CHOSEN = {"precision", "steps_between_looks", "looks_between_pictures", "growth_images"}
"""What a run chooses by the machine's speed, once, if it was not told."""
BUDGET = ("steps", "epochs", "minutes")


def choose_folder(arguments):
    """Returns the folder of `train`, a path that is free to use or holds the run to resume.

    Raises:
        InputError: If it holds something else, or cannot be written.
    """
    output = pathlib.Path(arguments.output) if arguments.output else _default(arguments)
    # Another worker of the same job may have made no more than the checkpoints' folder yet.
    is_run = any((output / name).exists() for name in (CONFIG, CHECKPOINTS))
    if not (arguments.resume and is_run) and not _is_free(output):
        raise InputError(
            "The output folder must be new or empty, so that no run is lost, or be the run that "
            f"`--resume` goes on with. Received: {str(output)!r}, which exists."
        )
    is_finished = (output / "model.keras").exists()
    if arguments.resume and is_finished and not holds_checkpoint(output):
        raise InputError(
            "A finished run is resumed from its checkpoints, and without them `--from RUN` goes on "
            f"from its weights. Received: {str(output)!r}, which has none."
        )
    parent = next(path for path in (output, *output.absolute().parents) if path.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError(
            f"The output folder must be one that can be written. Received: {str(output)!r}."
        )
    return output


def _default(arguments):
    """Returns the first of runs/MODEL-DATA, -2, -3 ... that is free, or the last that is not."""
    name = f"{arguments.model}-{_data_names(vars(arguments))}"
    last = None
    for number in itertools.count(1):
        output = pathlib.Path("runs", name if number == 1 else f"{name}-{number}")
        if not output.exists():
            return last if arguments.resume and last else output
        if not arguments.resume and _is_free(output) and not _is_at_work(output):
            return output
        last = output


def data_name(source):
    """Returns the name of a data set, a folder or a file without its suffix."""
    path = pathlib.Path(source).expanduser()
    return path.resolve().name if path.is_dir() else path.stem


def _data_names(config):
    """Returns the names of all sources that a run trains on, as one word."""
    sources = [config.get(name) for name in ("data", "data_a", "data_b")]
    sources += config.get("pairs") or []
    return "-".join(data_name(source) for source in sources if source)


def _is_free(output):
    """Returns whether nothing is lost in a folder: no model and no checkpoint."""
    if not output.exists():
        return True
    if not output.is_dir() or {path.name for path in output.iterdir()} - OF_A_START:
        return False
    return not holds_checkpoint(output)


def holds_checkpoint(output):
    """Returns whether a run can be resumed."""
    checkpoints = output / CHECKPOINTS
    return checkpoints.is_dir() and bool(snapshot.listed(checkpoints))


def _is_at_work(output):
    checkpoints = output / CHECKPOINTS
    if not checkpoints.is_dir():
        return False
    try:
        with locked(checkpoints):
            return False
    except InputError:
        return True


def configuration(arguments, options, data):
    """Returns what config.json says of a run.

    Args:
        arguments: The command's arguments.
        options: The values of `--set`, by name.
        data: What `keras_gans.data.load` returned.
    """
    config = {key: value for key, value in vars(arguments).items() if key != "run"}
    return config | {
        "options": options,
        "batch_size": data.batch_size,
        "image_shape": data.image_shape,
        "num_images": data.num_images,
        "class_names": data.class_names,
    }


def write_configuration(output, config):
    """Writes config.json."""
    with whole_file(output / CONFIG) as file:
        file.write(json.dumps(config, indent=2).encode())


def resumed(output, config):
    """Returns what a resumed run takes from its own config.json: what was chosen by measuring.

    Raises:
        InputError: If an option that it must keep has changed, with its name and both values.
    """
    path = output / CONFIG
    if not path.exists():
        return {}
    try:
        earlier = json.loads(path.read_text("utf-8"))
        chosen = {key: earlier[key] for key in CHOSEN & earlier.keys() if config.get(key) is None}
        before = _kept(earlier)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"A run is resumed by what its {CONFIG} says, which must be whole. "
            f"Received: {str(path)!r} ({error})."
        ) from error
    now = _kept(json.loads(json.dumps(config | chosen)))
    changed = [
        f"{name}: {before.get(name, 'not given')} then, {now.get(name, 'not given')} now"
        for name in before | now
        if before.get(name) != now.get(name)
    ]
    if changed:
        raise InputError(
            f"A run is resumed with the options that it began with. Received: {'; '.join(changed)}."
        )
    return chosen


def has_more_to_do(output, arguments):
    """Returns whether the budget is another one than when the run began or was last resumed."""
    path = output / CONFIG
    earlier = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return any(earlier.get(name) != getattr(arguments, name) for name in BUDGET)


def _kept(config):
    """Returns the values, by option, that are the same as long as a run lasts."""
    method = methods.get(config["model"])
    return {
        "MODEL": method.class_name,
        "--data": _data_names(config),
        "--image-size": "x".join(map(str, config["image_shape"][1::-1])),
        "--channels": config["image_shape"][-1],
        "--flip": config["flip"],
        "--jitter": config.get("jitter", False),
        "--from": config.get("start") and os.path.normpath(config["start"]),
        "--swap": config.get("swap", False),
        "--labels": config.get("labels"),
        "--batch-size": config["batch_size"],
        "--seed": config["seed"],
        "--learning-rate": config["learning_rate"]
        or ("that of `--from`" if config.get("start") else None)
        or method.settings(min(config["image_shape"][:2])).rate,
        "--sync-batch-norm": config["sync_batch_norm"],
        "--precision": config["precision"],
        **{f"--set {name}": value for name, value in config["options"].items()},
    }
