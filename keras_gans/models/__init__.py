"""The methods, one file each, as `methods.METHODS` lists them; `gan.py` is the engine of GANs."""

import importlib

from keras_gans.methods import METHODS

for _method in METHODS.values():
    _module = importlib.import_module(f"keras_gans.models.{_method.module}")
    globals()[_method.class_name] = getattr(_module, _method.class_name)

__all__ = [method.class_name for method in METHODS.values()]
