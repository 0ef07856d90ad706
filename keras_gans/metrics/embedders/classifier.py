"""A small classifier as the embedder of images that do not suit Inception: grey, small, unusual.

`train_classifier` makes one from any labelled data set; two come with the package.
"""

import difflib
import pathlib

import keras
import numpy as np
from keras import layers, ops

from keras_gans.data.arrays import check_images
from keras_gans.data.prepare import prepare_all
from keras_gans.errors import InputError
from keras_gans.metrics.embedders.base import Embedder, float32_policy, hash_weights
from keras_gans.models.loading import read_keras_file
from keras_gans.networks.layer_seeds import layer_seeds

WEIGHTS = pathlib.Path(__file__).with_name("weights")
SHIPPED = ("digits", "fashion_mnist")
DIM = 64
# A side of 3 or 4 keeps where things are, which a mean over the whole image would lose.
LAST_SIDE = 4


@keras.saving.register_keras_serializable("keras_gans")
class Classifier(keras.Model):
    """A compact convolutional classifier from images in [-1, 1] to the features and the logits.

    Blocks of a 3x3 convolution with batch normalisation and a halving of the size until at most
    4x4 is left, then a hidden layer of 64, the features.

    Args:
        image_shape: (side, side, channels).
        class_names: List of the K classes' names.
        protocol: Dict of how it was trained and how well it does, kept in the .keras file.
            Default: None.
        seed: Int seed of the initial weights and of dropout. Default: None.
    """

    def __init__(self, image_shape, class_names, protocol=None, seed=None, **kwargs):
        self.image_shape = tuple(image_shape)
        self.class_names = list(class_names)
        self.protocol = protocol
        images = keras.Input(self.image_shape, name="images")
        with float32_policy():
            outputs = _layers(images, len(self.class_names), layer_seeds(seed, stream=0))
        super().__init__(images, outputs, **kwargs)

    def get_config(self):
        """Returns the constructor's arguments but the seed, which trained weights do not show."""
        return {
            "image_shape": self.image_shape,
            "class_names": self.class_names,
            "protocol": self.protocol,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Makes the classifier from `get_config`'s dict."""
        return cls(**config)


def _layers(images, num_classes, seed):
    """Returns the features and the logits of symbolic images."""

    def glorot():
        return keras.initializers.GlorotUniform(seed=next(seed))

    def activate(x, name=None):
        return layers.ReLU(name=name)(layers.BatchNormalization(momentum=0.9)(x))

    x, filters, side = images, 32, images.shape[1]
    while side > LAST_SIDE:
        options = dict(use_bias=False, kernel_initializer=glorot())
        x = layers.Conv2D(filters, 3, padding="same", **options)(x)
        # Pooled before it is normalised: a quarter of the work.
        x = activate(layers.MaxPooling2D()(x))
        filters, side = 64, side // 2
    x = layers.Dense(DIM, use_bias=False, kernel_initializer=glorot())(layers.Flatten()(x))
    features = activate(x, name="features")
    x = layers.Dropout(0.2, seed=next(seed))(features)
    logits = layers.Dense(num_classes, kernel_initializer=glorot(), name="logits")(x)
    return {"features": features, "logits": logits}


class ClassifierEmbedder(Embedder):
    """Features and probabilities of a classifier that `train_classifier` made.

    Images of another size or number of channels are converted as `kg.data.load` would convert
    them: the largest centred square, bicubic and antialiased; grey by the ITU-R 601 weights.
    The features are the 64 activations of the last hidden layer, at least 0, so that Fréchet
    distances need few images. Scores compare only with scores of the same classifier.

    Args:
        path_or_name: A .keras file, or "digits" (16x16, trained on scikit-learn's digits) or
            "fashion_mnist" (28x28), which come with the package.
        batch_size: Images in a batch, at least 1. Default: 256.

    Attributes:
        network: The `Classifier`.
        class_names: List of the K classes' names.
        accuracy: Share of held-out real images that it gets right, 0..1.

    Raises:
        InputError: If there is no such file or name, or the file holds no such classifier.

    Example:
        >>> embed = ClassifierEmbedder("fashion_mnist")
        >>> embed(images).shape, embed.probabilities(images).shape
        ((100, 64), (100, 10))
    """

    def __init__(self, path_or_name, batch_size=256):
        self.network = network = _load(path_or_name)
        self.class_names = network.class_names
        self.accuracy = network.protocol["accuracy"]
        side, _, channels = network.image_shape
        super().__init__(
            f"{network.protocol['data']} classifier",
            DIM,
            num_classes=len(network.class_names),
            channels=channels,
            resize=f"Pillow bicubic to {side}x{side}",
            weights_sha256=hash_weights(network),
            batch_size=batch_size,
        )

    def forward(self, images):
        """Returns the features and logits of one batch of the classifier's size."""
        return self.network(ops.cast(images, "float32") / 127.5 - 1.0, training=False)

    def outputs(self, images):
        """Returns all outputs; see `Embedder`. Images may have any size, grey or coloured."""
        images = check_images(np.asarray(images))
        side, _, channels = self.network.image_shape
        return super().outputs(prepare_all(images, side, channels))

    def protocol(self):
        """Returns what a score must be read with, and how the classifier was trained."""
        return super().protocol() | {"classifier": self.network.protocol}


def _load(path_or_name):
    path = pathlib.Path(str(path_or_name)).expanduser()
    if str(path_or_name) in SHIPPED:
        path = WEIGHTS / f"{path_or_name}.keras"
    elif not path.is_file() or path.suffix != ".keras":
        near = difflib.get_close_matches(str(path_or_name), SHIPPED, n=2, cutoff=0.4) or SHIPPED
        raise InputError(
            "A classifier is a .keras file that `keras-gans train-embedder` made, or one that "
            f"comes with the package, such as {', '.join(near)}. Received: {str(path_or_name)!r}."
        )
    model = read_keras_file(path, compile=False)
    if not isinstance(model, Classifier) or not model.protocol:
        raise InputError(
            "A classifier's .keras file is made by `keras-gans train-embedder`. "
            f"Received: {path} with a {type(model).__name__}."
        )
    return model
