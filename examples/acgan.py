"""ACGAN on digits: the discriminator also says which digit it sees, and both players want that."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, labels=True)
gan = kg.ACGAN(image_shape=data.image_shape, num_classes=10, filters=32)
gan.compile(1e-3, 1e-3)  # The paper's rates, `compile()`, are for hours of training.
samples = kg.callbacks.SampleGrid("runs/acgan", every=10)
history = gan.fit(data, epochs=80, verbose=2, callbacks=[samples]).history
print(f"real digits that the discriminator knows: {history['class_accuracy'][-1]:.1%}")

sevens = gan.generate(16, labels=7)
kg.pictures.save_image("runs/acgan/sevens.png", kg.pictures.image_grid(sevens))
