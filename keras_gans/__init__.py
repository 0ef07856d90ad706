"""The Keras 3 model zoo of generative adversarial networks.

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.DCGAN(image_shape=(16, 16, 1))
gan.compile()
gan.fit(data, epochs=100, callbacks=[kg.callbacks.SampleGrid("samples")])
images = gan.generate(64, seed=0)
"""

import importlib
import os
import pathlib
import sys

from keras_gans.methods import METHODS

__version__ = "0.2.0.dev0"

# Without AVX-512 TensorFlow leaves oneDNN out, though its steps take twice as long then. It must be
# said before TensorFlow is imported, and does nothing later.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

# Everything is imported at once, since `keras.saving.load_model` knows only classes that are. The
# command alone imports as it needs: `keras-gans --help` must not wait seconds for TensorFlow.
AS_COMMAND = pathlib.Path(sys.argv[0]).stem == "keras-gans"

_MODULES = ("augment", "callbacks", "constraints", "data", "latent", "layers", "losses")
_MODULES += ("metrics", "models", "networks", "penalties", "pictures")
_CLASSES = [method.class_name for method in METHODS.values()]

_FUNCTIONS = {"make_deterministic": "training.seed"}

__all__ = ["__version__", *_MODULES, *_CLASSES, *_FUNCTIONS]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"keras_gans.{name}")
    if name in _CLASSES:
        return getattr(importlib.import_module("keras_gans.models"), name)
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(f"keras_gans.{_FUNCTIONS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if not AS_COMMAND:
    for _name in __all__[1:]:
        globals()[_name] = __getattr__(_name)
