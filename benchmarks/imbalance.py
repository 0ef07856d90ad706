"""Does the audit find what a model amplifies? `python -m benchmarks.imbalance`, on drawn faces.

An imbalance is made: of the training faces so many are left out that glasses are on one in ten
(in the others nothing changes), and only faces that smile have a hat. A model is trained on what is
left, by default for ten minutes at the command's defaults.

Protocol: `keras_gans.latent.audit` compares what a classifier of all training faces sees, as
`keras-gans audit` does, in 5,000 samples and in the held-out faces, of which as many are left out.
A second classifier, of another seed, says whether what is found is so. How much both get right of
the held-out faces is said, and what differs between what the first one sees in them and what is
known of them, so that its errors can be told from the model's. Before that come halves of the
held-out faces, which are alike: of 20 pairs of halves how many have a finding that differs (one is
chance, at a level of 95 %); and faces of which so many with glasses are left out that their share
is half of what it was, so that it is known what there is to find.
"""

import argparse
import pathlib

import numpy as np

from benchmarks.minutes import CERTAIN, COUNT, add_data, load_faces, train
from keras_gans.latent import audit, labels_of, train_attributes

PAIRS = 20
SHARE = 0.1


def part_of(labels, chosen):
    return {name: values[chosen] for name, values in labels.items()}


def thinned(labels, name, share, random):
    """Returns which faces stay, bool (N,), so that a share of them has an attribute."""
    there = labels[name] == 1
    wanted = round(share / (1 - share) * (~there).sum())
    stay = ~there
    stay[random.permutation(np.flatnonzero(there))[:wanted]] = True
    return stay


def unbalanced(labels):
    """Returns which faces stay, bool (N,), see above."""
    stay = thinned(labels, "glasses", SHARE, np.random.default_rng(0))
    return stay & ((labels["hat"] == 0) | (labels["smile"] == 1))


def say(title, findings, names):
    """Prints how many findings differ, and those of some names."""
    differ = sum(finding.differs for finding in findings)
    print(f"{title}: {differ} of {len(findings)} findings differ")
    print(*(f"  {x}" for x in findings if x.name in names), sep="\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", default="dcgan")
    parser.add_argument("--minutes", type=float, default=10)
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/imbalance"))
    arguments = parser.parse_args()
    _, (images, labels), (test, known) = load_faces(arguments.data)
    eyes = [labels_of(train_attributes(images, labels, CERTAIN, seed=seed)) for seed in (0, 1)]
    seen = [classify(test) for classify in eyes]
    for number, found in enumerate(seen):
        right = {name: f"{(k == known[name]).mean():.1%}" for name, k in found.items()}
        print(f"classifier {number} gets of held-out images right {right}", flush=True)
    kinds = {name: int(values.max()) + 1 for name, values in labels.items()}

    different = 0
    for seed in range(PAIRS):
        halves = np.array_split(np.random.default_rng(seed).permutation(len(test)), 2)
        found = audit(*(part_of(seen[0], half) for half in halves), kinds=kinds)
        different += any(finding.differs for finding in found)
    print(f"halves of the real faces differ in {different} of {PAIRS} pairs", flush=True)
    half = thinned(known, "glasses", known["glasses"].mean() / 2, np.random.default_rng(1))
    say("half the share", audit(seen[0], part_of(seen[0], half), kinds=kinds), ["glasses"])

    arguments.output.mkdir(parents=True, exist_ok=True)
    file = arguments.output / "faces.npz"
    np.savez(file, images=images[unbalanced(labels)])
    run = arguments.output / arguments.method
    gan = train([arguments.method], [str(file.absolute())], arguments.minutes, 0, run)
    samples = gan.generate(COUNT, seed=1)
    names = ["glasses", "hat", "smile & hat", "hat & smile"]
    stay = unbalanced(known)
    known, *seen = (part_of(found, stay) for found in (known, *seen))
    title = "what the first classifier sees in held-out faces, beside what is known of them"
    say(title, audit(known, seen[0], kinds=kinds), names)
    for number, classify in enumerate(eyes):
        found = audit(seen[number], classify(samples), kinds=kinds)
        say(f"samples, classifier {number}", found, names)
        print(*(f"  {x}" for x in found if x.amplified), sep="\n", flush=True)


if __name__ == "__main__":
    main()
