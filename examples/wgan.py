"""WGAN on digits: five critic updates for each of the generator's, weights clipped to 0.01."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, batch_size=32)
gan = kg.WGAN(image_shape=data.image_shape, filters=32)
gan.compile(5e-4, 5e-4)  # The paper's 5e-5 is right for hours of training, not for a minute.
gan.fit(data, epochs=60, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/wgan", every=5)])
