"""Images in a few large files instead of many small ones: shards of TFRecord, read at random.

All images of a pack have one shape, so all records have one size, and the place of each is known
without an index. The shards can be read by `tf.data.TFRecordDataset` too: a record is the bytes of
one image, uint8 of shape (H, W, C).
"""

import json
import os
import weakref
from pathlib import Path

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import Samples
from keras_gans.data.prepare import prepare_all
from keras_gans.errors import InputError
from keras_gans.files import check_new_folder, whole_tf_path, writable_folder

INDEX = "pack.json"
HEAD, TAIL = 12, 4
"""Bytes before and after the content of a record: its length and two checksums."""

MOST_SHARDS = 200

BATCH = 256
"""Images in memory at a time while packing."""


def is_pack(path):
    """Returns whether a path is a folder that `pack` wrote."""
    return (Path(path) / INDEX).is_file()


def pack(samples, folder, images_per_shard=10_000, progress=None):
    """Writes images to a new folder of shards, which `keras_gans.data.load` takes.

    Args:
        samples: `Samples`, of `uint8` images that may be read on demand.
        folder: The folder, which must not exist or be empty.
        images_per_shard: Images in a file, at least 1. Default: 10,000.
        progress: Function that is called with the number of images of each part. Default: none.

    Raises:
        InputError: If the folder is not empty or cannot be written, the samples are not images, or
            an argument is out of its range. Nothing is then left behind.
    """
    check_whole_numbers(least=1, images_per_shard=images_per_shard)
    import tensorflow as tf

    folder = Path(folder)
    count, *shape = samples.images.shape
    if len(shape) != 3:
        raise InputError(f"A pack holds images. Received: {samples.name}, which has points.")
    check_new_folder(folder)
    if count > MOST_SHARDS * images_per_shard:
        raise InputError(
            f"A pack has at most {MOST_SHARDS} shards, which are all open when it is read: "
            f"`images_per_shard` (--images-per-shard) is at least {-(-count // MOST_SHARDS)} for "
            f"{count} images. Received: {images_per_shard}."
        )
    writable_folder(folder.parent)
    with whole_tf_path(folder) as name:
        temporary = Path(name)
        temporary.mkdir()
        for number, first in enumerate(range(0, count, images_per_shard)):
            last = min(first + images_per_shard, count)
            with tf.io.TFRecordWriter(str(temporary / _shard(number))) as writer:
                for start in range(first, last, BATCH):
                    images = samples.images[np.arange(start, min(start + BATCH, last))]
                    for image in images:
                        writer.write(image.tobytes())
                    if progress:
                        progress(len(images))
        if samples.labels is not None:
            np.save(temporary / "labels.npy", samples.labels)
        index = {
            "format": 1,
            "name": samples.name,
            "num_images": count,
            "image_shape": shape,
            "images_per_shard": images_per_shard,
            "class_names": samples.class_names,
            "num_skipped": samples.num_skipped,
        }
        (temporary / INDEX).write_text(json.dumps(index, indent=2))


def read_pack(folder, *, image_size=None, channels=None, fit="crop", nearest=False, cache=True):
    """Reads what `pack` wrote.

    Args:
        folder: The folder.
        image_size: See `keras_gans.data.load`.
        channels: See `keras_gans.data.load`.
        fit: See `keras_gans.data.load`.
        nearest: See `prepare`.
        cache: Whether to keep all images in memory; otherwise they are read on demand.

    Returns:
        `Samples`.

    Raises:
        InputError: If the folder is not a pack, or one of its files is not whole.
    """
    folder = Path(folder)
    try:
        index = json.loads((folder / INDEX).read_text())
        images = PackedImages(folder, index, (image_size, channels, fit, nearest))
        has_labels = index["class_names"] is not None
        labels = np.load(folder / "labels.npy") if has_labels else None
        about = index["class_names"], int(index["num_skipped"])
        name = str(index["name"])
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise InputError(
            f"A pack must be whole: pack the images again. Received: {folder} ({error})"
        ) from error
    if cache:
        images = images[np.arange(len(images))]
    return Samples(name, images, labels, *about)


class PackedImages:
    """Images in shards that look like one array and are read when they are indexed.

    Args:
        folder: The folder of the pack.
        index: Dict of its pack.json.
        options: The arguments of `prepare` after the first, in their order.
    """

    def __init__(self, folder, index, options):
        count, self._per_shard = index["num_images"], index["images_per_shard"]
        self._packed_shape = tuple(index["image_shape"])
        self._bytes = int(np.prod(self._packed_shape))
        self._options = options
        self._files = []
        for number, first in enumerate(range(0, count, self._per_shard)):
            path = folder / _shard(number)
            expected = min(self._per_shard, count - first) * self._record
            if path.stat().st_size != expected:
                raise ValueError(f"{path.name} has {path.stat().st_size} bytes, not {expected}")
            file = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, file)
            self._files.append(file)
        self.shape = (count, *self[np.arange(1)].shape[1:])

    @property
    def _record(self):
        return HEAD + self._bytes + TAIL

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, indices):
        shards, places = np.divmod(indices, self._per_shard)
        # `pread` does not move the position in the file, so that threads can read side by side.
        images = b"".join(
            os.pread(self._files[shard], self._bytes, place * self._record + HEAD)
            for shard, place in zip(shards.tolist(), places.tolist(), strict=True)
        )
        images = np.frombuffer(images, "uint8").reshape(-1, *self._packed_shape)
        return prepare_all(images, *self._options)


def _shard(number):
    return f"images-{number:05d}.tfrecord"
