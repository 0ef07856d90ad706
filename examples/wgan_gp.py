"""WGAN-GP on digits; the critic's loss estimates minus the Wasserstein distance to the data."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, batch_size=32)
gan = kg.WGANGP(image_shape=data.image_shape, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
samples = kg.callbacks.SampleGrid("runs/wgan_gp", every=10)
history = gan.fit(data, epochs=60, verbose=2, callbacks=[samples]).history
print("distance by epoch:", [round(-loss, 2) for loss in history["discriminator_loss"]])
