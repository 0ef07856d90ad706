"""Image files to test on."""

import numpy as np
from PIL import Image


def noise(*shape, seed=0):
    """Returns a random uint8 array."""
    return np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)


def save(path, pixels, **options):
    """Writes an array as an image file, in a folder that is made if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
