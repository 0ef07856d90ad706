"""Reads a PyTorch state dict without PyTorch and without running code that is pickled in it."""

import collections
import hashlib
import math
import pickle
import zipfile
from pathlib import Path

import numpy as np

from keras_gans.errors import InputError

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}


def file_sha256(path):
    """Returns the SHA-256 of a file, as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_state_dict(path):
    """Reads a file that `torch.save` wrote of a model's state dict.

    Reads the zip format and the older one without it. The pickle in the file may build dicts,
    numbers, strings and tensors; if it names anything else, it is refused before that is looked up,
    let alone called.

    Args:
        path: The file.

    Returns:
        Dict from names to NumPy arrays.

    Raises:
        InputError: If the file is missing, broken, holds something else, or would have code run;
            the message names the file's SHA-256.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"A weights file must exist. Received: {path}.")
    try:
        with path.open("rb") as file:
            is_zip = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            state = _read_zip(file) if is_zip else _read_legacy(file)
            if not isinstance(state, dict):
                raise TypeError(f"holds a {type(state).__name__}, not a dict")
            return {key: t.array() for key, t in state.items() if isinstance(t, _Tensor)}
    # A broken pickle can raise nearly anything.
    except Exception as error:
        raise InputError(
            "A weights file must be a whole state dict, saved by PyTorch. "
            f"Received: {path}, SHA-256 {file_sha256(path)}: {str(error) or repr(error)}."
        ) from error


class _Storage:
    """The numbers of one or more tensors; filled in once they are read."""

    def __init__(self, dtype, size):
        self.dtype = np.dtype(dtype)
        self.size = size
        self.values = None

    def fill(self, content):
        if len(content) != self.size * self.dtype.itemsize:
            raise EOFError("the numbers of a tensor are cut short")
        self.values = np.frombuffer(content, self.dtype)


class _Tensor:
    """A strided view of a storage."""

    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self):
        values, shape, strides = self.storage.values, self.shape, self.strides
        last = self.offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        # as_strided would read any memory.
        negative = min(self.offset, *shape, *strides, 0) < 0
        if negative or last >= values.size or math.prod(shape) > values.size:
            raise ValueError("a tensor lies outside its numbers")
        strides = [s * values.itemsize for s in strides]
        return np.lib.stride_tricks.as_strided(values[self.offset :], shape, strides).copy()


class _Unpickler(pickle.Unpickler):
    """Unpickles nothing but dicts of tensors."""

    def __init__(self, file, storages):
        super().__init__(file, encoding="utf-8")
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self.rebuild
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no state dict needs")

    def rebuild(self, *arguments):
        return _Tensor(*arguments)

    def persistent_load(self, pid):
        _, dtype, key, _, size = pid[:5]
        if dtype not in _DTYPES.values():
            raise pickle.UnpicklingError("numbers of an unknown type")
        if key not in self.storages:
            self.storages[key] = _Storage(dtype, size)
        return self.storages[key]


def _read_zip(file):
    """Reads data.pkl and, for each storage, data/KEY."""
    with zipfile.ZipFile(file) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        storages = {}
        with archive.open(pickled) as stream:
            state = _Unpickler(stream, storages).load()
        for key, storage in storages.items():
            storage.fill(archive.read(f"{pickled.removesuffix('.pkl')}/{key}"))
    return state


def _read_legacy(file):
    """Reads five pickles, the last of which lists the storages that follow."""
    storages = {}

    def load():
        return _Unpickler(file, storages).load()

    if load() != _MAGIC:
        raise ValueError("PyTorch did not write it")
    load(), load()  # the version of the format; the sizes of the writer's integers
    state = load()
    for key in load():
        storage = storages[key]
        if int.from_bytes(file.read(8), "little") != storage.size:
            raise ValueError("the sizes of a tensor's numbers disagree")
        storage.fill(file.read(storage.size * storage.dtype.itemsize))
    return state
