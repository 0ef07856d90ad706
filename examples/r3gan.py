"""R3GAN on digits, in a small width: without normalisation, with both penalties at every step."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, batch_size=32)
gan = kg.R3GAN(image_shape=data.image_shape, width=8)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
gan.fit(data, epochs=20, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/r3gan", every=5)])
