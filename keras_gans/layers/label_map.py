"""Label maps, which travel as grey images, as one channel for each label."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class LabelMap(keras.layers.Layer):
    """Turns label maps into zeros and ones.

    Inputs are float (N, height, width, 1) in which label k is k / 127.5 - 1, the grey level k as
    images are loaded. The output is (N, height, width, num_labels), 1 where the label is.

    Args:
        num_labels: Number of labels, from 1 to 256.
    """

    def __init__(self, num_labels, **kwargs):
        # Half precision could not tell neighbouring labels apart.
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.num_labels = num_labels

    def call(self, inputs):
        """Returns the channels."""
        labels = ops.round((inputs[..., 0] + 1.0) * 127.5)
        return ops.one_hot(ops.cast(labels, "int32"), self.num_labels)

    def compute_output_shape(self, input_shape):
        """Returns the shape with a channel for each label."""
        return (*input_shape[:-1], self.num_labels)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "num_labels": self.num_labels}
