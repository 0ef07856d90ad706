"""WGAN on digits: five critic updates for each of the generator's, weights clipped to 0.01."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, batch_size=32)
gan = kg.WGAN(image_shape=data.image_shape, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's 5e-5, `compile()`, is for hours of training.
gan.fit(data, epochs=80, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/wgan", every=10)])
