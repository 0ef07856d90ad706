"""Can the digits of a trained model be recognised? `python -m benchmarks.digits RUN`.

Protocol: a classifier with one hidden layer of 256 (scikit-learn's) is trained on the real training
digits at the model's size and measured on the held-out ones; then it looks at 1,000 generated
images. Of the held-out real digits themselves it is at least 90 % sure of some 96 %.
"""

import argparse

import numpy as np
from sklearn.neural_network import MLPClassifier

import keras_gans as kg
from keras_gans.models.loading import load_model

COUNT = 1000


def score(model):
    """Returns accuracy on real digits, share of sure images, and the shares of the ten digits.

    For a conditional model also the share of images that are of the class that was asked for.
    """
    size = model.image_shape[0]
    flat = {}
    for split in ("train", "test"):
        images, labels = kg.data.load_arrays("digits", image_size=size, split=split)
        flat[split] = images.reshape(len(images), -1) / 255.0, labels
    classifier = MLPClassifier((256,), max_iter=300, random_state=0).fit(*flat["train"])
    generated = model.generate(COUNT, seed=0).reshape(COUNT, -1) / 255.0
    probabilities = classifier.predict_proba(generated)
    found = probabilities.argmax(axis=1)
    scores = {
        "accuracy": classifier.score(*flat["test"]),
        "sure": float((probabilities.max(axis=1) >= 0.9).mean()),
        "shares": np.bincount(found, minlength=10) / COUNT,
    }
    if model.num_classes:
        scores["as_asked"] = float((found == np.arange(COUNT) % 10).mean())
    return scores


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="a run folder or a .keras file")
    scores = score(load_model(parser.parse_args().run))
    print(f"classifier: {scores['accuracy']:.1%} of held-out real digits right")
    print(f"at least 90 % sure of {scores['sure']:.1%} of {COUNT} generated images")
    print(f"shares of the digits: {scores['shares']}")
    if "as_asked" in scores:
        print(f"of the digit that was asked for: {scores['as_asked']:.1%}")


if __name__ == "__main__":
    main()
