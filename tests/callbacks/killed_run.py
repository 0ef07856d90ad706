"""A short training in the deterministic mode, as a program that can be killed.

`python -m tests.callbacks.killed_run FOLDER [METHOD]`: 150 steps in epochs of 20, with a checkpoint
every 3 steps, resumed if there is one; at the end the whole state goes to FOLDER/end.npz. With
TF_CONFIG it is one worker of a cluster. METHOD is one that makes images from images, or
progressive_gan, which grows from 4 to 32 pixels; without it points are learned by a WGAN-GP.
"""

import os
import pathlib
import sys
import time

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from keras_gans.methods import METHODS
from keras_gans.networks import mlp
from keras_gans.training.snapshot import take
from keras_gans.training.strategy import is_chief, make_strategy


class Slowly(keras.callbacks.Callback):
    """Leaves time to be killed in: the steps alone would be over too soon."""

    def on_train_batch_begin(self, batch, logs=None):
        time.sleep(0.02)


def points():
    """Returns a GAN of points, and its data."""
    gan = kg.WGANGP(
        mlp.generator((2,), 3, (16,), None, seed=0),
        mlp.discriminator((2,), (16,), seed=0),
        discriminator_steps=2,
    )
    return gan, kg.data.load("ring", count=320, batch_size=8)


def translator(name):
    """Returns a model that makes images from images, and data that are cropped at random."""
    method = METHODS[name]
    images, _ = kg.data.shapes(40, 16)
    options = {"batch_size": 2, "jitter": True, "flip": True}
    if name == "gaugan":
        data = kg.data.pairs(images[..., :1] // 64, images, labels=5, **options)
    else:
        data = getattr(kg.data, method.data)(images, 255 - images, **options)
    tiny = {key: value for key, value in method.tiny.items() if key != "labels"}
    return getattr(kg, method.class_name).from_data(data, **tiny), data


def growing():
    """Returns a GAN that fades in three times in 150 steps, and its data."""
    sizes = {"latent_dim": 8, "filters": 4, "max_filters": 8, "fade_images": 80}
    gan = kg.ProgressiveGAN(image_shape=(32, 32, 3), **sizes, stable_images=80)
    return gan, kg.data.load("shapes", count=40, batch_size=4)


def main():
    folder = pathlib.Path(sys.argv[1])
    strategy = make_strategy("multi_worker" if "TF_CONFIG" in os.environ else "none")
    kg.make_deterministic()
    with (strategy or tf.distribute.get_strategy()).scope():
        name = sys.argv[2] if len(sys.argv) > 2 else None
        made = {None: points, "progressive_gan": growing}
        gan, data = made[name]() if name in made else translator(name)
        gan.compile(1e-3, 1e-3)
    budget = kg.callbacks.Budget(steps=150)
    callbacks = [
        budget,
        kg.callbacks.RateDecay(budget),
        kg.callbacks.DivergenceGuard(saturation=None),
        kg.callbacks.Checkpoint(folder / "checkpoints", every_steps=3, resume=True),
        Slowly(),
    ]
    if is_chief(gan):
        callbacks.append(kg.callbacks.HistoryLog(folder / "history.csv"))
    gan.fit(data, epochs=99, verbose=0, callbacks=callbacks)
    if is_chief(gan):
        np.savez(folder / "end.npz", **take(gan))


if __name__ == "__main__":
    main()
