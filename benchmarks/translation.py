"""Images from images, where success can be counted: `python -m benchmarks.translation NAME`.

"glasses": a CycleGAN between drawn faces without and with glasses (`--data`, as in
`benchmarks.minutes`), with residual generators or with U-Nets of four halvings. A classifier of all
attributes, trained first on the real faces, says in how many translated test faces it sees glasses,
and in how many each other attribute stays what it sees before the translation.

"emoji": a Pix2Pix between two artists' styles of the same emoji, and beside it the same generator
trained for as long on the absolute error alone. On the test pairs: the mean absolute error as a
share of the range, SSIM, and the kernel distance (KID, one subset) to the wanted emoji on a
classifier of style and Unicode block.

A picture of the result is kept in `--output`.
"""

import argparse
import pathlib

import keras
import numpy as np

import keras_gans as kg
from benchmarks.minutes import CERTAIN, add_data, load_emoji, load_faces
from keras_gans.cli.model_options import parse_options
from keras_gans.models.loading import load_model
from keras_gans.pictures import image_grid, save_image


def fit(model, data, minutes, rate, samples):
    """Trains for some minutes, with falling rates in the second half; shows what it makes."""
    model.compile(rate, rate)
    budget = kg.callbacks.Budget(minutes=minutes)
    callbacks = [budget, kg.callbacks.RateDecay(budget), kg.callbacks.SampleGrid(samples)]
    model.fit(data, epochs=10**6, steps_per_epoch=500, verbose=2, callbacks=callbacks)
    print(f"  {model.steps_done:,} steps", flush=True)


def glasses(arguments, options):
    """Takes off glasses and puts them on."""
    _, (images, labels), (test, truth) = load_faces(arguments.data)
    see = kg.latent.labels_of(kg.latent.train_attributes(images, labels, steps=CERTAIN))
    seen, worn = see(test), truth["glasses"] == 1
    for name, part in (("without", ~worn), ("with", worn)):
        right = {key: f"{(seen[key] == truth[key])[part].mean():.1%}" for key in seen}
        print(f"  of faces {name} glasses the classifier gets right {right}", flush=True)
    if arguments.model:
        gan = load_model(arguments.model)
    else:
        gan = train_glasses(images, labels["glasses"] == 1, arguments, options)
    rows = []
    for to, faces, goal in (("b", test[~worn], 1), ("a", test[worn], 0)):
        made = gan.translate(faces, to)
        before, after = see(faces), see(made)
        kept = {key: f"{(before[key] == after[key]).mean():.1%}" for key in before}
        reached = (after["glasses"] == goal).mean()
        del kept["glasses"]
        print(f"  to {to}: {reached:.1%} of {len(faces):,} as wanted; kept: {kept}")
        rows += [faces[:12], made[:12]]
    save_image(arguments.output / "glasses.png", image_grid(np.concatenate(rows), 12))


def train_glasses(images, worn, arguments, options):
    """Returns a trained CycleGAN from faces without glasses to faces with them."""
    keras.config.set_dtype_policy(arguments.precision)
    data = kg.data.unpaired(images[~worn], images[worn], batch_size=arguments.batch_size)
    options = {"filters": 32, "architecture": arguments.generator} | options
    gan = kg.CycleGAN(image_shape=images.shape[1:], **options)
    fit(gan, data, arguments.minutes, arguments.rate, arguments.output / "glasses")
    gan.save(arguments.output / "glasses.keras")
    return gan


def emoji(arguments, options):
    """Redraws emoji in another style."""
    _, (images, labels), (test, _) = load_emoji(arguments.data)
    judge = kg.latent.train_attributes(images, labels)
    embed = keras.Model(judge.inputs, judge.get_layer("features").output)
    (a, b), (plain, wanted) = (np.split(x, 2) for x in (images, test))
    real = embed.predict(wanted, verbose=0)

    def score(made):
        error = (kg.metrics.pixel_distance(made, wanted) / 255).mean()
        distance, _ = kg.metrics.kernel_distance(
            real, embed.predict(made, verbose=0), subset_size=len(real), num_subsets=1
        )
        similar = kg.metrics.ssim(made, wanted).mean()
        print(f"  error {error:.3f}, SSIM {similar:.3f}, KID {distance:.3g}", flush=True)

    keras.config.set_dtype_policy(arguments.precision)
    print("left as they are")
    score(plain)
    rows = [plain[:12]]
    for name, weights in (("the error alone", {"adversarial": 0.0}), ("Pix2Pix", {})):
        print(name, flush=True)
        data = kg.data.pairs(a, b, batch_size=arguments.batch_size, jitter=True)
        gan = kg.Pix2Pix(image_shape=a.shape[1:], **{"filters": 32} | options | weights)
        folder = arguments.output / f"emoji-{len(rows)}"
        fit(gan, data, arguments.minutes, arguments.rate, folder)
        made = gan.translate(plain)
        score(made)
        rows.append(made[:12])
        gan.save(folder.with_suffix(".keras"))
    rows.append(wanted[:12])
    save_image(arguments.output / "emoji.png", image_grid(np.concatenate(rows), 12))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=("glasses", "emoji"))
    parser.add_argument("--generator", choices=("residual", "unet"), default="residual")
    parser.add_argument("--model", help="a trained CycleGAN to score in place of training one")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument(
        "--precision",
        default="float32",
        help="of the models that are trained, such as mixed_bfloat16",
    )
    add_data(parser)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/translation"))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    options = parse_options(arguments.set)
    print(arguments.name, options, flush=True)
    {"glasses": glasses, "emoji": emoji}[arguments.name](arguments, options)


if __name__ == "__main__":
    main()
