"""ProjectionGAN on digits: the logit is a sum, real or not plus of its class or not.

The last picture keeps the latent of a column and changes the label from row to row.
"""

import numpy as np

import keras_gans as kg

data = kg.data.load("digits", image_size=16, labels=True)
gan = kg.ProjectionGAN(
    image_shape=data.image_shape,
    num_classes=10,
    latent_dim=32,
    filters=32,
    max_filters=64,
    discriminator_steps=2,
)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
samples = kg.callbacks.SampleGrid("runs/projection_gan", every=10)
gan.fit(data, epochs=80, verbose=2, callbacks=[samples])

latents = np.tile(gan.latents_of(8, seed=0), (10, 1))
images = gan.images_of(latents, np.repeat(np.arange(10, dtype="int32"), 8))
kg.pictures.save_image("runs/projection_gan/labels.png", kg.pictures.image_grid(images, 8))
