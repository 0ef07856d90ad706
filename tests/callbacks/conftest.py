import os
import types

import keras
import numpy as np
import pytest
from keras import ops

from keras_gans.errors import InputError

RATES = (0.05, 0.2)


class TinyModel(keras.Model):
    """A model with the interface that the callbacks rely on, trained in milliseconds.

    The "networks" are one kernel for each player, which moves by a small gradient step each batch,
    so every epoch the first player generates other samples. From the training step `nan_step` on
    the losses are NaN, and with them all weights.
    """

    accuracy_logs = ("real_accuracy", "fake_accuracy")
    untrained_losses = types.MappingProxyType({})
    batches_per_step = 1
    columns = None
    has_latents = True
    _steps_to_pass = 0
    is_passing = property(lambda self: self._steps_to_pass > 0)
    steps_done = property(lambda self: int(self.step.numpy()))

    def __init__(
        self,
        players=("generator", "discriminator"),
        num_classes=None,
        channels=1,
        points=False,
        nan_step=10**6,
    ):
        super().__init__()
        self.num_classes = num_classes
        self.points = points
        self.image_shape = (2,) if points else (4, 5, channels)
        shape = (3, int(np.prod(self.image_shape)))
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=1)
        self.kernels = {
            name: self.add_weight(shape=shape, initializer=normal, name=name) for name in players
        }
        self.kernel = self.kernels[players[0]]
        self.nan_step = nan_step
        self.trackers = {name: keras.metrics.Mean(f"{name}_loss") for name in players}
        self.optimizers = {
            name: keras.optimizers.Adam(rate) for name, rate in zip(players, RATES, strict=False)
        }
        for name, optimizer in self.optimizers.items():
            optimizer.build([self.kernels[name]])
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False)
        self.batches_done = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.built = True
        self.compile(run_eagerly=True)

    def state_was_set(self):
        """Has nothing that follows from its variables."""

    def players(self):
        return {name: [] for name in self.kernels}

    @property
    def metrics(self):
        return list(self.trackers.values())

    def train_step(self, data):
        self.step.assign_add(1)
        factor = ops.where(self.step >= self.nan_step, float("nan"), 1.0)
        for name, kernel in self.kernels.items():
            self.trackers[name].update_state(factor * ops.mean(kernel * kernel))
            self.optimizers[name].apply([2 * factor * kernel], [kernel])
        return self.get_metrics_result()

    def test_step(self, data):
        for name, tracker in self.trackers.items():
            tracker.update_state(ops.mean(self.kernels[name]))
        return self.get_metrics_result()

    def generate(self, count, seed=0, labels=None):
        latents = np.random.default_rng(seed).normal(size=(count, 3))
        raw = latents @ self.kernel.numpy()
        if self.points:
            return raw.astype("float32")
        if self.num_classes is not None:
            labels = np.arange(count) % self.num_classes if labels is None else labels
            raw += np.asarray(labels)[:, None]
        images = np.clip(127.5 + 40 * raw, 0, 255).astype("uint8")
        return images.reshape(count, *self.image_shape)

    def preview(self, count=None, seed=0, labels=None):
        if labels is not None and self.num_classes is None:
            raise InputError(f"Only conditional models take `labels`. Received: {labels}.")
        count = 64 if count is None else count
        return self.generate(count if labels is None else len(labels), seed, labels), self.columns

    def alternatives(self, count, seed):
        if not self.has_latents:
            return []
        labels = np.arange(count) % (self.num_classes or 1)
        samples = self.generate(count, seed, labels)
        return [samples[labels == k] for k in np.unique(labels)]


@pytest.fixture
def tiny():
    """The class, called with the options that a test needs."""
    return TinyModel


@pytest.fixture
def fit():
    """Trains a TinyModel on batches of one for a few steps an epoch."""

    def run(model, callbacks, epochs=1, steps=2, **kwargs):
        return model.fit(
            np.zeros((steps, 1), "float32"),
            batch_size=1,
            epochs=epochs,
            callbacks=callbacks,
            verbose=0,
            **kwargs,
        )

    return run


@pytest.fixture
def full_disk(monkeypatch):
    """A switch: while `full_disk.on` no file of `keras_gans.files.whole_file` can be written."""
    disk = types.SimpleNamespace(on=True)
    replace = os.replace

    def fail(*paths):
        if disk.on:
            raise OSError(28, "No space left on device")
        replace(*paths)

    monkeypatch.setattr("keras_gans.files.os.replace", fail)
    return disk
