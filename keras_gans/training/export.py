"""SavedModels of generators, with named signatures."""

import json
import pathlib

import keras
import tensorflow as tf


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


def savedmodel(model, path, verbose=None):
    """Writes the averaged generator of a GAN as a SavedModel with two signatures.

    `serving_default`: latents float32 (N, latent_dim) -> images float32 (N, ...) in [-1, 1].
    `generate`: count int32 and seed int32 scalars -> images uint8 (count, ...), the images of
    `model.generate(count, seed=seed)`; points that are no images stay float32.
    A conditional model's signatures also take `labels`, int32 (N,). How many classes there are is
    in the file assets.extra/keras_gans.json, which TensorFlow leaves alone.
    """
    labels = [tf.TensorSpec((None,), "int32", "labels")] if model.num_classes else []

    def images_from_latents(latents, labels=None):
        return model(latents, labels=labels)

    def images_from_seed(count, seed, labels=None):
        images = model(latents(count, model.latent_dim, seed), labels=labels)
        return to_uint8(images) if model.makes_images else images

    archive = keras.export.ExportArchive()
    archive.track(model.average_generator)
    archive.add_endpoint(
        "serving_default",
        images_from_latents,
        [tf.TensorSpec((None, model.latent_dim), "float32", "latents"), *labels],
    )
    archive.add_endpoint(
        "generate",
        images_from_seed,
        [tf.TensorSpec((), "int32", "count"), tf.TensorSpec((), "int32", "seed"), *labels],
    )
    archive.write_out(path, verbose=verbose if verbose is not None else True)
    extra = pathlib.Path(path, "assets.extra")
    extra.mkdir(exist_ok=True)
    (extra / "keras_gans.json").write_text(json.dumps({"num_classes": model.num_classes}))
