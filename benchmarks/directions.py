"""How far a direction moves what it is for, and what else: `python -m benchmarks.directions`.

"faces" takes a trained model of the drawn faces (`--run`): for each attribute the direction of a
logistic regression, once as it is and once so that all others are kept; then each latent moves as
far along it as it needs; then it climbs from there on the certainty of several classifiers, with
all others kept as they were at first; then from the best of so many samples too. "shapes" trains a
model of the coloured shapes for so many minutes first, or takes that of `--run`; their factors can
be measured in an image.

Protocol, faces: one classifier labels the samples that directions are found with; three, it among
them, are climbed on; another one, of the other half of the training faces, counts what changes. How
much they get right of the held-out faces is said. Samples to count on are others than those to find
with. Strengths go up by halves to 6 until 85 % of other samples, without the attribute, get it; "as
far as needed" is until each one does for the first classifier. Of these samples the share in which
another attribute is seen afterwards is what else changes; how far the image does is its mean
absolute difference over that of two samples. A report of all directions at a strength of 2 is
drawn.

Protocol, shapes: colour, place and radius are measured in the image, as the drawn colour that the
mean of what is not black is nearest to, its mean place and the distance from it that 98 % of these
pixels are within; the shape is told by a classifier of another seed than those that directions are
found with and that are climbed on. A direction goes to the upper eighth of a factor, or to shape or
colour 1, and the kinds of the others, of which an eighth is one, are kept. It moves 300 other
samples by one standard deviation; those of the lower half, or of other shapes or colours, also
climb. A factor's change is the mean absolute one over that between two samples, so 1 is as much as
chance; of shape and colour the share that changes over the share that differs.
"""

import argparse
import dataclasses
import pathlib

import numpy as np

import keras_gans as kg
from benchmarks.minutes import CERTAIN, add_data, load_faces, train
from keras_gans.data.synthetic import COLOR_RGB
from keras_gans.latent import (
    climb,
    edit,
    entanglement,
    find_direction,
    labels_of,
    least_strengths,
    sample,
    strip,
    train_attributes,
)
from keras_gans.latent.attributes import has
from keras_gans.latent.names import own
from keras_gans.models.loading import load_model
from keras_gans.pictures import image_grid, save_image

COUNT = 300
NAMES = ("glasses", "beard", "smile", "long_hair", *(f"hair_colour={k}" for k in range(4)))
GUIDES = 3
"""Classifiers that are climbed on."""
STRENGTHS = np.arange(1, 6.1, 0.5)
ENOUGH = 0.85
PLACES = ("x", "y", "radius")
PARTS = 8
"""Kinds of a place."""
STAGES = 4
"""Parts of a climb that are drawn."""


def strength_for(gan, direction, classify, layers):
    """Returns the least strength that is enough, or the largest."""
    for strength in STRENGTHS:
        found = entanglement(gan, [direction], classify, strength, seed=2, layers=layers)
        if found.reached[0] >= ENOUGH:
            break
    return strength


