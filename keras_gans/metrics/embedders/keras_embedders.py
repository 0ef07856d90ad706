"""Embedders that are Keras models: the one that Keras ships, and any other."""

import keras
from keras import layers, ops

from keras_gans.errors import InputError
from keras_gans.metrics.embedders.base import Embedder, float32_policy, hash_weights
from keras_gans.metrics.embedders.resize import resize


class KerasInceptionV3(Embedder):
    """Features and logits of `keras.applications.InceptionV3`, trained on ImageNet.

    2,048 features, the last pool's, and 1,000 logits. Its weights and its graph are not those of
    2015: scores compare with each other, **not with papers**, and are labelled so. Images are
    resized as clean-fid does.

    Args:
        weights: As `keras.applications.InceptionV3` takes them: "imagenet" (default, downloaded
            once), a path, or None for random weights.
        batch_size: Images in a batch. Default: 32.

    Raises:
        InputError: If the weights cannot be found, downloaded or read.
    """

    def __init__(self, weights="imagenet", batch_size=32):
        try:
            with float32_policy():
                model = keras.applications.InceptionV3(weights=weights, classifier_activation=None)
                pool = model.get_layer("avg_pool").output
                self.network = keras.Model(model.inputs, {"features": pool, "logits": model.output})
        # Keras raises a plain Exception if there is no network.
        except Exception as error:
            raise InputError(
                '`weights` must be "imagenet" with the file in the Keras cache or a network to '
                "download it, a path of such weights, or None. "
                f"Received: {weights!r} ({error})."
            ) from error
        super().__init__(
            "InceptionV3 of keras.applications, not comparable with papers",
            2048,
            num_classes=1000,
            resize="clean",
            weights_sha256=hash_weights(self.network),
            batch_size=batch_size,
        )

    def forward(self, images):
        """See `Embedder`."""
        return self.network(resize(images, "clean") / 127.5 - 1, training=False)


class ModelEmbedder(Embedder):
    """Features from a layer of any Keras model.

    Feature maps (N, H, W, C) are averaged over space; other outputs are flattened.

    Args:
        model: Built Keras model with one input, images (N, H, W, 1 or 3). Grey images are repeated
            where it takes 3 channels. The protocol names the weights that it has now.
        layer: Name of the layer whose output is the features. None (default): the model's output.
        preprocess: Function in `keras.ops` from float32 images (N, H, W, C) in 0..255 to what the
            model takes, resized as well. None (default): as they are.
        name: Name of the features. Default: the model's name and the layer's.
        batch_size: Images in a batch. Default: 32.

    Raises:
        InputError: If the model or the layer cannot be used; when called, if the preprocessed
            images do not fit the model.

    Example:
        >>> embed = ModelEmbedder(classifier, "pool", lambda images: images / 255)
    """

    def __init__(self, model, layer=None, preprocess=None, name=None, batch_size=32):
        try:
            (inputs,) = model.inputs
            (output,) = model.outputs if layer is None else [model.get_layer(layer).output]
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(
                "`model` must be a built Keras model with one input, and `layer` one of its "
                f"layers' names or None. Received: {model!r} and {layer!r} ({error})."
            ) from error
        if len(inputs.shape) != 4:
            raise InputError(
                f"`model` must take images (N, H, W, C). Received: {tuple(inputs.shape)}."
            )
        with float32_policy():
            pool = layers.GlobalAveragePooling2D() if len(output.shape) == 4 else layers.Flatten()
            features = pool(output)
        if features.shape[-1] is None or not (preprocess is None or callable(preprocess)):
            raise InputError(
                "The layer's output must have a known size, and `preprocess` be a function or "
                f"None. Received: shape {tuple(output.shape)} and {preprocess!r}."
            )
        self.network = keras.Model(inputs, features)
        self.preprocess = preprocess
        super().__init__(
            name or "/".join(filter(None, [model.name, layer])),
            features.shape[-1],
            channels=inputs.shape[-1] if inputs.shape[-1] in (1, 3) else None,
            resize="none" if preprocess is None else getattr(preprocess, "__name__", "own"),
            weights_sha256=hash_weights(self.network),
            batch_size=batch_size,
        )

    def forward(self, images):
        """See `Embedder`."""
        images = ops.cast(images, "float32")
        if self.preprocess is not None:
            images = self.preprocess(images)
        wanted = self.network.input_shape
        fits = len(images.shape) == 4 and all(
            w in (None, n) for w, n in zip(wanted[1:], images.shape[1:], strict=True)
        )
        if not fits:
            raise InputError(
                f"`preprocess` must give images of shape {wanted}. Received: {tuple(images.shape)}."
            )
        return {"features": self.network(images, training=False)}
