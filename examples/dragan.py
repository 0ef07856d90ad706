"""DRAGAN on digits: the penalty keeps the discriminator smooth around real images."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.DRAGAN(image_shape=data.image_shape, filters=32)
gan.compile()
gan.fit(data, epochs=40, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/dragan", every=5)])
