"""SNGAN on digits: hinge loss, spectral normalisation, and a faster discriminator."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.SNGAN(image_shape=data.image_shape, filters=32)
gan.compile(generator_optimizer=5e-4, discriminator_optimizer=1e-3)  # two-time-scale rates
gan.fit(data, epochs=80, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/sngan", every=10)])

for layer in gan.discriminator.layers:
    if isinstance(layer, kg.layers.SpectralNormalization):
        print(f"{layer.layer.name}: largest singular value {float(layer.sigma()):.2f}")
