"""A short mark of what a data set holds, by which a resumed run knows its data again."""

import hashlib
import math
import zlib

import numpy as np

MOST_BYTES = 2**26
MOST_IMAGES = 100_000
PART = 256


def checksum(image):
    """Returns the CRC-32 of an array's bytes, an int."""
    return zlib.crc32(np.ascontiguousarray(image))


def fingerprint(samples, labels=False):
    """Returns what tells the content of a data set from that of others.

    It is of the images as they are trained on, so it is the same for a folder, its copy, its pack
    and an array of the same pixels. All images count if they are at most 100,000 and 64 MiB
    together; otherwise every k-th, with the smallest k that gives no more than that.

    Args:
        samples: `Samples`; its `checksums` spare reading the images.
        labels: Whether all labels count too. Default: False.

    Returns:
        16 hexadecimal digits.
    """
    images = samples.images
    count, *shape = images.shape
    size = math.prod(shape) * getattr(images, "dtype", np.dtype("uint8")).itemsize
    step = max(1, math.ceil(count / MOST_IMAGES), math.ceil(count * size / MOST_BYTES))
    indices = np.arange(0, count, step)
    if samples.checksums is None:
        parts = (images[indices[start : start + PART]] for start in range(0, len(indices), PART))
        checksums = [checksum(image) for part in parts for image in part]
    else:
        checksums = samples.checksums[indices]
    digest = hashlib.sha256(str((count, shape)).encode())
    digest.update(np.asarray(checksums, "<u4").tobytes())
    if labels:
        digest.update(np.asarray(samples.labels).tobytes())
    return digest.hexdigest()[:16]
