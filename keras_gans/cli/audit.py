"""`keras-gans audit`: whom the samples leave out."""

import pathlib

from keras_gans.cli.sample import truncated
from keras_gans.files import whole_file, writable_folder


def audit(arguments):
    """Compares attributes of data and samples as a classifier sees them."""
    import numpy as np

    from keras_gans import latent
    from keras_gans.data.arrays import from_npz
    from keras_gans.latent.classifier import kinds_of
    from keras_gans.metrics.sources import GeneratedImages, StoredImages
    from keras_gans.models.loading import load_generator, read_keras_file

    classifier = read_keras_file(arguments.classifier, compile=False)
    classify = latent.labels_of(classifier)
    kinds = kinds_of(classifier)
    data = pathlib.Path(arguments.data).expanduser()
    images, labels = latent.read_attributes(data)
    model = load_generator(arguments.model)
    options = truncated(model, arguments)
    real = classify(images)
    conditional = getattr(model, "num_classes", None)
    classes = from_npz(data).labels if conditional else None
    stored = StoredImages("data", images, 256, labels=classes)

    def samples(**options):
        source = GeneratedImages(model, arguments.count, arguments.seed, 256, **options)
        source.follow_classes(stored)
        parts = [classify(batch) for batch in source.batches()]
        seen = {name: np.concatenate([part[name] for part in parts]) for name in real}
        return seen, f" Their classes are {source.classes}." if conditional else ""

    if arguments.output:
        writable_folder(pathlib.Path(arguments.output).parent)
    fake, how = samples()
    right = {name: np.mean(real[name] == labels[name]) for name in real if name in labels}
    lines = [
        f"What a classifier sees in {len(images):,} images and {arguments.count:,} samples.{how}",
        "It is right in the images, which it may have learned from: "
        + ", ".join(f"{name} {share:.1%}" for name, share in right.items()),
        *_report(latent.audit(real, fake, kinds=kinds)),
    ]
    if options:
        words = " and ".join(f"{name} {value:g}" for name, value in options.items())
        fewer, _ = samples(**options)
        lines += [f"With {words}:", *_report(latent.audit(real, fewer, kinds=kinds))]
        changes = latent.audit(fake, fewer, kinds=kinds, paired=True)
        found = [finding for finding in changes if finding.differs]
        lines += [
            f"So {words} changes {len(found) or 'no'} numbers beyond chance{':' if found else '.'}",
            *(f"{one.kind} of {one.name}: {one.of('real')} to {one.of('fake')}" for one in found),
        ]
    print("\n".join(lines))
    if arguments.output:
        with whole_file(pathlib.Path(arguments.output)) as file:
            file.write("\n".join([*lines, ""]).encode())


def _report(findings):
    """Returns lines: all attributes, and of their pairs what differs."""
    single = [finding for finding in findings if "&" not in finding.name]
    pairs = [finding for finding in findings if "&" in finding.name]
    different = [finding for finding in pairs if finding.differs]
    alike = len(pairs) - len(different)
    return [
        *map(str, [*single, *different]),
        f"pairs of attributes: {alike:,} of {len(pairs):,} alike",
    ]
