"""How much the images of a batch differ, as a feature map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gans")
class MinibatchStd(keras.layers.Layer):
    """Minibatch standard deviation: appends the mean deviation within a group as one more channel.

    s = mean over positions and channels of sqrt(Var over the group of x + 1e-8)

    A discriminator that sees it notices generated images that are too much alike, so the generator
    leaves out fewer kinds of images. Inputs are features (N, height, width, C), the output is
    (N, height, width, C + 1). The images k, k + N / group_size, k + 2 N / group_size, ... are a
    group; if N is no multiple of `group_size`, all are one.

    Args:
        group_size: Images in a group, at least 1. Default: 4, the paper's.

    Reference: Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation", 2018, section 3.
    """

    def __init__(self, group_size=4, **kwargs):
        super().__init__(**kwargs)
        self.group_size = group_size

    def call(self, inputs):
        """Appends the channel; the deviation is computed in float32."""
        count, *shape = ops.shape(inputs)
        group_size = ops.where(count % self.group_size == 0, self.group_size, count)
        groups = ops.reshape(ops.cast(inputs, "float32"), (group_size, -1, *inputs.shape[1:]))
        deviation = ops.sqrt(ops.var(groups, axis=0) + 1e-8)
        mean = ops.mean(deviation, axis=(1, 2, 3), keepdims=True)
        channel = ops.tile(mean, (group_size, *shape[:-1], 1))
        return ops.concatenate([inputs, ops.cast(channel, inputs.dtype)], axis=-1)

    def compute_output_shape(self, input_shape):
        """Returns the shape with one more channel."""
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "group_size": self.group_size}
