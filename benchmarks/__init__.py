"""Measurements, each a module of its own: see README.md here."""

import os

# As `keras_gans` says it, which most of these import after Keras.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
