import keras
import numpy as np
import pytest
from keras import ops


class TinyGAN(keras.Model):
    """A model with the interface that the callbacks rely on, trained in milliseconds.

    The "networks" are two kernels that move by a small gradient step each batch, so every epoch
    generates other images. From the training step `nan_step` on the loss is NaN, and with it
    all weights.
    """

    def __init__(self, num_classes=None, channels=1, points=False, nan_step=10**6):
        super().__init__()
        self.num_classes = num_classes
        self.points = points
        self.image_shape = (2,) if points else (4, 5, channels)
        size = int(np.prod(self.image_shape))
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=1)
        self.generator_kernel = self.add_weight(shape=(3, size), initializer=normal, name="g")
        self.discriminator_kernel = self.add_weight(shape=(size,), initializer=normal, name="d")
        self.nan_step = nan_step
        self.loss_mean = keras.metrics.Mean("generator_loss")
        self.generator_optimizer = keras.optimizers.Adam(0.05)
        self.discriminator_optimizer = keras.optimizers.Adam(0.2)
        self.generator_optimizer.build([self.generator_kernel])
        self.discriminator_optimizer.build([self.discriminator_kernel])
        self.built = True
        self.compile()

    def train_step(self, data):
        step = self.generator_optimizer.iterations + 1
        factor = ops.where(step >= self.nan_step, float("nan"), 1.0)
        g, d = self.generator_kernel, self.discriminator_kernel
        loss = factor * (ops.mean(g * g) + ops.mean(d * d))
        self.generator_optimizer.apply([2 * factor * g], [g])
        self.discriminator_optimizer.apply([2 * factor * d], [d])
        self.loss_mean.update_state(loss)
        return {"generator_loss": self.loss_mean.result()}

    def test_step(self, data):
        self.loss_mean.update_state(ops.mean(self.generator_kernel))
        return {"generator_loss": self.loss_mean.result()}

    def generate(self, count, seed=0, labels=None):
        latents = np.random.default_rng(seed).normal(size=(count, 3))
        raw = latents @ self.generator_kernel.numpy()
        if self.points:
            return raw.astype("float32")
        if self.num_classes is not None:
            labels = np.arange(count) % self.num_classes if labels is None else labels
            raw += np.asarray(labels)[:, None]
        images = np.clip(127.5 + 40 * raw, 0, 255).astype("uint8")
        return images.reshape(count, *self.image_shape)


@pytest.fixture
def tiny_gan():
    """The class, called with the options that a test needs."""
    return TinyGAN


@pytest.fixture
def fit():
    """Trains a TinyGAN on batches of one for a few steps an epoch."""

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
