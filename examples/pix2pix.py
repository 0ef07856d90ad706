"""Pix2Pix on pairs of drawn shapes: from plain to striped, where the truth is known.

Beside it the same generator learns from the absolute error alone.
"""

import numpy as np

import keras_gans as kg

MINUTES = 2
SIZE = 32

data = kg.data.pairs("shapes", "striped_shapes", batch_size=8)
held_out, _ = kg.data.shapes(500, SIZE, seed=12)
wanted, _ = kg.data.shapes(500, SIZE, seed=12, look="striped")


def error(made):
    """Returns the mean absolute error as a share of the range."""
    return np.abs(made.astype(float) - wanted).mean() / 255


print(f"left as they are: error {error(held_out):.4f}")
for name, options in (("with", {}), ("without", {"adversarial": 0.0})):
    gan = kg.Pix2Pix(image_shape=data.image_shape, filters=16, patch_depth=2, **options)
    gan.compile(1e-3, 1e-3)
    callbacks = [
        kg.callbacks.Budget(minutes=MINUTES),
        kg.callbacks.SampleGrid(f"runs/pix2pix/{name}"),
    ]
    gan.fit(data, epochs=100, steps_per_epoch=500, verbose=2, callbacks=callbacks)
    made = gan.translate(held_out)
    print(f"{name} the adversarial loss, {gan.steps_done:,} steps: error {error(made):.4f}")
