"""The front door: one function for every source of training images."""

import functools
import warnings
from pathlib import Path

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.data import named, synthetic, tensorflow_sets
from keras_gans.data.arrays import Samples, from_arrays, from_npz, number_names
from keras_gans.data.folder import read_folder
from keras_gans.data.packed import is_pack, read_pack
from keras_gans.data.pipeline import to_dataset
from keras_gans.data.prepare import check_reading_options, prepare_all, sides
from keras_gans.errors import InputError

KINDS = {
    "digits": "digits",
    "fashion_mnist": "idx",
    "mnist": "idx",
    "cifar10": "tensorflow",
    "ring": "points",
    "grid": "points",
    "shapes": "shapes",
    "striped_shapes": "shapes",
    "outlined_shapes": "shapes",
    "scenes": "scenes",
    "scene_maps": "scenes",
}
"""The reader of each named set."""

SOURCES = tuple(KINDS)
DRAWN = ("points", "shapes", "scenes")
SYNTHETIC = tuple(name for name, kind in KINDS.items() if kind in DRAWN)
DEFAULT_COUNT = 10_000
FEW_IMAGES = 500


def load(
    source,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    batch_size=64,
    split="train",
    labels=False,
    flip=False,
    shuffle=True,
    seed=0,
    cache=True,
    drop_remainder=True,
    count=None,
    data_dir=None,
    skip_bad_images=False,
):
    """Loads training images as batches of values in [-1, 1].

    Everything is read and checked before the function returns, so that a bad file does not stop a
    training run half-way. All sources share one resize function, whose result is rounded to
    `uint8`: the same pixels give the same batches whichever way they arrive.

    The result also has the plain attributes `name` (str; of a folder, its own name), `num_images`
    (int), `image_shape` ((H, W, C), or (2,) for points), `class_names` (list of str, or None
    without labels), `num_skipped` (int, the files left out by `skip_bad_images`), `batch_size` and
    `config` (dict of what decides the batches; `content` in it is a short hash of the images, or
    of a sample of many, see `keras_gans.data.fingerprint`). Its method
    `stream(first=0, batches_joined=1)` gives the batches of all epochs without end, from the image
    number `first` on: the order is a function of seed and epoch. `fit` uses it, so that training
    goes on where it was left.

    `map`, `take`, `repeat` and the other methods of `tf.data.Dataset` return a plain data set
    without these attributes: it trains too, but a resumed run cannot go on mid-epoch with the very
    next batch of it, nor notice that the data are others.

    Warns if fewer than 500 images are to be trained on, unless they are synthetic, and of files in
    a folder that are left out, almost black, or enlarged to more than twice their size.

    Args:
        source: One of

            - "digits": scikit-learn's 1797 digits of 8 x 8 pixels. The 5th, 10th, 15th, ...
              image of each class are the split "test".
            - "fashion_mnist", "mnist": IDX files in `data_dir` (for "fashion_mnist" by default
              those of the Debian package dataset-fashion-mnist), otherwise TensorFlow Datasets.
            - "cifar10" or any other name of TensorFlow Datasets ("name/config", "name:version").
            - "ring", "grid": `count` points of a mixture of Gaussians, as `gaussian_mixture`
              makes them; labels are the modes.
            - "shapes", "striped_shapes", "outlined_shapes": `count` images with one coloured shape
              each, as `shapes` makes them (by default of 32 x 32 pixels); labels are the shapes.
            - "scenes", "scene_maps": `count` landscapes, or their label maps, as `scenes` makes
              them (by default of 32 x 32 pixels); labels are the styles.
            - The path of a folder of .png, .jpg, .jpeg, .jfif, .gif, .bmp, .webp, .tif, .tiff or
              (where Pillow has it) .avif files. Images directly in the folder have no labels;
              otherwise each sub-folder is a class, also an empty one, in the order of the sorted
              names. Other files, and images further down, are left out with a warning; hidden
              files are ignored. Write "./digits" for a folder with the name of a data set.
            - The path of a folder that `keras-gans data pack` wrote.
            - The path of an .npz file with images under `images`, `x`, `x_train` or `arr_0` and,
              if any, labels under `labels`, `y`, `y_train` or `arr_1`.
            - A `uint8` array of shape (N, H, W) or (N, H, W, C), C being 1, 3 or 4, or a tuple of
              it and integer labels of shape (N,).
        image_size: Side of square images in pixels, at least 1, or (height, width). None
            (default): as they are.
        channels: 1 or 3 converts grey and coloured images, 4 keeps transparency, which is laid on
            white otherwise. None (default): as they are; a folder with both becomes coloured, with
            a warning.
        fit: What happens to images of another shape than `image_size`: "crop" (default) keeps the
            largest centred part of that shape, "stretch" scales each side on its own.
        batch_size: Images in a batch, at least 1. Default: 64.
        split: "train" (default), "test" or "all" for the digits and IDX files; any of its own
            splits or "all" for a TensorFlow data set; the other sources have no splits: "train"
            and "all" both mean all images.
        labels: Whether batches are `(images, labels)`. Default: False.
        flip: Whether to mirror each image with probability 1/2, anew in every epoch. Default:
            False.
        shuffle: Whether to shuffle all images anew in every epoch. Default: True.
        seed: Whole number of at least 0 for the synthetic sources, shuffling and flipping. The
            same seed gives the same batches, epoch by epoch; `tf.random.set_seed` (if called)
            changes the order of plain iteration too. Default: 0.
        cache: Whether the images of a folder or a pack stay in memory, as `uint8`. False: they are
            read again in every epoch. All other sources are in memory. Default: True.
        drop_remainder: Whether to leave out a last, smaller batch. Default: True.
        count: Number of samples of a synthetic source, at least 1. None (default):
            10000. Other sources do not take it.
        data_dir: Folder of IDX files, or where TensorFlow Datasets keeps its data. None
            (default): the usual places. Sources that need neither do not take it.
        skip_bad_images: Whether to leave out the files of a folder that cannot be decoded, instead
            of raising an error. Default: False.

    Returns:
        A `tf.data.Dataset` of `float32` batches (B, H, W, C) with the values
        `uint8 / 127.5 - 1` (points (B, 2) as they are), or of `(batch, labels)` with `int32`
        labels (B,). The order is deterministic.

    Raises:
        InputError: If an argument is out of its range, or the source does not exist, cannot be
            read or downloaded, or has no labels, or fewer images than one batch.

    Example:
        >>> dataset = load("digits", image_size=16, batch_size=32)
        >>> dataset.image_shape, dataset.num_images
        ((16, 16, 1), 1442)
    """
    check_whole_numbers(batch_size=batch_size)
    read = functools.partial(
        read_samples,
        source,
        image_size=image_size,
        channels=channels,
        fit=fit,
        split=split,
        seed=seed,
        count=count,
        data_dir=data_dir,
        skip_bad_images=skip_bad_images,
        cache=cache,
    )
    samples = read()
    shape = samples.images.shape
    if labels and samples.labels is None:
        raise InputError(
            "`labels=True` needs a source with labels: class sub-folders, labels in the .npz file "
            f"or a tuple of arrays. Received: {samples.name}, which has none"
        )
    if flip and len(shape) == 2:
        raise InputError(f"`flip=True` needs images. Received: {samples.name}, which has points")
    if drop_remainder and batch_size > shape[0]:
        raise InputError(
            "`batch_size` must not exceed the number of images, unless `drop_remainder=False`. "
            f"Received: batch_size={batch_size} for {shape[0]} images"
        )
    is_synthetic = isinstance(source, str) and source in SYNTHETIC
    # A split of another name is there to be measured on.
    if shape[0] < FEW_IMAGES and split in ("train", "all") and not is_synthetic:
        warnings.warn(
            f"Fewer than {FEW_IMAGES} images often make a GAN collapse or repeat them: what helps "
            "are more images, `flip=True` (--flip) or other augmentation of the data, and stopping "
            f"early. Received: {samples.name} with {shape[0]}.",
            stacklevel=2,
        )
    dataset = to_dataset(
        samples,
        batch_size=batch_size,
        labels=labels,
        flip=flip,
        shuffle=shuffle,
        seed=seed,
        drop_remainder=drop_remainder,
    )
    dataset.read = read  # All images in the source's order, for scores.
    return dataset


