"""What truncation gives and takes: `python -m benchmarks.truncation --run RUN`.

Protocol: 5,000 samples at each truncation psi of a style-based model, or threshold of the latents
of another; the Fréchet distance between them and the held-out faces, and precision and recall
(k = 3) of as many of them as there are held-out faces, on the features of a classifier that is
trained first. Then whom they leave out (`keras_gans.latent.audit`, by what another one, trained for
longer, sees in both): how many of its findings differ, and which are amplified. Precision and
recall are kept as a figure in `--output`. A run of 28 pixels is one of Fashion-MNIST: test images
take the place of the faces, `benchmarks.fashion`'s classifier that of theirs, and there is no
audit.
"""

import argparse
import pathlib

import matplotlib.pyplot as plt
import numpy as np

import keras_gans as kg
from benchmarks import fashion
from benchmarks.minutes import CERTAIN, COUNT, Judge, add_data, load_faces
from keras_gans.latent import audit, labels_of, train_attributes
from keras_gans.models.loading import load_model

TRUNCATIONS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3)
THRESHOLDS = (None, 2.0, 1.5, 1.0, 0.75, 0.5, 0.25)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, help="a run folder or a .keras file")
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/truncation"))
    arguments = parser.parse_args()
    gan = load_model(arguments.run)
    clothes = gan.image_shape == (28, 28, 1)
    judge = fashion.Judge() if clothes else Judge("faces", arguments.data)
    if not clothes:
        _, (images, labels), (test, _) = load_faces(arguments.data)
        classify = labels_of(train_attributes(images, labels, CERTAIN))
        kinds = {name: int(values.max()) + 1 for name, values in labels.items()}
        real = classify(test)
    style_based = hasattr(gan, "map")
    name, values = ("truncation", TRUNCATIONS) if style_based else ("threshold", THRESHOLDS)
    curve = []
    for value in values:
        images = gan.generate(COUNT, seed=1, **{name: value})
        fake = judge.features(images)
        distance = kg.metrics.frechet_distance(judge.real, fake)
        alike = min(len(judge.real), COUNT)
        curve.append(kg.metrics.precision_recall(judge.real[:alike], fake[:alike]))
        precision, recall = curve[-1]
        print(
            f"{name} {value}: precision {precision:.2f}, recall {recall:.2f}, FD {distance:.1f}",
            flush=True,
        )
        if not clothes:
            found = audit(real, classify(images), kinds=kinds)
            print(f"  {sum(x.differs for x in found)} of {len(found)} findings differ")
            print(*(f"  {x}" for x in found if x.amplified), sep="\n", flush=True)
    figure, axis = plt.subplots(layout="constrained")
    # Of N(0, 1) hardly a value is beyond 4, which stands for no threshold.
    places = [4 if value is None else value for value in values]
    for label, points in zip(("precision", "recall"), np.transpose(curve), strict=True):
        axis.plot(places, points, marker="o", label=label)
    axis.set(xlabel=name, ylim=(0, 1))
    axis.legend()
    arguments.output.mkdir(parents=True, exist_ok=True)
    figure.savefig(arguments.output / "truncation.png")


if __name__ == "__main__":
    main()
