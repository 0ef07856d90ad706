"""What helps where images are few, on drawn faces of 64 pixels: `python -m benchmarks.few_images`.

"faces": 1,000 faces, without augmentation, with ADA and with DiffAugment, whole and translation
alone. "hats": 200 faces with hats, from new weights and from those of `--start`, a model of all
faces, with and without frozen layers of the discriminator. `--ways` picks some of these. Each run
is a `keras-gans train` of `--method`, of so many minutes, or of so many `--steps`, since an
augmentation costs time.

Protocol: that of `benchmarks.minutes`, whose classifier of the faces gives the features; hats are
compared with all faces with hats that are not among the 200 (the model of `--start` saw most of
them, among all faces; new weights did not). "Sure" is how often the discriminator
knows real images as real, after augmentation, at the start of a run and after each quarter of it:
where it comes to know all of them, it has them by heart. The faces lie in `--data`.
"""

import argparse
import csv
import pathlib
import shlex

import numpy as np

import keras_gans as kg
from benchmarks.minutes import COUNT, Judge, add_data, load_faces, train
from keras_gans import methods
from keras_gans.models.loading import load_model
from keras_gans.pictures import image_grid, save_image

FACES, HATS = 1_000, 200
PLAIN = {
    "dcgan": "dcgan --set loss=non_saturating",
    "sngan": "sngan --batch-size 32",
    "stylegan2": "stylegan2 --set loss=non_saturating",
}
"""ADA needs logits that tell real from generated, which those of losses of pairs do not."""
WAYS = {
    "faces": {
        "no augmentation": "{plain} --set augmentation=None",
        "ADA": "{plain} --set augmentation=ada",
        "DiffAugment": "{plain} --set augmentation=color,translation,cutout",
        "DiffAugment, translation": "{plain} --set augmentation=translation",
    },
    "hats": {
        "new weights": "{method}",
        "trained weights": "--from {start}",
        "trained weights, FreezeD": "--from {start} --set frozen_layers=4",
    },
}


def choose(task, folder):
    """Returns the few images to train on, and the real ones to compare with, or None for all."""
    _, (images, labels), (test, test_labels) = load_faces(folder)
    pick = np.random.default_rng(0).permutation
    if task == "faces":
        return images[pick(len(images))[:FACES]], None
    with_hats = images[labels["hat"] == 1]
    order = pick(len(with_hats))
    others = [with_hats[order[HATS:]], test[test_labels["hat"] == 1]]
    return with_hats[order[:HATS]], np.concatenate(others)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=list(WAYS), choices=WAYS)
    ways = [name for task in WAYS.values() for name in task]
    parser.add_argument("--ways", nargs="+", default=ways, choices=ways, help="default: all")
    parser.add_argument("--method", choices=PLAIN, default="dcgan")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, default=15)
    budget.add_argument("--steps", type=int)
    parser.add_argument("--words", default="", help="more of `keras-gans train`, as one string")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", help="of hats: a model of the method, of all faces")
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/few_images"))
    arguments = parser.parse_args()
    tasks = [task for task in arguments.tasks if not WAYS[task].keys().isdisjoint(arguments.ways)]
    if "hats" in tasks:
        kind = getattr(kg, methods.get(arguments.method).class_name)
        if arguments.start is None or not isinstance(load_model(arguments.start), kind):
            parser.error(f"hats need --start, a {kind.__name__} of all faces")
        arguments.start = pathlib.Path(arguments.start).absolute()
    judge = Judge("faces", arguments.data)
    all_faces = judge.test, judge.real
    for task in tasks:
        few, real = choose(task, arguments.data)
        judge.test, judge.real = all_faces if real is None else (real, judge.features(real))
        arguments.output.mkdir(parents=True, exist_ok=True)
        source = arguments.output.absolute() / f"{task}.npz"
        np.savez(source, images=few)
        print(f"{task}: {len(few)} images; themselves: {judge.distances(few)}", flush=True)
        grids = []
        for number, (name, words) in enumerate(WAYS[task].items()):
            if name not in arguments.ways:
                continue
            plain = PLAIN[arguments.method]
            words = words.format(plain=plain, start=arguments.start, method=arguments.method)
            words += f" {arguments.words}"
            words += f" --steps {arguments.steps}" if arguments.steps else ""
            minutes = None if arguments.steps else arguments.minutes
            output = arguments.output / f"{task}-{number}-{arguments.seed}"
            options = ([str(source)], minutes, arguments.seed, output)
            model = train(shlex.split(words), *options)
            images = model.generate(COUNT, seed=1)
            with (output / "history.csv").open() as file:
                rows = list(csv.DictReader(file))
            quarters = [rows[round(k * (len(rows) - 1) / 4)]["real_accuracy"] for k in range(5)]
            print(
                f"{task}, {name}, {model.steps_done:,} steps: {judge.distances(images)}, sure "
                f"{', '.join(f'{float(share):.2f}' for share in quarters)}",
                flush=True,
            )
            grids.append(image_grid(images[:64], 8))
        save_image(arguments.output / f"{task}.png", np.concatenate(grids, axis=1))


if __name__ == "__main__":
    main()
