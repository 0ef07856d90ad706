"""The first GAN: fully connected networks on digits of 8 x 8 pixels."""

import keras_gans as kg

data = kg.data.load("digits")
gan = kg.GAN(image_shape=data.image_shape)
gan.compile()
gan.fit(data, epochs=150, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/gan", every=10)])
