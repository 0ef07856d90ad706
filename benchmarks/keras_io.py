"""The keras-io DCGAN example's networks and step, written out by hand to be measured beside ours.

28x28x1 images in [0, 1], latents of 128, Adam(3e-4) for both players, cross-entropy on logits, both
kinds of images in one batch of the discriminator, labels with uniform noise of 0.05 (generated is
1, real is 0), and a second forward pass of the generator for its own update.
"""

import keras
import tensorflow as tf
from keras import layers

LATENT_DIM = 128


def discriminator():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 3, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(128, 3, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )


def generator():
    return keras.Sequential(
        [
            keras.Input((LATENT_DIM,)),
            layers.Dense(7 * 7 * 128),
            layers.LeakyReLU(0.2),
            layers.Reshape((7, 7, 128)),
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.LeakyReLU(0.2),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ]
    )


class ExampleGAN(keras.Model):
    """The example's model: two updates in one `train_step`, a forward pass each."""

    def __init__(self):
        super().__init__()
        self.generator, self.discriminator = generator(), discriminator()
        self.built = True

    def compile(self):
        super().compile(optimizer=None, jit_compile=False)
        self.g_optimizer = keras.optimizers.Adam(3e-4)
        self.d_optimizer = keras.optimizers.Adam(3e-4)
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    def train_step(self, images):
        count = tf.shape(images)[0]
        fakes = self.generator(tf.random.normal((count, LATENT_DIM)))
        mixed = tf.concat([fakes, images], axis=0)
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.cross_entropy(labels, self.discriminator(mixed))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply(tape.gradient(d_loss, weights), weights)

        latents = tf.random.normal((count, LATENT_DIM))
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(latents))
            g_loss = self.cross_entropy(tf.zeros((count, 1)), logits)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply(tape.gradient(g_loss, weights), weights)
        return {"d_loss": d_loss, "g_loss": g_loss}

    def generate(self, count):
        latents = tf.random.normal((count, LATENT_DIM))
        images = [self.generator(part) for part in tf.split(latents, max(1, count // 250))]
        return tf.cast(tf.round(tf.concat(images, axis=0) * 255), "uint8").numpy()
