"""The space of latents: ways through it, and choices in it."""

from keras_gans.latent.paths import grid, interpolate, lerp, slerp
from keras_gans.latent.rejection import select
from keras_gans.latent.walk import walk

__all__ = ["grid", "interpolate", "lerp", "select", "slerp", "walk"]
