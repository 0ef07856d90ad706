"""Labels as constant planes of an image."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class LabelPlanes(keras.layers.Layer):
    """Appends one constant plane per class to images: ones for its class, zeros for the others.

    Inputs are images (N, height, width, C) and integer labels (N,); the output is
    (N, height, width, C + num_classes). Inputs without height and width, (N, C), get the one-hot
    vector appended.

    Args:
        num_classes: Number of classes.

    Reference: Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014.
    """

    def __init__(self, num_classes, **kwargs):
        super().__init__(**kwargs)
        self.num_classes = num_classes

    def call(self, inputs):
        """Appends the planes."""
        images, labels = inputs
        planes = ops.one_hot(labels, self.num_classes, dtype=images.dtype)
        for _ in images.shape[1:-1]:
            planes = ops.expand_dims(planes, 1)  # (N, num_classes) -> (N, 1, 1, num_classes)
        shape = (*ops.shape(images)[:-1], self.num_classes)
        return ops.concatenate([images, ops.broadcast_to(planes, shape)], axis=-1)

    def compute_output_shape(self, input_shape):
        """Returns the images' shape with `num_classes` more channels."""
        images, _ = input_shape
        return (*images[:-1], images[-1] + self.num_classes)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "num_classes": self.num_classes}
