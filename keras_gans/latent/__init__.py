"""The space of latents: ways through it."""

from keras_gans.latent.paths import grid, interpolate, lerp, slerp
from keras_gans.latent.walk import walk

__all__ = ["grid", "interpolate", "lerp", "slerp", "walk"]
