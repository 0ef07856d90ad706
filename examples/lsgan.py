"""LSGAN on digits: least squares, with learning rates that fall to zero in the second half."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.LSGAN(image_shape=data.image_shape, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
falling = kg.callbacks.LearningRateSchedule(kg.callbacks.linear_decay(40, 80))
samples = kg.callbacks.SampleGrid("runs/lsgan", every=10)
gan.fit(data, epochs=80, verbose=2, callbacks=[falling, samples])