def load_arrays(source, **options):
    """Loads images as plain arrays, in the order of the source.

    Args:
        source: See `load`.
        **options: Those of `load` that concern reading: `image_size`, `channels`, `fit`, `split`,
            `seed` (of the synthetic sources), `count`, `data_dir` and `skip_bad_images`.

    Returns:
        `(images, labels)`: a `uint8` array of shape (N, H, W, C), or a `float32` array (N, 2) for
        "ring" and "grid"; and an `int32` array (N,), or None.

    Raises:
        InputError: As `load` does.

    Example:
        >>> images, labels = load_arrays("digits", split="test")
        >>> images.shape, images.dtype
        ((355, 8, 8, 1), dtype('uint8'))
    """
    samples = read_samples(source, **options, cache=True)
    return samples.images, samples.labels


def read_samples(
    source,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    nearest=False,
    split="train",
    seed=0,
    count=None,
    data_dir=None,
    skip_bad_images=False,
    cache=True,
):
    """Reads any source into `Samples` of the wanted size and channels.

    See `load`, `prepare` for `nearest`, and `read_folder` for `skip_bad_images=None`.
    """
    check_reading_options(image_size, channels, fit)
    check_whole_numbers(least=0, seed=seed)
    options = dict(image_size=image_size, channels=channels, fit=fit, nearest=nearest)
    kind = _kind_of(source)
    if count is not None and kind not in DRAWN:
        raise InputError(
            f"`count` is for the sources {', '.join(SYNTHETIC)}. "
            f"Received: count={count!r} for {_describe(source)}"
        )
    if data_dir is not None and kind not in ("idx", "tensorflow"):
        raise InputError(
            "`data_dir` is for data sets of IDX files and of TensorFlow Datasets. "
            f"Received: data_dir={str(data_dir)!r} for {_describe(source)}"
        )
    if kind not in ("digits", "idx", "tensorflow"):
        named.check_split(_describe(source), split, ("train", "all"))

    if kind == "points":
        return _read_points(source, count, seed, image_size, channels)
    if kind == "folder":
        folder = Path(source).expanduser()
        return read_folder(folder, **options, cache=cache, skip_bad_images=skip_bad_images)
    if kind == "pack":
        return read_pack(Path(source).expanduser(), **options, cache=cache)
    if kind == "idx" and (folder := named.find_idx(source, data_dir)):
        samples = named.read_idx_set(source, folder, split)
    elif kind in ("idx", "tensorflow"):
        return tensorflow_sets.read_tensorflow_set(
            source, SOURCES, **options, split=split, data_dir=data_dir
        )
    elif kind == "digits":
        samples = named.read_digits(split)
    elif kind == "shapes":
        side = max(sides(image_size) or (32,))  # Cut below, where one side is shorter.
        look = source.removesuffix("shapes").removesuffix("_") or "plain"
        images, factors = synthetic.shapes(_count(count), side, seed, look)
        samples = Samples(source, images, factors["shape"], list(synthetic.SHAPE_NAMES))
    elif kind == "scenes":
        side = max(sides(image_size) or (32,))
        maps, images, styles = synthetic.scenes(_count(count), side, seed)
        images = maps if source == "scene_maps" else images
        samples = Samples(source, images, styles, list(synthetic.SCENE_STYLES))
    elif kind == "npz":
        samples = from_npz(Path(source).expanduser())
    else:
        samples = from_arrays(source)
    samples.images = prepare_all(samples.images, **options)
    return samples


