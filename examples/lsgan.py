"""LSGAN on digits: least squares, with learning rates that fall to zero in the second half."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.LSGAN(image_shape=data.image_shape, filters=32)
gan.compile()
falling = kg.callbacks.LearningRateSchedule(kg.callbacks.linear_decay(20, 40))
samples = kg.callbacks.SampleGrid("runs/lsgan", every=5)
gan.fit(data, epochs=40, verbose=2, callbacks=[falling, samples])
