"""CycleGAN on plain and striped shapes: what the cycles are for.

The true translation is known, so the result can be counted: a classifier says whether the images
made of plain shapes are striped, and the overlap of the shapes whether they stayed where and what
they were. Without cycles and identity nothing asks for the latter.
"""

import keras
import numpy as np

import keras_gans as kg

MINUTES = 4
SIZE = 32

plain, _ = kg.data.shapes(2000, SIZE, seed=10)
striped, _ = kg.data.shapes(2000, SIZE, seed=11, look="striped")
classifier = keras.Sequential(
    [
        keras.Input((SIZE, SIZE, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
        keras.layers.Conv2D(32, 3, strides=2, activation="relu"),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
classifier.compile("adam", "binary_crossentropy")
classifier.fit(np.concatenate([plain, striped]), np.repeat([0, 1], 2000), epochs=5, verbose=0)


def overlap(first, second):
    """Returns the mean over images of the intersection of two shapes over their union."""
    inside = [images.max(axis=-1) > 127 for images in (first, second)]
    both, either = (join(*inside).sum(axis=(1, 2)) for join in (np.logical_and, np.logical_or))
    return (both / np.maximum(either, 1)).mean()


data = kg.data.unpaired("shapes", "striped_shapes", batch_size=4)
held_out, _ = kg.data.shapes(500, SIZE, seed=12)
for name, weights in (("with", {}), ("without", {"cycle": 0.0, "identity": 0.0})):
    # Against small discriminators that learn quickly the paper's weight of 2 is too much.
    options = {"filters": 16, "blocks": 3, "adversarial": 0.5, "ema_decay": 0.999}
    gan = kg.CycleGAN(image_shape=data.image_shape, **options, **weights)
    gan.compile(1e-3, 1e-3)
    callbacks = [
        budget := kg.callbacks.Budget(minutes=MINUTES),
        kg.callbacks.RateDecay(budget),
        kg.callbacks.SampleGrid(f"runs/cycle_gan/{name}"),
    ]
    gan.fit(data, epochs=100, steps_per_epoch=500, verbose=2, callbacks=callbacks)
    made = gan.translate(held_out, to="b")
    seen = (classifier.predict(made, verbose=0) > 0.5).mean()
    back = (classifier.predict(gan.translate(made, to="a"), verbose=0) < 0.5).mean()
    print(
        f"{name} cycles, {gan.steps_done:,} steps: striped {seen:.1%}, plain again {back:.1%}, "
        f"overlap with the plain shape {overlap(held_out, made):.2f}"
    )
