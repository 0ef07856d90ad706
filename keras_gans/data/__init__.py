"""Training data: named sets, folders, arrays and synthetic sets with known modes."""

from keras_gans.data.domains import pairs, unpaired
from keras_gans.data.loader import SOURCES, load, load_arrays
from keras_gans.data.synthetic import (
    COLOR_NAMES,
    MODE_STD,
    SCENE_LABELS,
    SCENE_STYLES,
    SHAPE_NAMES,
    gaussian_mixture,
    mode_centers,
    scenes,
    shapes,
)

__all__ = [
    "COLOR_NAMES",
    "MODE_STD",
    "SCENE_LABELS",
    "SCENE_STYLES",
    "SHAPE_NAMES",
    "SOURCES",
    "gaussian_mixture",
    "load",
    "load_arrays",
    "mode_centers",
    "pairs",
    "scenes",
    "shapes",
    "unpaired",
]
