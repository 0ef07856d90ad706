"""DRAGAN on digits: the penalty keeps the discriminator smooth around real images."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.DRAGAN(image_shape=data.image_shape, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
gan.fit(data, epochs=60, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/dragan", every=10)])
