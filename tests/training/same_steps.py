"""Ten steps of each kind of engine step, with noise that is made from the data.

However the images of a batch are divided among replicas, each image then meets the same noise,
and the weights afterwards must be the same. As a program it is one worker of the cluster that
TF_CONFIG describes: `python -m tests.training.same_steps FILE.npz`.
"""

import sys

import keras
import numpy as np
import tensorflow as tf
from keras import ops

import keras_gans as kg
from keras_gans import penalties
from keras_gans.networks import mlp

STEPS, BATCH, LATENT_DIM = 10, 8, 3
KINDS = {
    "plain": (kg.GAN, {}),
    "n_critic": (kg.GAN, {"loss": "hinge", "discriminator_steps": 3}),
    "penalty": (kg.WGANGP, {"discriminator_steps": 2}),
    "clipping": (kg.WGAN, {"discriminator_steps": 2, "clip": 0.05}),
    "relativistic": (kg.R3GAN, {}),
    "synchronized": (kg.GAN, {}),
}
PROJECTION = np.random.default_rng(0).normal(size=(2, LATENT_DIM)).astype("float32")


def normalized_generator():
    """Returns a generator with batch normalisation over all replicas."""
    inputs = keras.Input((LATENT_DIM,))
    x = keras.layers.Dense(8, kernel_initializer=keras.initializers.GlorotUniform(0))(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(1))(x)
    network = keras.Model(inputs, x)
    assert kg.layers.synchronize_batch_normalization(network) == 1
    return network


def train(kind, strategy=None):
    """Returns the weights of all networks after ten steps, a list of arrays, and the history."""
    strategy = strategy or tf.distribute.get_strategy()
    with strategy.scope():
        generator = mlp.generator((2,), LATENT_DIM, (8,), None, seed=0)
        if kind == "synchronized":
            generator = normalized_generator()
        discriminator = mlp.discriminator((2,), (8,), seed=0)
        make, options = KINDS[kind]
        gan = make(generator, discriminator, **options)
        # Unlike Adam, these show a gradient of the wrong scale and blow up no rounding error.
        gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    draw = gan.draw

    def draw_fed(real, label):
        gan.latents = lambda count: ops.sin(9 * ops.matmul(real, PROJECTION))
        return draw(real, label)

    def uniform(like, seed):
        return ops.sin(9 * ops.sum(like, axis=1, keepdims=True)) ** 2

    gan.draw = draw_fed
    drawn, penalties._uniform = penalties._uniform, uniform
    try:
        data = kg.data.load("ring", count=240, batch_size=BATCH)
        history = gan.fit(data, epochs=1, steps_per_epoch=STEPS, verbose=0).history
    finally:
        penalties._uniform = drawn
    networks = (gan.generator, gan.discriminator, gan.average_generator)
    return [weight.numpy() for network in networks for weight in network.weights], history


def main():
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    found = {}
    for kind in KINDS:
        weights, history = train(kind, strategy)
        found |= {f"{kind} {index}": weight for index, weight in enumerate(weights)}
        found |= {f"{kind} {name}": values[-1] for name, values in history.items()}
    np.savez(sys.argv[1], **found)


if __name__ == "__main__":
    main()
