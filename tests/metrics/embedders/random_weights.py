"""Random weights of the 2015 Inception, and PyTorch's files of them, with NumPy alone."""

import zipfile
import zlib

import numpy as np

ORDERED_DICT = b"ccollections\nOrderedDict\n)R"
STORAGES = {"float32": b"ctorch\nFloatStorage\n", "int64": b"ctorch\nLongStorage\n"}


def random_state(convolutions):
    """Returns a state dict with which activations neither grow nor vanish.

    Every array has a seed of its own, made of its name.

    Args:
        convolutions: Dict from names, such as "Mixed_5b.branch1x1", to PyTorch's shapes.
    """

    def uniform(key, shape, low, high):
        random = np.random.default_rng(zlib.crc32(key.encode()))
        return random.random(shape, "float32") * np.float32(high - low) + np.float32(low)

    state = {}
    for name, shape in convolutions.items():
        limit = np.sqrt(6 / np.prod(shape[1:]))
        ranges = {"weight": (0.5, 1.5), "bias": (-0.2, 0.2)}
        ranges |= {"running_mean": (-0.2, 0.2), "running_var": (0.5, 1.5)}
        key = f"{name}.conv.weight"
        state[key] = uniform(key, shape, -limit, limit)
        for part, bounds in ranges.items():
            key = f"{name}.bn.{part}"
            state[key] = uniform(key, shape[0], *bounds)
        state[f"{name}.bn.num_batches_tracked"] = np.array(0)
    state["fc.weight"] = uniform("fc.weight", (1008, 2048), -0.05, 0.05)
    state["fc.bias"] = uniform("fc.bias", 1008, -1, 1)
    return state


def random_images():
    """Returns two images of coloured squares, uint8 (2, 299, 299, 3)."""
    squares = np.random.default_rng(1).integers(0, 256, (2, 13, 13, 3)).astype("uint8")
    return squares.repeat(23, axis=1).repeat(23, axis=2)


def noise_images():
    """Returns images to resize, uint8 (H, W, 3), by name."""
    sizes = {"small": (28, 28), "upright": (40, 36), "large": (400, 310)}
    random = np.random.default_rng(2)
    return {k: random.integers(0, 256, (*size, 3)).astype("uint8") for k, size in sizes.items()}


def pickled(value):
    """Returns the opcodes of a pickle that makes `value`; bytes are opcodes already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return b"X" + len(value).to_bytes(4, "little") + value.encode()
    if isinstance(value, bool):
        return b"\x88" if value else b"\x89"
    if isinstance(value, int):
        return b"J" + value.to_bytes(4, "little", signed=True)
    return b"(" + b"".join(map(pickled, value)) + b"t"


def tensor(key, array, last=(), offset=0):
    """Returns the opcodes of a tensor whose numbers are the storage `key`."""
    storage = ("storage", STORAGES[array.dtype.name], key, "cpu", array.size, *last)
    strides = tuple(stride // array.itemsize for stride in array.strides)
    arguments = (pickled(storage) + b"Q", offset, array.shape, strides, False, ORDERED_DICT)
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + pickled(arguments) + b"R"


def mapping(items):
    """Returns a whole pickle of an ordered dict from names to opcodes."""
    pairs = b"".join(pickled(name) + opcodes for name, opcodes in items.items())
    return b"\x80\x02" + ORDERED_DICT + b"(" + pairs + b"u."


def write_pth(path, state):
    """Writes a state dict as `torch.save` does."""
    items = {name: tensor(str(i), a) for i, (name, a) in enumerate(state.items())}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", mapping(items))
        archive.writestr("archive/version", "3\n")
        for i, array in enumerate(state.values()):
            archive.writestr(f"archive/data/{i}", array.tobytes())


def write_legacy_pth(path, state):
    """Writes a state dict as `torch.save` did before PyTorch 1.6."""
    items = {name: tensor(str(i), a, (b"N",)) for i, (name, a) in enumerate(state.items())}
    keys = tuple(str(i) for i in range(len(state)))
    with path.open("wb") as file:
        for value in (b"L119547037146038801333356L\n", 1001, b"}"):
            file.write(pickled(value) + b".")
        file.write(mapping(items) + pickled(keys) + b".")
        for array in state.values():
            file.write(array.size.to_bytes(8, "little") + array.tobytes())
