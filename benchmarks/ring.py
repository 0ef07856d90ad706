"""What every method makes of the ring of 8 Gaussians, with one small MLP: `make bench-ring`.

Protocol: radius 1, standard deviation 0.05; latents of 16; two hidden layers of 128 leaky ReLU
units in both networks; batches of 256; Adam(1e-3, 0.5, 0.9) for both players (the authors' RMSprop
at the same rate for weight clipping); the same seconds of training for each method; 10,000 samples
of the averaged generator. A mode is covered if at least 2 % of the samples lie within 3 standard
deviations of it.
"""

import argparse

import keras

import keras_gans as kg
from keras_gans.data import MODE_STD
from keras_gans.methods import METHODS

LATENT_DIM, BATCH = 16, 256
OPTIONS = {
    "wgan": {"clip": 0.1},
    "wgan_gp": {"penalties": [kg.penalties.GradientPenalty(0.1)], "discriminator_steps": 2},
    "dragan": {"penalties": [kg.penalties.DRAGANPenalty(0.1)]},
    "r3gan": {"gamma": 0.05},
}
OF_IMAGES = ("progressive_gan", "stylegan", "stylegan2", "infogan", "projection_gan")
"""Methods that take images only."""
METHODS_OF_POINTS = [
    name
    for name, method in METHODS.items()
    if issubclass(getattr(kg, method.class_name), kg.GAN) and name not in OF_IMAGES
]


def make(name, seed=0):
    """Returns a compiled model of a method with small fully connected networks."""
    method = METHODS[name]
    model_class = getattr(kg, method.class_name)
    options = dict(OPTIONS.get(name, {}), seed=seed)
    if method.data == "labelled":
        options["num_classes"] = 8
    networks = model_class.networks_for_points(2, options.get("num_classes"), seed, LATENT_DIM)
    gan = model_class(**networks, **options)
    optimizers = [keras.optimizers.Adam(1e-3, 0.5, 0.9) for _ in range(2)]
    gan.compile(*([1e-3, 1e-3] if name == "wgan" else optimizers), steps_per_execution=20)
    return gan


def train(name, budget, seed=0):
    """Trains a method on a `Budget`; returns shares of the modes, the quality and the steps."""
    gan = make(name, seed)
    data = kg.data.load(
        "ring", count=51_200, batch_size=BATCH, seed=seed, labels=METHODS[name].data == "labelled"
    ).repeat()
    gan.fit(
        data,
        epochs=1,
        steps_per_epoch=10**6,
        verbose=0,
        callbacks=[budget, kg.callbacks.RateDecay(budget)],
    )
    points = gan.generate(10_000, seed=seed)
    centers = kg.data.mode_centers("ring")
    return *kg.metrics.mode_coverage(points, centers, MODE_STD["ring"]), int(gan.step)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument(
        "--methods", nargs="+", default=METHODS_OF_POINTS, choices=METHODS_OF_POINTS
    )
    arguments = parser.parse_args()
    print(f"Ring of 8 Gaussians, {arguments.seconds:.0f} s of training each\n")
    print(f"{'method':16} {'modes':>5} {'rarest':>7} {'within 3 std':>13} {'steps':>7}")
    for name in arguments.methods:
        budget = kg.callbacks.Budget(minutes=arguments.seconds / 60)
        shares, quality, steps = train(name, budget)
        covered = (shares >= 0.02).sum()
        print(
            f"{name:16} {covered:>5} {shares.min():>7.1%} {quality:>13.1%} {steps:>7}", flush=True
        )


if __name__ == "__main__":
    main()
