"""StyleGAN on digits, at the full size from the start; the last picture mixes styles."""

import numpy as np

import keras_gans as kg
from keras_gans.pictures import image_grid, save_image

data = kg.data.load("digits", image_size=16, batch_size=32)
gan = kg.StyleGAN(
    image_shape=data.image_shape, latent_dim=64, filters=32, mapping_layers=4, growing=False
)
gan.compile(2e-3, 2e-3)
gan.fit(data, epochs=40, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/stylegan", every=5)])

latents = np.random.default_rng(0).normal(size=(12, 64)).astype("float32")
mixed = gan.mix(latents[:6], latents[6:], "coarse", truncation=0.7)
save_image("runs/stylegan/mixed.png", image_grid(mixed.reshape(-1, *gan.image_shape), 6))
