"""Large images in overlapping tiles, which are blended so that no seams are seen."""

import numpy as np
import tqdm


def map_tiles(function, image, tile, verbose=False):
    """Returns what a function makes of an image, at most a tile at a time.

    Tiles overlap by at least a quarter, and each counts the less the nearer its border is.

    Args:
        function: From an array (height, width, C) to float values of the same height and width.
        image: Array (height, width, C).
        tile: Largest height and width that the function is given.
        verbose: Whether to show the progress.

    Returns:
        Float32 array (height, width, C).
    """
    height, width = image.shape[:2]
    if height <= tile and width <= tile:
        return np.asarray(function(image), "float32")
    places = [(top, left) for top in _starts(height, tile) for left in _starts(width, tile)]
    weight = np.minimum.outer(_ramp(min(height, tile)), _ramp(min(width, tile)))[..., None]
    total, weights = None, np.zeros((height, width, 1), "float32")
    bar = dict(desc="Translating", unit="tile", leave=False, disable=not verbose)
    for top, left in tqdm.tqdm(places, **bar):
        part = np.s_[top : top + tile, left : left + tile]
        made = np.asarray(function(image[part]), "float32")
        if total is None:
            total = np.zeros((height, width, made.shape[-1]), "float32")
        total[part] += weight * made
        weights[part] += weight
    return total / weights


def _starts(side, tile):
    """Returns where tiles begin along a side."""
    if side <= tile:
        return [0]
    count = 1 + -(-(side - tile) * 4 // (3 * tile))
    return [int(start) for start in np.linspace(0, side - tile, count).round()]


def _ramp(side):
    """Returns weights along a tile: 1 in its middle half, falling towards both ends."""
    distance = np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1))
    return np.minimum(1.0, 4 * distance / side).astype("float32")
