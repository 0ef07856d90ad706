"""R3GAN on digits, and the same loss and penalties on networks of one's own."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.R3GAN(image_shape=data.image_shape, width=16)
gan.compile()
gan.fit(data, epochs=20, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/r3gan", every=5)])

own = kg.GAN(
    kg.networks.dcgan.generator(data.image_shape, filters=32),
    kg.networks.dcgan.discriminator(data.image_shape, filters=32),
    loss="relativistic",
    penalties=[kg.penalties.R1(1.0), kg.penalties.R2(1.0)],
)
own.compile()
own.fit(data, epochs=20, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/r3gan_own", every=5)])
