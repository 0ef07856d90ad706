"""Image data sets by the name they have in TensorFlow Datasets."""

import difflib
import re

import numpy as np

from keras_gans.data.arrays import Samples, check_images
from keras_gans.data.named import check_split
from keras_gans.data.prepare import prepare
from keras_gans.errors import InputError

# name, name/config, name:version, name/config:version; anything else (such as the community data
# sets, namespace:name) would be looked up on the network.
_NAME = re.compile(r"([a-z]\w*)(/[\w.-]+)?(:[\d.*]+)?")
_PROBE_SECONDS = 5
_IDX_HINTS = {
    "mnist": "pass as `data_dir` a folder of its IDX files, ",
    "fashion_mnist": "install the Debian package dataset-fashion-mnist, "
    "pass as `data_dir` a folder of its IDX files, ",
}


def could_be_name(source):
    """Returns whether `source` is spelt as TensorFlow Datasets spells its names."""
    return _NAME.fullmatch(source) is not None


def read_tensorflow_set(
    name,
    our_names,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    nearest=False,
    split="train",
    data_dir=None,
):
    """Reads the images of a data set of TensorFlow Datasets, preparing it first if necessary.

    The images are the feature "image", otherwise the only image feature; the labels are the feature
    "label", otherwise the only class-label feature, if any. Images are converted to the wanted size
    as they are read.

    Args:
        name: A name as `tfds.load` takes it, such as "cifar10" or "cycle_gan/apple2orange".
        our_names: The names that `keras_gans.data.load` knows itself, to be suggested as well.
        image_size: See `keras_gans.data.load`.
        channels: See `keras_gans.data.load`.
        fit: See `keras_gans.data.load`.
        nearest: See `prepare`.
        split: One of the data set's splits, or "all" for all of them together.
        data_dir: Where TensorFlow Datasets keeps its data. None (default): its own default.

    Returns:
        `Samples`.

    Raises:
        InputError: If there is no such data set, split or image, or it cannot be downloaded.
    """
    import tensorflow_datasets as tfds

    builder = _find(tfds, name, our_names, data_dir)
    features = builder.info.features
    image_key = _only_feature(features, tfds.features.Image, "image")
    label_key = _only_feature(features, tfds.features.ClassLabel, "label")
    if image_key is None:
        raise InputError(
            'A data set must have one image feature, or one named "image". '
            f"Received: {name} with {', '.join(features)}"
        )
    _prepare(builder, name)
    splits = [str(key) for key in builder.info.splits]
    check_split(name, split, [*splits, "all"])
    dataset = builder.as_dataset(split="+".join(splits) if split == "all" else split)
    images, labels = [], []
    for example in dataset.as_numpy_iterator():
        image = check_images(example[image_key][None])[0]
        images.append(prepare(image, image_size, channels, fit, nearest))
        if label_key is not None:
            labels.append(example[label_key])
    sizes = {image.shape for image in images}
    if len(sizes) != 1:
        raise InputError(
            "Images of different sizes need `image_size`. "
            f"Received: {name} with {' and '.join(str(size) for size in sorted(sizes)[:2])}"
        )
    # A split without known labels has -1 for all of them.
    if label_key is None or min(labels) < 0:
        return Samples(name, np.stack(images))
    names = list(features[label_key].names)
    return Samples(name, np.stack(images), np.asarray(labels, np.int32), names)


def no_such_path(source):
    """Returns the `InputError` for a source that looks like a path but does not exist."""
    return InputError(
        f"A source that is a path must exist; no such file or folder. Received: {source}"
    )


def unknown_name(source, names):
    """Returns the `InputError` for a source that is no known name, with the nearest names."""
    near = difflib.get_close_matches(source.lower(), sorted(set(names)), n=3)
    hint = f"; the nearest names are {', '.join(near)}" if near else ""
    return InputError(
        "The source must be a known data set, a folder of images, an .npz file or arrays"
        f"{hint}. Received: {source!r}"
    )


def _find(tfds, name, our_names, data_dir):
    base = _NAME.fullmatch(name).group(1)
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError:
        if "/" in name:
            raise no_such_path(name) from None
        names = [*our_names, *tfds.list_builders(with_community_datasets=False)]
        raise unknown_name(base, names) from None
    except Exception as error:  # A builder may fail in any way: a config, a version, a package.
        raise InputError(
            "TensorFlow Datasets must be able to make the data set. "
            f"Received: {name} ({_first_line(error)})"
        ) from error


def _only_feature(features, kind, usual_key):
    keys = [key for key, feature in features.items() if isinstance(feature, kind)]
    if usual_key in keys:
        return usual_key
    return keys[0] if len(keys) == 1 else None


def _prepare(builder, name):
    if builder.data_path.exists():
        return
    try:
        _probe(builder)
        builder.download_and_prepare()
    except Exception as error:  # Network, checksum, disk, a data set to be fetched by hand, ...
        raise InputError(
            f"The data set {name} must be in {builder.data_path} or be downloadable; without a "
            f"network, {_IDX_HINTS.get(name, '')}pass as `data_dir` a folder that TensorFlow "
            f"Datasets prepared elsewhere, or load a folder of images instead. "
            f"Received: {type(error).__name__}: {_first_line(error)}"
        ) from error


def _probe(builder):
    """Asks the first host once, because TensorFlow Datasets retries for minutes."""
    import requests

    url = next((url for url in builder.url_infos or () if url.startswith("http")), None)
    if url is not None:
        requests.head(url, timeout=_PROBE_SECONDS)


def _first_line(error):
    return str(error).strip().partition("\n")[0]
