"""The space of latents: ways through it, choices in it, directions."""

from keras_gans.latent.directions import (
    Direction,
    edit,
    fit_direction,
    ganspace,
    sample,
    sefa,
    strip,
)
from keras_gans.latent.paths import grid, interpolate, lerp, slerp
from keras_gans.latent.rejection import select
from keras_gans.latent.walk import walk

__all__ = [
    "Direction",
    "edit",
    "fit_direction",
    "ganspace",
    "grid",
    "interpolate",
    "lerp",
    "sample",
    "sefa",
    "select",
    "slerp",
    "strip",
    "walk",
]
