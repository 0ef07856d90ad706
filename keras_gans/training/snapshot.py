"""Checkpoints: all that training needs to go on, in files that are verified when they are read."""

import json
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from keras_gans.errors import InputError
from keras_gans.files import whole_file


class DamagedCheckpointError(Exception):
    """A checkpoint that cannot be read to its end."""


def take(model):
    """Returns copies of all that training changes in a model, a dict of arrays by name.

    These are the weights of all networks, the averages, all optimizers, the step, the random
    streams and the means that are shown. Replicas hold equal values, of which one is taken.
    """
    strategy = model.distribute_strategy
    return {
        name: strategy.experimental_local_results(variable.value)[0].numpy()
        for name, variable in _variables(model).items()
    }


def restore(model, arrays):
    """Sets a model to a state, on every replica.

    Raises:
        InputError: If the state is that of another model.
    """
    variables = _variables(model)
    theirs = {name: array.shape for name, array in arrays.items()}
    ours = {name: tuple(variable.shape) for name, variable in variables.items()}
    if theirs != ours:
        different = sorted(name for name, _ in theirs.items() ^ ours.items())
        raise InputError(
            "A checkpoint must be of the same networks and optimizers. Received: one that differs "
            f"in {len(different)} variables, such as {different[0]}."
        )
    strategy = model.distribute_strategy
    for name, variable in variables.items():
        for replica in strategy.experimental_local_results(variable.value):
            replica.assign(arrays[name])
    model.state_was_set()


def _variables(model):
    found = [*model.variables, *model.metrics_variables]
    found += [v for optimizer in model.optimizers.values() for v in optimizer.variables]
    unique = {id(variable): variable for variable in found}.values()
    # Names alone need not be unique, and differ between models made in one process.
    return {f"{index:05d}": variable for index, variable in enumerate(unique)}


def path_of(directory, step):
    """Returns the path of the checkpoint of a step."""
    return Path(directory, f"step-{step:09d}.npz")


def step_of(path):
    """Returns the step of a checkpoint's path."""
    return int(path.stem.removeprefix("step-"))


def listed(directory):
    """Returns the paths of all checkpoints in a folder, the oldest first."""
    names = re.compile(r"step-\d{9,}\.npz")
    return sorted(path for path in Path(directory).iterdir() if names.fullmatch(path.name))


def write(path, arrays, meta):
    """Writes a checkpoint, whole or not at all.

    Args:
        path: The .npz file.
        arrays: Dict of arrays.
        meta: Dict, writable as JSON.

    Raises:
        OSError: If it cannot be written, as on a full disk; the free space is checked first.
    """
    size = sum(array.nbytes for array in arrays.values())
    free = shutil.disk_usage(Path(path).parent).free
    if free < 1.1 * size:
        raise OSError(f"the disk has {free:,} bytes free, and {size:,} are needed")
    # Logs of others' callbacks may be NumPy's or TensorFlow's numbers.
    text = np.frombuffer(json.dumps(meta, default=float).encode(), "uint8")
    with whole_file(path) as file:
        np.savez(file, meta=text, **arrays)


def read(path):
    """Reads a checkpoint and verifies it: every array has a checksum in the file.

    Returns:
        `(arrays, meta)`, as they were written.

    Raises:
        DamagedCheckpointError: If the file is not whole.
    """
    damages = (OSError, ValueError, KeyError, EOFError, NotImplementedError)
    damages += (zipfile.BadZipFile, zlib.error, struct.error)
    try:
        with path.open("rb") as file, np.load(file) as content:
            arrays = {name: content[name] for name in content.files}
        return arrays, json.loads(arrays.pop("meta").tobytes())
    except damages as error:
        raise DamagedCheckpointError(f"{path} is damaged ({error})") from error


def newest(directory, after=-1):
    """Reads the newest checkpoint that is whole, of those after a step.

    Returns:
        `(arrays, meta)`, or None if there is none; and a list of what was found damaged.
    """
    damaged = []
    for path in reversed(listed(directory)):
        if step_of(path) <= after:
            break
        try:
            return read(path), damaged
        except DamagedCheckpointError as error:
            damaged.append(str(error))
    return None, damaged


def differences(before, now):
    """Returns what differs between two configurations, a list of "key: old, now new".

    Names of networks and layers, and what refers to them, are left out, because they depend on
    what else was made in the same process.
    """
    before, now = dict(_flat(before)), dict(_flat(now))
    keys = [key for key in before | now if before.get(key) != now.get(key)]
    keys.sort(key=lambda key: key.count("."))  # What was set first, then what followed from it.
    return [f"{key}: {before.get(key)!r}, now {now.get(key)!r}" for key in keys]


NAMES = {"name", "inbound_nodes", "input_layers", "output_layers", "build_config"}


def _flat(value, key=""):
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in NAMES:
                yield from _flat(item, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield from _flat(item, f"{key}.{index}")
    else:
        yield key, value
