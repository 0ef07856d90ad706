"""InfoGAN on digits: what its codes come to mean, without labels.

At last the kinds that its head reads from real digits are compared with their classes.
"""

from sklearn.metrics import adjusted_rand_score

import keras_gans as kg

data = kg.data.load("digits", image_size=16)
gan = kg.InfoGAN(image_shape=data.image_shape, filters=32, categories=(10,), continuous=2)
gan.compile(1e-3, 1e-3)
samples = kg.callbacks.SampleGrid("runs/infogan", every=10)
gan.fit(data, epochs=120, verbose=2, callbacks=[samples])

images, labels = kg.data.load_arrays("digits", image_size=16)
kinds, _ = gan.read(images)
print(f"kinds and classes agree: adjusted Rand index {adjusted_rand_score(labels, kinds):.2f}")
