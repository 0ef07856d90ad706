"""What an InfoGAN's codes come to mean on digits, without labels: `python -m benchmarks.infogan`.

Each seed is a `keras-gans train infogan --data digits` of so many minutes; none is left out.

Protocol: the kinds that the head Q reads from the real training digits are compared with their
classes by the adjusted Rand index. Then each continuous code goes from -1 to 1 in nine steps, in
images of 200 latents whose other numbers stay, and three factors are measured in each image: ink
(its mean), slant (how far a row's centre moves from row to row) and width (the deviation of
the ink's columns). "Moves" is how often a factor rises or falls with the code, as Spearman's rank
correlation of a latent's nine images of 0.9 or more in its absolute value, always of the sign of
most. The sweeps are kept as a picture, and the factors' means over them as a figure, in `--output`.
"""

import argparse
import pathlib
import shlex

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score

import keras_gans as kg
from benchmarks.minutes import train
from keras_gans.pictures import image_grid, save_image

SWEEP = np.linspace(-1, 1, 9)
LATENTS = 200


def factors(images):
    """Returns {name: (N,)} of uint8 images (N, height, width, 1)."""
    ink = images[..., 0] / 255.0 + 1e-6
    total = ink.sum(axis=(1, 2))
    rows, columns = (np.arange(n) for n in ink.shape[1:])
    x = (ink * columns).sum(axis=(1, 2)) / total
    y = (ink * rows[:, None]).sum(axis=(1, 2)) / total
    dx, dy = columns - x[:, None], rows - y[:, None]
    tied = np.einsum("nhw,nh,nw->n", ink, dy, dx)
    across = np.einsum("nhw,nw->n", ink, dx**2) / total
    down = np.einsum("nhw,nh->n", ink, dy**2)
    return {"ink": ink.mean(axis=(1, 2)), "slant": -tied / down, "width": np.sqrt(across)}


def sweep(gan, code):
    """Returns uint8 images (N, 9, height, width, 1): along a continuous code, all else the same."""
    latents = np.asarray(gan.latents_of(LATENTS, seed=1))
    moved = np.repeat(latents[:, None], len(SWEEP), axis=1)
    moved[:, :, gan.latent_dim - gan.continuous + code] = SWEEP
    images = gan.images_of(moved.reshape(-1, gan.latent_dim))
    return images.reshape(LATENTS, len(SWEEP), *gan.image_shape)


def monotone(values):
    """Returns the share of rows (N, 9) that rise, or of those that fall where these are more."""
    ranks = np.array([spearmanr(SWEEP, row).statistic for row in values])
    return max((ranks >= 0.9).mean(), (ranks <= -0.9).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--words", default="", help="more of `keras-gans train`, as one string")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/infogan"))
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        words = ["infogan", *shlex.split(arguments.words)]
        run = arguments.output / str(seed)
        gan = train(words, ["digits"], arguments.minutes, seed, run)
        images, labels = kg.data.load_arrays("digits", image_size=gan.image_shape[0])
        kinds, _ = gan.read(images)
        print(
            f"seed {seed}, {gan.steps_done:,} steps: adjusted Rand index "
            f"{adjusted_rand_score(labels, kinds):.2f}",
            flush=True,
        )
        figure, axes = plt.subplots(1, gan.continuous, squeeze=False, layout="constrained")
        for code, axis in enumerate(axes[0]):
            made = sweep(gan, code)
            save_image(
                arguments.output / f"{seed}-code-{code}.png",
                image_grid(np.concatenate(made[:10]), 9),
            )
            found = {
                name: v.reshape(LATENTS, -1) for name, v in factors(np.concatenate(made)).items()
            }
            shares = ", ".join(f"{name} {monotone(v):.0%}" for name, v in found.items())
            print(f"  code {code} moves: {shares}", flush=True)
            for name, values in found.items():
                spread = values[:, len(SWEEP) // 2].std()
                axis.plot(SWEEP, (values - values.mean()).mean(axis=0) / spread, label=name)
            axis.set(xlabel=f"code {code}", ylabel="mean, in standard deviations at code 0")
            axis.legend()
        figure.savefig(arguments.output / f"{seed}-factors.png")
        plt.close(figure)
        save_image(arguments.output / f"{seed}.png", image_grid(*gan.preview()))


if __name__ == "__main__":
    main()