def is_image_folder(source):
    """Returns whether a string, or a path, which names no set, is read as a folder of images."""
    path = Path(source).expanduser()
    return source not in KINDS and path.is_dir() and not is_pack(path)


def _kind_of(source):
    """Returns which reader `source` needs; known names win over folders of the same name."""
    if isinstance(source, np.ndarray):
        return "arrays"
    if isinstance(source, tuple) and len(source) == 2 and isinstance(source[0], np.ndarray):
        if source[1] is not None and not isinstance(source[1], np.ndarray):
            raise InputError(f"Labels must be a NumPy array. Received: {type(source[1]).__name__}")
        return "arrays"
    if not isinstance(source, (str, Path)):
        raise InputError(
            "The source must be a name, a path, a NumPy array or a tuple of two. "
            f"Received: {type(source).__name__}"
        )
    path = Path(source).expanduser()
    if isinstance(source, str) and source in KINDS:
        if path.is_dir():
            warnings.warn(
                f"`{source}` is the data set of that name; write `./{source}` for the folder.",
                stacklevel=3,
            )
        return KINDS[source]
    if path.is_dir():
        return "pack" if is_pack(path) else "folder"
    if path.is_file():
        if path.suffix.lower() == ".npz":
            return "npz"
        raise InputError(f"A source that is a file must end in .npz. Received: {source}")
    is_npz = path.suffix.lower() == ".npz"
    if isinstance(source, str) and not is_npz and tensorflow_sets.could_be_name(source):
        return "tensorflow"
    if isinstance(source, Path) or is_npz or "/" in source or "\\" in source:
        raise tensorflow_sets.no_such_path(source)
    raise tensorflow_sets.unknown_name(source, SOURCES)


def _read_points(name, count, seed, image_size, channels):
    if image_size is not None or channels is not None:
        raise InputError(
            f"`image_size` and `channels` are for images. Received: {name}, which has points"
        )
    points, labels = synthetic.gaussian_mixture(name, _count(count), seed)
    class_names = number_names(np.arange(len(synthetic.mode_centers(name))))
    return Samples(name, points, labels, class_names)


def _count(count):
    return DEFAULT_COUNT if count is None else count


def _describe(source):
    return str(source) if isinstance(source, (str, Path)) else "arrays"
