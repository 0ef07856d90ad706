"""Do images come back from latents? `python -m benchmarks.inversion --run RUN`, on the drawn faces.

Protocol: `--count` of the model's own samples, and as many held-out faces that it has never seen,
are inverted by `keras_gans.latent.invert` from several starts, one of which is the guess of an
encoder that was trained on samples; and by the encoder alone. Errors are mean absolute ones as a
share of the range. "Kept" is how often a classifier, trained first, sees in the result what is
known of the face (in samples: what it sees in them). Faces and results are kept as a picture in
`--output`.
"""

import argparse
import pathlib
import time

import numpy as np

from benchmarks.minutes import CERTAIN, add_data, load_faces
from keras_gans.latent import invert, labels_of, train_attributes, train_encoder
from keras_gans.models.loading import load_model
from keras_gans.pictures import image_grid, save_image

NEAR = 0.02


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, help="a run folder or a .keras file")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--steps", type=int, default=400, help="of the optimisation")
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--encoder-steps", type=int, default=2000)
    add_data(parser)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/inversion"))
    arguments = parser.parse_args()
    gan, count = load_model(arguments.run), arguments.count
    _, (images, labels), (test, known) = load_faces(arguments.data)
    classify = labels_of(train_attributes(images, labels, CERTAIN))
    own = gan.generate(count, seed=11)
    faces = {"samples": (own, classify(own))}
    faces["held-out faces"] = test[:count], {name: k[:count] for name, k in known.items()}
    encoder = train_encoder(gan, steps=arguments.encoder_steps)
    spaces = ("w", "w+") if hasattr(gan, "map") else ("z",)
    for title, (wanted, truth) in faces.items():
        started = time.perf_counter()
        guesses = np.asarray(encoder(wanted / np.float32(127.5) - 1))
        if spaces[0] == "w":
            guessed = gan.images_of_styles(np.repeat(guesses[:, None], gan.num_styles, axis=1))
        else:
            guessed = gan.images_of(guesses)
        seconds = time.perf_counter() - started
        columns, results = [wanted, guessed], {"the encoder alone": (guessed, seconds)}
        for space in spaces:
            started = time.perf_counter()
            options = dict(steps=arguments.steps, starts=arguments.starts, encoder=encoder)
            found = invert(gan, wanted, space, **options)
            results[space] = found.images, time.perf_counter() - started
            columns.append(found.images)
        for name, (made, seconds) in results.items():
            errors = np.abs(made.astype(float) - wanted).mean(axis=(1, 2, 3)) / 255
            seen = classify(made)
            kept = ", ".join(
                f"{key} {(seen[key] == value).mean():.0%}" for key, value in truth.items()
            )
            print(
                f"{title}, {name}: error {errors.mean():.3f}, at most {NEAR} in "
                f"{(errors <= NEAR).mean():.0%}; {seconds / count:.2f} s an image; kept: {kept}",
                flush=True,
            )
        rows = np.stack(columns, axis=1)[:8]
        name = title.replace(" ", "-")
        save_image(
            arguments.output / f"{name}.png", image_grid(np.concatenate(rows), rows.shape[1])
        )


if __name__ == "__main__":
    main()
