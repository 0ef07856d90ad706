"""`keras-gans audit`: whom the samples leave out."""

import pathlib

from keras_gans.files import whole_file


def audit(arguments):
    """Compares attributes of data and samples as a classifier sees them."""
    import numpy as np

    from keras_gans import latent
    from keras_gans.metrics.sources import GeneratedImages
    from keras_gans.models.loading import load_generator, read_keras_file

    classify = latent.labels_of(read_keras_file(arguments.classifier, compile=False))
    images, labels = latent.read_attributes(arguments.data)
    seen = classify(images)
    samples = GeneratedImages(load_generator(arguments.model), arguments.count, arguments.seed, 256)
    parts = [classify(batch) for batch in samples.batches()]
    fake = {name: np.concatenate([part[name] for part in parts]) for name in seen}
    right = {name: np.mean(seen[name] == labels[name]) for name in seen if name in labels}
    lines = [
        f"What a classifier sees in {len(images):,} images and {arguments.count:,} samples.",
        "It is right in the images: "
        + ", ".join(f"{name} {share:.1%}" for name, share in right.items()),
    ]
    lines += map(str, latent.audit(seen, fake))
    print("\n".join(lines))
    if arguments.output:
        with whole_file(pathlib.Path(arguments.output)) as file:
            file.write("\n".join([*lines, ""]).encode())
