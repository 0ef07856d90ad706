"""Keras' transposed convolution, of which training in bfloat16 is quicker on CPUs."""

import keras

from keras_gans.layers import small_maps


@keras.saving.register_keras_serializable("keras_gans")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, with the kernels' gradients of `small_maps`."""

    def call(self, inputs):
        """Returns the features, with bias and activation."""
        if (
            self.data_format != "channels_last"
            or max(self.dilation_rate) > 1
            or self.output_padding is not None
        ):
            return super().call(inputs)
        outputs = small_maps.conv_transpose(inputs, self.kernel, self.strides, self.padding)
        return small_maps.with_bias(outputs, self)
