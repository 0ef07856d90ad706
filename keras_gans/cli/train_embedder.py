"""`keras-gans train-embedder`: a classifier of one's own images, to score generated ones with."""

import pathlib

from keras_gans.cli.train_data import size_of_folder
from keras_gans.errors import InputError
from keras_gans.files import whole_path, writable_folder


def train_embedder(arguments):
    """Trains a classifier, writes it as one .keras file and says how to use it."""
    output = pathlib.Path(arguments.output)
    if output.suffix != ".keras" or output.exists():
        raise InputError(
            "The output must be a new file whose name ends in .keras. "
            f"Received: {arguments.output!r}."
        )
    from keras_gans.data.loader import is_image_folder
    from keras_gans.metrics.embedders.train_classifier import train_classifier

    image_size = arguments.image_size
    if image_size is None and is_image_folder(arguments.data):
        image_size, _ = size_of_folder(arguments.data)
    writable_folder(output.parent)  # Better refused now than after minutes.
    classifier = train_classifier(
        arguments.data,
        image_size=image_size,
        channels=arguments.channels,
        epochs=arguments.epochs,
        seed=arguments.seed,
        data_dir=arguments.data_dir,
        skip_bad_images=arguments.skip_bad_images,
        verbose=1,
    )
    with whole_path(output) as temporary:
        classifier.save(temporary)
    protocol = classifier.protocol
    print(
        f"Wrote {output}, which classifies {protocol['accuracy']:.1%} of "
        f"{protocol['num_held_out']:,} held-out images correctly ({protocol['held_out']}). "
        f"Use it with: keras-gans evaluate RUN --data {arguments.data} --embedder {output}, or "
        f"kg.metrics.ClassifierEmbedder({str(output)!r})."
    )
