"""GauGAN on drawn landscapes: label maps become images, and a latent sets the style.

A segmenter, trained on real landscapes, looks for the map again in what was made.
"""

import itertools

import keras
import numpy as np

import keras_gans as kg

MINUTES = 4
SIZE = 32
LABELS = len(kg.data.SCENE_LABELS)

maps, images, _ = kg.data.scenes(2000, SIZE, seed=10)
layers = [
    keras.layers.Conv2D(32, 3, padding="same", activation="relu", dilation_rate=2**k)
    for k in range(4)
]
scaling, labels = keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(LABELS, 1)
segmenter = keras.Sequential([keras.Input((SIZE, SIZE, 3)), scaling, *layers, labels])
segmenter.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
segmenter.fit(images, maps, epochs=5, verbose=0)


def overlap(made, wanted):
    """Returns the mean over labels of the intersection of found and wanted over their union."""
    found = segmenter.predict(made, verbose=0).argmax(axis=-1)
    return kg.metrics.label_overlap(found, wanted[..., 0]).miou


held_out, real, _ = kg.data.scenes(500, SIZE, seed=12)
print(f"real landscapes: overlap {overlap(real, held_out):.2f}")
data = kg.data.pairs("scene_maps", "scenes", batch_size=8, labels=LABELS)
options = {"filters": 16, "hidden": 32, "latent_dim": 8, "patch_depth": 2, "ema_decay": 0.99}
gan = kg.GauGAN.from_data(data, **options)
gan.compile(4e-4, 4e-4)
budget, grids = kg.callbacks.Budget(minutes=MINUTES), kg.callbacks.SampleGrid("runs/gaugan")
gan.fit(data, epochs=100, steps_per_epoch=500, verbose=2, callbacks=[budget, grids])

styled = [gan.translate(held_out, seed=seed) for seed in range(4)]
overlaps = ", ".join(f"{overlap(made, held_out):.2f}" for made in styled)
colors = [
    [made[held_out[..., 0] == label].mean(axis=0) / 255 for label in range(LABELS)]
    for made in styled
]
moved = [np.abs(np.subtract(*pair)).mean() for pair in itertools.combinations(colors, 2)]
print(f"{gan.steps_done:,} steps: overlap in each style {overlaps}")
print(f"a label's mean colour differs by {np.mean(moved):.1%} of the range from style to style")
rows = np.concatenate([gan.shown(held_out[:8], "a").repeat(3, axis=-1), *[x[:8] for x in styled]])
kg.pictures.save_image("runs/gaugan/styles.png", kg.pictures.image_grid(rows, columns=8))
