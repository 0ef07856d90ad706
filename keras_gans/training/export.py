"""What a SavedModel answers as Python does: latents of a seed, pixels; and how both are written."""

import json
import pathlib

import keras
import tensorflow as tf

from keras_gans.errors import InputError
from keras_gans.files import whole_tf_path


def latents(count, latent_dim, seed):
    """Draws standard normal latents from a seed, the same in a SavedModel as in Python.

    Args:
        count: Number of latents, int or integer tensor.
        latent_dim: Size of a latent.
        seed: Int or integer tensor.

    Returns:
        Float32 tensor (count, latent_dim).
    """
    seed = tf.stack([tf.cast(seed, "int32"), 0])
    return tf.random.stateless_normal((count, latent_dim), seed)


def to_uint8(images):
    """Maps images from [-1, 1] to whole numbers in 0..255, the nearest of them."""
    return tf.cast(tf.round(tf.clip_by_value((images + 1.0) * 127.5, 0.0, 255.0)), "uint8")


PARTS = {"saved_model.pb", "fingerprint.pb", "variables", "assets", "assets.extra"}
"""What lies in the folder of a SavedModel."""


def savedmodel(model, path):
    """Writes a model as a SavedModel with the model's `signatures()`.

    How many classes a conditional model has is in the file assets.extra/keras_gans.json, which
    TensorFlow leaves alone.

    Raises:
        InputError: If something else would be lost: the folder is replaced.
        WriteError: If it cannot be written.
    """
    there = pathlib.Path(path)
    names = {file.name for file in there.iterdir()} if there.is_dir() else set()
    if others := sorted(name for name in names - PARTS if not name.startswith(".")):
        raise InputError(
            "A SavedModel takes the place of a folder that is empty or holds another one alone. "
            f"Received: {str(path)!r} with {', '.join(others[:3])}."
        )
    archive = keras.export.ExportArchive()
    # The variables are those that the endpoints use: to track networks would write them twice.
    for name, (function, specs) in model.signatures().items():
        archive.add_endpoint(name, function, specs)
    with whole_tf_path(path) as temporary:
        archive.write_out(temporary, verbose=False)
        extra = pathlib.Path(temporary, "assets.extra")
        extra.mkdir()
        (extra / "keras_gans.json").write_text(json.dumps({"num_classes": model.num_classes}))


def network(network, path, format, **options):
    """Writes one network in another format of `keras.Model.export`.

    Raises:
        WriteError: If it cannot be written.
        ImportError: If the format needs a package that is not installed.
    """
    # LiteRT's own operations need whole shapes: one input at a time.
    count = 1 if format == "litert" else None
    inputs = keras.tree.map_structure(
        lambda x: keras.KerasTensor((count, *x.shape[1:]), x.dtype, name=x.name), network.input
    )
    options = {"input_signature": [inputs], **options}
    with whole_tf_path(path) as temporary:
        network.export(temporary, format=format, verbose=False, **options)
