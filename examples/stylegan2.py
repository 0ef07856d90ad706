"""StyleGAN2 on 300 digits, with and without adaptive augmentation.

A discriminator soon knows 300 images by heart. With augmentation the probability of changes rises
while it is too sure of them: compare the accuracies on real images, and the pictures.
"""

import keras_gans as kg

images, _ = kg.data.load_arrays("digits", image_size=16)
real = images[:300].astype("float32") / 127.5 - 1
for name, augmentation in (("without", None), ("with", kg.augment.ADA(speed=20_000))):
    gan = kg.StyleGAN2(
        image_shape=real.shape[1:], latent_dim=64, filters=16, augmentation=augmentation
    )
    gan.compile()
    callbacks = [
        kg.callbacks.Budget(minutes=3),
        kg.callbacks.SampleGrid(f"runs/stylegan2/{name}", every=50),
    ]
    history = gan.fit(real, batch_size=32, epochs=10**4, verbose=0, callbacks=callbacks).history
    last = {key: round(values[-1], 2) for key, values in history.items()}
    print(f"{name} augmentation, {gan.steps_done:,} steps: {last}", flush=True)
