"""The space of latents: ways through it, choices in it, directions."""

from keras_gans.latent.attributes import (
    Entanglement,
    entanglement,
    find_direction,
    labels_of,
    least_strengths,
)
from keras_gans.latent.audit import Finding, audit
from keras_gans.latent.classifier import read_attributes, train_attributes
from keras_gans.latent.climb import climb, gradient_direction
from keras_gans.latent.directions import (
    Direction,
    edit,
    fit_direction,
    ganspace,
    sefa,
    strip,
)
from keras_gans.latent.inversion import Inversion, invert, train_encoder
from keras_gans.latent.paths import grid, interpolate, lerp, slerp
from keras_gans.latent.rejection import select
from keras_gans.latent.spaces import sample
from keras_gans.latent.walk import walk

__all__ = [
    "Direction",
    "Entanglement",
    "Finding",
    "Inversion",
    "audit",
    "climb",
    "edit",
    "entanglement",
    "find_direction",
    "fit_direction",
    "ganspace",
    "gradient_direction",
    "grid",
    "interpolate",
    "invert",
    "labels_of",
    "least_strengths",
    "lerp",
    "read_attributes",
    "sample",
    "sefa",
    "select",
    "slerp",
    "strip",
    "train_attributes",
    "train_encoder",
    "walk",
]
