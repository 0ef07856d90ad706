"""VAE on digits: the grid shows real digits, their reconstructions below them, and samples."""

import numpy as np

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
vae = kg.VAE(image_shape=data.image_shape, latent_dim=16, filters=32)
vae.compile()
vae.fit(data, epochs=120, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/vae", every=20)])

held_out = kg.data.load("digits", image_size=16, split="test")
bound = vae.evaluate(held_out, verbose=0, return_dict=True)["bound"]
print(f"bound of log p(x), on held-out digits: {bound:.1f} nats")

images, _ = kg.data.load_arrays("digits", image_size=16, split="test")
pairs = np.concatenate([images[:16], vae.reconstruct(images[:16])])
kg.pictures.save_image("runs/vae/held_out.png", kg.pictures.image_grid(pairs, columns=16))
