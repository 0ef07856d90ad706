"""What was tried for 64 pixels in few minutes: `python -m benchmarks.candidates [NAME ...]`.

Each candidate changes one thing of `keras-gans train dcgan` at 64 pixels; pixel normalisation and
the mapping network are tried in a generator without self-modulation. It is trained on the
faces for equal minutes, the compilation of its step included, one after the other, and judged as in
`benchmarks.minutes`. With `--precision mixed_bfloat16` more steps fit into the minutes.
"""

import argparse
import time

import keras
from keras import layers, ops

import keras_gans as kg
from benchmarks.minutes import COUNT, Judge, add_data
from keras_gans.penalties import R1, R2

SHAPE = (64, 64, 3)


def normalization():
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)


def generator(normalize, activation, initializer, mapping=()):
    """Returns a generator as that of `networks.dcgan`, without its self-modulation."""
    x = latents = keras.Input((64,))
    for units in mapping:
        x = leaky(layers.Dense(units, kernel_initializer="he_normal")(x))
    x = layers.Dense(16 * 192, kernel_initializer=initializer)(x)
    x = activation(normalize()(layers.Reshape((4, 4, 192))(x)))
    for depth in (128, 64, 48):
        x = kg.layers.UpsamplingConv2D(depth, kernel_initializer=initializer)(x)
        x = activation(normalize()(x))
    x = layers.Conv2D(12, 3, padding="same", kernel_initializer=initializer)(x)
    x = ops.depth_to_space(x, 2)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32")(x))


def leaky(x):
    return layers.LeakyReLU(0.2)(x)


def make(loss="relativistic", penalties=None, rate=1e-3, **networks):
    """Returns a compiled GAN: what the command makes, but for what is given."""
    gan = kg.DCGAN(image_shape=SHAPE, loss=loss, penalties=penalties, **networks)
    rates = rate if isinstance(rate, tuple) else (rate, rate)
    gan.compile(*(keras.optimizers.Adam(rate, 0.0, 0.99) for rate in rates))
    return gan


CANDIDATES = {
    "as the command": lambda: make(),
    "non-saturating loss, R1": lambda: make("non_saturating"),
    "non-saturating loss, R1 of 0.1": lambda: make("non_saturating", [R1(0.1, every=16)]),
    "hinge, spectral normalisation": lambda: make("hinge", [], 5e-4, normalization="spectral"),
    "penalties of weight 0.05": lambda: make(penalties=[R1(0.05, every=4), R2(0.05, every=4)]),
    "penalties of weight 0.3": lambda: make(penalties=[R1(0.3, every=4), R2(0.3, every=4)]),
    "penalties of weight 1": lambda: make(penalties=[R1(1.0, every=4), R2(1.0, every=4)]),
    "penalties of weight 1, every 8": lambda: make(penalties=[R1(1.0, every=8), R2(1.0, every=8)]),
    "rate 5e-4": lambda: make(rate=5e-4),
    "rate 2e-3": lambda: make(rate=2e-3),
    "rate of the generator 2e-3": lambda: make(rate=(2e-3, 1e-3)),
    "transposed convolutions": lambda: make(upsampling="transpose"),
    "resizing up to full size": lambda: make(upsampling="resize"),
    "narrower near full size (16, 64, 128, 192)": lambda: make(filters=(16, 64, 128, 192)),
    "narrower at low resolution (48, 64, 96, 128)": lambda: make(filters=(48, 64, 96, 128)),
    "doubling (32, 64, 128, 256)": lambda: make(filters=32),
    "doubling (16, 32, 64, 128)": lambda: make(filters=16),
    "wider at low resolution (48, 64, 192, 384)": lambda: make(filters=(48, 64, 192, 384)),
    "hidden layers (128, 128)": lambda: make(hidden=(128, 128)),
    "no self-modulation": lambda: make(self_modulation=False),
    "pixel normalisation": lambda: make(
        generator=generator(kg.layers.PixelNormalization, leaky, "he_normal")
    ),
    "mapping network (128, 128)": lambda: make(
        generator=generator(normalization, layers.ReLU(), "glorot_normal", (128, 128))
    ),
    "no deviation of the minibatch": lambda: make(minibatch_std=False),
    "batches of 16": lambda: make(rate=7e-4),
    "batches of 64": lambda: make(),
    "first as a VAE": lambda: make(),
}


def fit(model, data, minutes, decay=True):
    """Trains for some minutes; returns the model."""
    budget = kg.callbacks.Budget(minutes=minutes)
    decays = [kg.callbacks.RateDecay(budget)] if decay else []
    options = dict(epochs=10**6, steps_per_epoch=1000, verbose=0)
    model.fit(data, callbacks=[budget, *decays], **options)
    return model


def train(name, data, minutes):
    """Returns a trained candidate."""

    def load(batch_size=32):
        return kg.data.load(data, batch_size=batch_size)

    gan = CANDIDATES[name]()
    if name.startswith("batches of "):
        return fit(gan, load(batch_size=int(name.split()[-1])), minutes)
    if name == "first as a VAE":
        vae = kg.VAE(generator=gan.generator, image_shape=SHAPE)
        vae.compile()
        fit(vae, load(), minutes / 4, decay=False)
        return fit(gan, load(), 3 * minutes / 4)
    return fit(gan, load(), minutes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {'; '.join(CANDIDATES)}")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--precision", default="float32")
    add_data(parser)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in CANDIDATES]
    if unknown:
        parser.error(f"candidates are {'; '.join(CANDIDATES)}. Received: {unknown}")
    judge = Judge("faces", arguments.data)
    keras.config.set_dtype_policy(arguments.precision)
    for name in arguments.names or CANDIDATES:
        start = time.monotonic()
        gan = train(name, judge.words[-1], arguments.minutes)
        steps = f"{gan.steps_done:,} steps in {time.monotonic() - start:.0f} s"
        images = gan.generate(COUNT, seed=1)
        print(f"{name}: {steps}\n  {judge.distances(images)}\n  {judge.shares(images)}", flush=True)


if __name__ == "__main__":
    main()
