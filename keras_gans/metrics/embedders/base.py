"""What every embedder shares: uint8 images in, NumPy features out, in batches of one size."""

import contextlib
import functools
import hashlib
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import scipy.special
import tensorflow as tf
from keras import ops

import keras_gans
from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import check_images
from keras_gans.data.prepare import opaque, worker_count
from keras_gans.errors import InputError


class Embedder:
    """Base class of the embedders. A subclass implements `forward`.

    Images go through the network in batches of `batch_size`. The last batch is filled up, so that
    the network is compiled once for each size of images.

    Args:
        name: Name of the features, as scores show it.
        dim: Number of features of an image.
        num_classes: Number of classes of a classifier, or None.
        channels: Channels that `forward` takes, 1 or 3, or None for either. Grey images are
            repeated where 3 are wanted.
        resize: How images are brought to the network's size, in words.
        weights_sha256: SHA-256 of the weights, as 64 hexadecimal digits.
        comparable_with_papers: Whether scores on these features are those that papers report.
        batch_size: Images in a batch, at least 1. Default: 32.

    Raises:
        InputError: If the batch size is out of its range.
    """

    def __init__(
        self,
        name,
        dim,
        *,
        weights_sha256,
        num_classes=None,
        channels=3,
        resize="none",
        comparable_with_papers=False,
        batch_size=32,
    ):
        check_whole_numbers(least=1, batch_size=batch_size)
        self.name = name
        self.dim = dim
        self.num_classes = num_classes
        self.channels = channels
        self.resize = resize
        self.weights_sha256 = weights_sha256
        self.comparable_with_papers = comparable_with_papers
        self.batch_size = batch_size
        self._compiled = tf.function(self.forward, autograph=False)

    def forward(self, images):
        """Returns the outputs for one batch as a dict of tensors.

        Args:
            images: uint8 tensor of shape (batch size, H, W, channels), all dimensions known.

        Returns:
            "features" of shape (batch size, dim) and, of a classifier, "logits" of shape (batch
            size, num_classes).
        """
        raise NotImplementedError

    def __call__(self, images):
        """Returns the features of images, float32 of shape (N, dim).

        Args:
            images: uint8 NumPy array of shape (N, H, W, 1 or 3).

        Raises:
            InputError: If the images are of another type or shape.
        """
        return self.outputs(images)["features"]

    def logits(self, images):
        """Returns a classifier's logits of images, float32 of shape (N, num_classes).

        Args:
            images: uint8 NumPy array of shape (N, H, W, 1 or 3).

        Raises:
            InputError: If the images are of another type or shape, or the embedder is not a
                classifier.
        """
        self._check_classifier()
        return self.outputs(images)["logits"]

    def probabilities(self, images):
        """Returns a classifier's softmax of the logits, float64 of shape (N, num_classes).

        Args:
            images: uint8 NumPy array of shape (N, H, W, 1 or 3).

        Raises:
            InputError: If the images are of another type or shape, or the embedder is not a
                classifier.
        """
        self._check_classifier()
        return self.outputs(images)["probabilities"]

    def outputs(self, images):
        """Returns all outputs of one pass through the network.

        Args:
            images: uint8 NumPy array of shape (N, H, W, 1 or 3).

        Returns:
            Dict of NumPy arrays: "features" and, of a classifier, "logits" and "probabilities".

        Raises:
            InputError: If the images are of another type or shape.
        """
        images = opaque(check_images(np.asarray(images)))
        if self.channels == 1 and images.shape[-1] == 3:
            raise InputError(
                f"The embedder {self.name} takes grey images (N, H, W, 1). "
                f"Received: shape {images.shape}."
            )
        starts = range(0, len(images), self.batch_size)
        # Batches side by side use few cores better than one batch whose operations are split up.
        with ThreadPoolExecutor(worker_count(4)) as pool:
            batches = list(pool.map(functools.partial(self._embed_batch, images), starts))
        joined = {key: np.concatenate([b[key] for b in batches]) for key in batches[0]}
        if "logits" in joined:
            logits = joined["logits"].astype("float64")
            joined["probabilities"] = scipy.special.softmax(logits, axis=1)
        return joined

    def _embed_batch(self, images, start):
        batch = images[start : start + self.batch_size]
        count = len(batch)
        batch = np.pad(batch, [(0, self.batch_size - count), (0, 0), (0, 0), (0, 0)])
        if self.channels == 3 and batch.shape[-1] == 1:
            batch = np.repeat(batch, 3, axis=-1)
        outputs = self._compiled(ops.convert_to_tensor(batch))
        return {key: ops.convert_to_numpy(value)[:count] for key, value in outputs.items()}

    def protocol(self):
        """Returns what a score on these features must be read with, as a dict for JSON."""
        return {
            "features": self.name,
            "dim": self.dim,
            "resize": self.resize,
            "weights_sha256": self.weights_sha256[:16],
            "comparable_with_papers": self.comparable_with_papers,
            "versions": versions(),
        }

    def _check_classifier(self):
        if self.num_classes is None:
            raise InputError(
                "Logits and probabilities, and so the inception score, need an embedder that is a "
                f"classifier. Received: {self.name}."
            )


def versions():
    """Returns the versions that scores and trained classifiers name, as a dict."""
    return {
        "keras_gans": keras_gans.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }


def hash_weights(model):
    """Returns the SHA-256 of a Keras model's weights, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights))
    return digest.hexdigest()


@contextlib.contextmanager
def float32_policy():
    """Builds layers in float32, whatever precision a GAN is being trained in."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