def faces(arguments):
    """Prints and draws what directions of the faces' attributes do."""
    gan = load_model(arguments.run)
    _, (images, labels), (test, test_labels) = load_faces(arguments.data)

    def trained(half, seed):
        some = {name: values[half::2] for name, values in labels.items()}
        return train_attributes(images[half::2], some, CERTAIN, seed=seed)

    guides, judge = [trained(0, seed) for seed in range(GUIDES)], trained(1, GUIDES)
    first, see = labels_of(guides[0]), labels_of(judge)
    for title, classify in {"the first classifier": first, "the last one": see}.items():
        seen = classify(test)
        right = {name: f"{(seen[name] == test_labels[name]).mean():.1%}" for name in seen}
        print(f"{title} gets of held-out images right {right}", flush=True)
    strips, found, start = [], {}, sample(gan, COUNT, "z", seed=1)
    before = see(gan.images_of(start))
    for name in NAMES:
        keep = [other for other in labels if other != own(name)]
        for kept, words in (((), "as it is"), (keep, "others kept")):
            direction = find_direction(gan, first, name, kept, space=arguments.space)
            strength = strength_for(gan, direction, first, arguments.layers)
            options = (see, strength, COUNT, 1, arguments.layers)
            report = entanglement(gan, [direction], *options)
            print(f"{name}, {words}, strength {strength}:\n{report}")
            print(*report.sentences(), flush=True)
            found[f"{name}, {words}"] = direction
        latents = sample(gan, 3, seed=3)
        strengths = np.linspace(0, strength, STAGES + 1)
        rows = strip(gan, latents, direction, strengths, layers=arguments.layers)
        without = ~has(before, name)
        task = (gan, guides, name, keep)
        far = least_strengths(gan, start[without], direction, first, layers=arguments.layers)
        origin = sample(gan, COUNT, direction.space, seed=1)[without]
        moved, options = direction.move(origin, far), (arguments.steps, arguments.keep_weight)
        ways = {
            "others kept, as far as needed": edit(
                gan, start[without], direction, far, arguments.layers
            ),
            "then climbed": climbed(*task, origin, *options, direction.space, moved),
            "climbed from samples too": climbed(
                *task, origin, *options, direction.space, moved, arguments.samples
            ),
        }
        old = gan.images_of(start[without]).astype(int)
        apart = np.abs(old - np.roll(old, 1, axis=0)).mean()
        for way, made in ways.items():
            after = see(made)
            changed = [f"{k} {np.mean(after[k] != v[without]):.0%}" for k, v in before.items()]
            reached = f"reached {has(after, name).mean():.0%}"
            far_off = f"the image by {np.abs(made - old).mean() / apart:.2f}"
            print(f"{name}, {way}: {reached}; changed {', '.join(changed)}, {far_off}", flush=True)
        few = [images[:3] for images in (old.astype("uint8"), *ways.values())]
        parts = np.concatenate(rows), np.concatenate(np.stack(few, axis=1))
        grids = [image_grid(part, len(part) // 3) for part in parts]
        strips.append(np.concatenate(grids, axis=1))
    save_image(arguments.output / "directions-faces.png", np.concatenate(strips))
    report = entanglement(gan, [*found.values()], see, 2.0, layers=arguments.layers)
    report = dataclasses.replace(report, directions=[*found])
    report.figure().savefig(arguments.output / "entanglement-faces.png", dpi=80)


def climbed(gan, classifier, name, keep, latents, steps, weight, space="z", start=None, samples=0):
    """Returns images of latents after so many steps of a climb."""
    if steps:
        options = dict(steps=steps, keep_weight=weight, start=start, samples=samples)
        latents = climb(gan, classifier, latents, name, keep, space, **options)
    if space == "w":
        return gan.images_of_styles(np.repeat(latents[:, None], gan.num_styles, axis=1))
    return gan.images_of(latents)


def measure(images):
    """Returns {"color", "x", "y", "radius": (N,)} of images of shapes, places in sides."""
    side = images.shape[1]
    rows, columns = np.mgrid[:side, :side]
    places, colors = [], []
    for image in images:
        there = image.max(axis=-1) > 64
        there[side // 2, side // 2] |= not there.any()
        colors.append(np.abs(COLOR_RGB - image[there].mean(axis=0)).sum(axis=1).argmin())
        x, y = columns[there], rows[there]
        distances = np.hypot(x - x.mean(), y - y.mean())
        places.append((x.mean(), y.mean(), np.quantile(distances, 0.98)))
    return {"color": np.array(colors)} | dict(zip(PLACES, np.array(places).T / side, strict=True))


def shapes(arguments):
    """Trains a model of the shapes, prints and draws what directions of their factors do."""
    images, factors = kg.data.shapes(20_000, seed=1)
    kinds = {name: factors[name] for name in ("shape", "color")}
    limits = {name: np.quantile(factors[name], np.arange(1, PARTS) / PARTS) for name in PLACES}
    labels = kinds | {name: np.digitize(factors[name], limits[name]) for name in PLACES}
    known = {name: values[:-COUNT] for name, values in labels.items()}
    seeds = range(GUIDES + 1)
    *guides, judge = (train_attributes(images[:-COUNT], known, CERTAIN, seed=k) for k in seeds)
    first, tell = labels_of(guides[0]), labels_of(judge)
    seen, measured = tell(images[-COUNT:]), measure(images[-COUNT:])
    right = {name: f"{(seen[name] == labels[name][-COUNT:]).mean():.1%}" for name in labels}
    alike = {n: f"{np.corrcoef(measured[n], factors[n][-COUNT:])[0, 1]:.3f}" for n in PLACES}
    exact = np.mean(measured["color"] == labels["color"][-COUNT:])
    print(f"the last classifier gets right {right}")
    print(f"measured: {exact:.1%} of colours right; correlations {alike}", flush=True)
    if arguments.run:
        gan = load_model(arguments.run)
    else:
        output = arguments.output / "shapes"
        gan = train([arguments.method], ["shapes"], arguments.minutes, 0, output)

    def see(images):
        return tell(images) | measure(images)

    latents = sample(gan, COUNT, "z", seed=1)
    images = gan.images_of(latents)
    told = tell(images)
    before = told | measure(images)
    apart = {name: range(1, 1 + values.max()) for name, values in kinds.items()}
    apart |= {name: (0, PARTS - 1) for name in PLACES}  # A line passes the parts between in order.
    keep = [f"{name}={k}" for name, parts in apart.items() for k in parts]
    strips = []
    for name in labels:
        asked = PARTS - 1 if name in PLACES else 1
        task = f"{name}={asked}", [word for word in keep if own(word) != name]
        direction = find_direction(gan, first, *task, space="z")
        after = see(edit(gan, latents, direction, 1.0))
        print(f"{name}, direction: {moves(name, before, before, after, kinds)}", flush=True)
        lower = told[name] < PARTS // 2 if name in PLACES else before[name] != asked
        old = {factor: values[lower] for factor, values in before.items()}
        ways = {}
        for way, samples in (("climbed", 0), ("climbed from samples too", arguments.samples)):
            options = dict(steps=arguments.steps, weight=arguments.keep_weight, samples=samples)
            ways[way] = climbed(gan, guides, *task, latents[lower], **options)
            print(f"{name}, {way}: {moves(name, before, old, see(ways[way]), kinds)}", flush=True)
        rows = np.concatenate(strip(gan, latents[:3], direction, np.linspace(-2, 2, 7)))
        few = [made[:3] for made in (images[lower], *ways.values())]
        parts = (rows, 7), (np.concatenate(np.stack(few, axis=1)), len(few))
        strips.append(np.concatenate([image_grid(*part) for part in parts], axis=1))
    save_image(arguments.output / "directions-shapes.png", np.concatenate(strips))


def moves(name, all_before, before, after, kinds):
    """Returns how far each factor moved beside what two samples differ by, in words."""
    changes = {}
    for factor, values in all_before.items():
        change = np.not_equal if factor in kinds else lambda a, b: np.abs(a - b)
        chance = change(values, np.roll(values, 1)).mean()
        changes[factor] = change(after[factor], before[factor]).mean() / chance
    rest = max(value for factor, value in changes.items() if factor != name)
    words = ", ".join(f"{factor} {value:.2f}" for factor, value in changes.items())
    return f"{words}; {changes[name] / rest:.1f} times the next"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("faces", "shapes"))
    parser.add_argument("--run", help="a run folder or a .keras file; faces need it")
    parser.add_argument("--space", choices=("z", "w"), help="default: w where there is one")
    parser.add_argument("--layers", type=int, nargs=2, help="first layer that moves, and the end")
    parser.add_argument("--steps", type=int, default=60, help="of a climb")
    parser.add_argument("--keep-weight", type=float, default=2, help="of a climb, see `climb`")
    parser.add_argument("--samples", type=int, default=20_000, help="that a climb begins at too")
    parser.add_argument("--method", default="dcgan", help="that learns the shapes")
    parser.add_argument("--minutes", type=float, default=10, help="of training on shapes")
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/directions"))
    arguments = parser.parse_args()
    if arguments.task == "faces" and arguments.run is None:
        parser.error("faces need --run, a run folder or a .keras file")
    arguments.output.mkdir(parents=True, exist_ok=True)
    arguments.layers = arguments.layers and slice(*arguments.layers)
    {"faces": faces, "shapes": shapes}[arguments.task](arguments)


if __name__ == "__main__":
    main()
