"""ConditionalGAN on digits: the sample grid has one row per class, and you can ask for a digit."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, labels=True)
gan = kg.ConditionalGAN(image_shape=data.image_shape, num_classes=10, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
samples = kg.callbacks.SampleGrid("runs/conditional_gan", every=10)
gan.fit(data, epochs=60, verbose=2, callbacks=[samples])

threes = gan.generate(16, labels=3)
kg.pictures.save_image("runs/conditional_gan/threes.png", kg.pictures.image_grid(threes))
