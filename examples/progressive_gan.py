"""ProGAN on digits, from 4 pixels to 16: the pictures become sharper at each growth."""

import keras_gans as kg

data = kg.data.load("digits", image_size=16, batch_size=32)
schedule = {"fade_images": 10_000, "stable_images": 10_000}
gan = kg.ProgressiveGAN(image_shape=data.image_shape, filters=32, **schedule)
gan.compile()
gan.fit(data, epochs=60, verbose=2, callbacks=[kg.callbacks.SampleGrid("runs/progressive_gan")])
