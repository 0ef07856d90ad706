"""Features of many images, in files, so that memory does not grow with their number."""

import contextlib
import hashlib
import json

import numpy as np
import tqdm

from keras_gans.errors import InputError
from keras_gans.files import keras_home, whole_file, whole_path, writable_folder
from keras_gans.metrics.features import moments

SAME = 1e-3
"""Features that differ by less, as a share of their length, differ by the device's rounding."""


def embed_real(images, embedder, folder, cache=True, verbose=False):
    """Embeds real images, or finds their features in the Keras cache.

    Args:
        images: `StoredImages`.
        embedder: An `Embedder`.
        folder: `pathlib.Path` of a folder to make for the features if they are not to be cached.
        cache: Whether to keep features in the Keras cache, and to use kept ones. Default: True.
        verbose: Whether to show progress. Default: False.

    Returns:
        `Embedded`.

    Raises:
        InputError: If the cache, or `folder`, cannot be written.
    """
    label = "Real images" if verbose else None
    keep = ("features", "classes")
    if not cache:
        return embed(images, embedder, folder, keep, label)
    try:
        home = writable_folder(keras_home() / "keras_gans" / "features")
    except InputError as error:
        raise InputError(
            "The Keras cache must be a folder that can be written, or `KERAS_HOME` in the "
            f"environment name another. Received: {str(keras_home())!r}."
        ) from error
    key = images.digest + json.dumps(embedder.protocol(), sort_keys=True)
    kept = home / hashlib.sha256(key.encode()).hexdigest()
    if kept.is_dir() and _is_sound(kept, images, embedder):
        return Embedded(kept)
    return embed(images, embedder, kept, keep, label)


def _is_sound(kept, images, embedder):
    """Returns whether kept features can be read and are what the embedder makes of the images.

    Three images are embedded again: a preprocessing function, or the weights of a network that is
    still being trained, may have changed without a trace in the protocol.
    """
    chosen = np.unique([0, images.count // 2, images.count - 1])
    try:
        found = Embedded(kept).features[chosen]
    except (OSError, ValueError, EOFError, IndexError, TypeError):
        return False  # A file is cut off or missing.
    made = embedder(images.read(chosen))
    return found.shape == made.shape and np.linalg.norm(found - made) <= SAME * np.linalg.norm(made)


class Embedded:
    """What an embedder made of images, in files.

    Args:
        folder: `pathlib.Path` of the folder.
        images: A sample of the images, uint8 (n, H, W, C), or None.

    Attributes:
        features: float32 `np.memmap` (N, d).
        classes: int64 `np.memmap` (N,), a classifier's most probable classes, or None.
        probabilities: float32 `np.memmap` (N, classes), or None.
    """

    def __init__(self, folder, images=None):
        self._folder = folder
        self.images = images
        for name in ("features", "classes", "probabilities"):
            path = folder / f"{name}.npy"
            setattr(self, name, np.load(path, mmap_mode="r") if path.exists() else None)

    def moments(self):
        """Returns the mean (d,) and the covariance (d, d) of the features, and keeps them too."""
        path = self._folder / "moments.npz"
        if not path.exists():
            mean, covariance = moments(self.features)
            with whole_file(path) as file:
                np.savez(file, mean=mean, covariance=covariance)
        with np.load(path) as kept:
            return kept["mean"], kept["covariance"]


def embed(images, embedder, folder, keep, label, sample=()):
    """Embeds images into files and picks a sample of them on the way.

    Args:
        images: `GeneratedImages` or `StoredImages`.
        embedder: An `Embedder`, or None to pick the sample only.
        folder: `pathlib.Path` of the folder to make; an earlier one is replaced.
        keep: Names of outputs to keep.
        label: What the progress bar says, or None for no bar.
        sample: Ascending indices of the sample. Default: none.

    Returns:
        `Embedded`, with the sample.

    Raises:
        WriteError: If the folder cannot be written.
    """
    with whole_path(folder) as temporary:
        temporary.mkdir()
        picked = _embed(images, embedder, temporary, keep, label, np.asarray(sample, int))
    return Embedded(folder, picked)


def _embed(images, embedder, folder, keep, label, sample):
    """Fills the folder and returns the sample; see `embed`."""
    picked, start = [], 0
    bar = tqdm.tqdm(total=images.count, desc=label, unit="image", disable=label is None)
    with contextlib.ExitStack() as files, bar:
        opened = {}
        for batch in images.batches():
            outputs = embedder.outputs(batch) if embedder else {}
            if "probabilities" in outputs:
                outputs["classes"] = outputs["probabilities"].argmax(axis=1)
            for name in set(keep) & set(outputs):
                rows = np.ascontiguousarray(outputs[name])
                rows = rows.astype("float32") if rows.dtype.kind == "f" else rows
                if name not in opened:
                    opened[name] = files.enter_context((folder / f"{name}.npy").open("wb"))
                    shape = (images.count, *rows.shape[1:])
                    kind = np.lib.format.dtype_to_descr(rows.dtype)
                    header = {"descr": kind, "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(opened[name], header)
                opened[name].write(rows)
            chosen = sample[(start <= sample) & (sample < start + len(batch))]
            picked.append(batch[chosen - start])
            start += len(batch)
            bar.update(len(batch))
    return np.concatenate(picked)
