"""One step of a player on what was recorded."""

import keras
import numpy as np
from keras import ops

from keras_gans.training.gradients import Recording


def test_what_does_not_depend_on_the_recorded_images_moves_nothing_through_them():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    (kernel,) = network.trainable_variables
    for objective, slope in (
        (lambda images: ops.sum(images), [1.0, 2.0]),
        (lambda images: ops.sum(kernel), [1.0, 1.0]),
        (lambda images: ops.sum(images) + ops.sum(kernel), [2.0, 3.0]),
    ):
        optimizer = keras.optimizers.SGD(1.0)
        optimizer.build([kernel])
        before = kernel.numpy()[:, 0]
        recording = Recording(network, ops.convert_to_tensor([[1.0, 2.0]]))
        recording.minimize(optimizer, [kernel], objective)
        np.testing.assert_allclose(before - kernel.numpy()[:, 0], slope, rtol=1e-5)


def test_of_several_outputs_some_may_not_matter():
    latents = keras.Input((2,))
    dense = keras.layers.Dense(1, use_bias=False)(latents)
    network = keras.Model(latents, [dense, 5 * dense])
    (kernel,) = network.trainable_variables
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build([kernel])
    before = kernel.numpy()[:, 0]
    recording = Recording(network, ops.convert_to_tensor([[1.0, 2.0]]))
    recording.minimize(optimizer, [kernel], lambda outputs: ops.sum(outputs[0]))
    np.testing.assert_allclose(before - kernel.numpy()[:, 0], [1.0, 2.0], rtol=1e-5)
