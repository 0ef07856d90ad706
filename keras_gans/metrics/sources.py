"""Images from wherever they are, a batch at a time: generated, in files, or in arrays."""

import functools
import hashlib
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

from keras_gans.data.arrays import check_images
from keras_gans.data.label_maps import read_label_maps
from keras_gans.data.loader import read_samples
from keras_gans.data.prepare import prepare_all
from keras_gans.errors import InputError
from keras_gans.files import WriteError
from keras_gans.metrics.embedders.classifier import SHIPPED
from keras_gans.metrics.features import release
from keras_gans.models.loading import is_model, load_generator, load_model
from keras_gans.training.seed import derived_seed
from keras_gans.training.translation_model import OTHER


class GeneratedImages:
    """Images that a model makes from a seed, batch by batch.

    A batch that begins at image number n has a seed that follows from (seed, n), so the images
    depend on the size of the batches. A conditional model gets every class in turn, unless
    `follow_classes` says otherwise.

    Args:
        model: An object with `generate` and `image_shape`, such as a GAN or a `SavedGenerator`.
        count: Number of images.
        seed: Int of at least 0.
        batch_size: Images in a batch.
        **options: Other arguments of `generate`, such as a truncation.

    Raises:
        InputError: If the model does not make images from latents.
    """

    def __init__(self, model, count, seed, batch_size, **options):
        self.model, self.options = model, options
        self.name = getattr(model, "name", "SavedModel")
        if not hasattr(model, "generate"):
            raise InputError(
                "Only a model that makes images from latents can be scored or, by `evaluate` with "
                f"`inputs` (--inputs), one that makes images from images. Received: {self.name}."
            )
        self.count, self.seed, self.batch_size = count, seed, batch_size
        self.shape = tuple(model.image_shape)
        if len(self.shape) == 3 and self.shape[-1] == 4:
            self.shape = (*self.shape[:2], 3)  # Features are those of what one sees.
        self.num_classes = getattr(model, "num_classes", None)
        if self.num_classes:
            self.classes, self.labels = "in turn", np.arange(count) % self.num_classes
        if len(self.shape) != 3:
            raise InputError(
                "Only a model that makes images can be scored. "
                f"Received: {self.name}, which makes points of shape {self.shape}."
            )

    def follow_classes(self, real):
        """Gives a conditional model the classes of real images, each as often, in a random order.

        Does nothing unless both know as many classes.

        Args:
            real: `StoredImages`.
        """
        labels = real.labels
        if not self.num_classes or labels is None or np.min(labels) < 0:
            return
        if (len(real.class_names) if real.class_names else np.max(labels) + 1) == self.num_classes:
            chosen = np.sort(labels)[np.arange(self.count) * len(labels) // self.count]
            self.labels = np.random.default_rng(self.seed).permutation(chosen)
            self.classes = "as in the data"

    def batches(self):
        """Yields uint8 arrays (at most batch_size, H, W, C)."""
        for start in range(0, self.count, self.batch_size):
            count = min(self.batch_size, self.count - start)
            seed = derived_seed(self.seed, start)
            labels = self.labels[start : start + count] if self.num_classes else None
            images = self.model.generate(count, seed=seed, labels=labels, **self.options)
            yield prepare_all(np.asarray(images), channels=self.shape[-1])


class TranslatedImages:
    """Images that a model makes from images, batch by batch, in their order.

    Args:
        model: A model with `translate`, such as a CycleGAN.
        inputs: `StoredImages` of the other domain.
        to: Domain of the result, "a" or "b".
        name: What to call them.
        seed: Int that the noise of each image follows from, of a model that has some in use
            (Pix2Pix, GauGAN). Default: 0.
        segmenter: Keras model that finds label maps in images, see `evaluate`. Default: None.
    """

    def __init__(self, model, inputs, to, name, seed=0, segmenter=None):
        self.model, self.inputs, self.to, self.name = model, inputs, to, name
        self.seed, self.segmenter = seed, segmenter
        self.count, self.batch_size = inputs.count, inputs.batch_size
        self.shape = (*inputs.shape[:2], model.shapes[to][-1])

    def batches(self):
        """Yields uint8 arrays (at most batch_size, H, W, C)."""
        start = 0
        for images in self.inputs.batches():
            if self.model.has_noise:  # Of a seed's own in each image.
                seeds = (derived_seed(self.seed, start + k) for k in range(len(images)))
                pairs = zip(images, seeds, strict=True)
                made = [self.model.translate(x[None], self.to, seed=seed) for x, seed in pairs]
                yield np.concatenate(made)
            else:
                yield self.model.translate(images, self.to)
            start += len(images)


class StoredImages:
    """Images that exist already, read batch by batch.

    Args:
        name: Name of the data set or folder.
        images: uint8 array (N, H, W, C), or `LazyImages`.
        batch_size: Images in a batch.
        count: Number of images at most: if there are more, a random subset in the source's order.
            Default: None, all.
        seed: Seed of that subset. Default: 0.
        order: Indices of the images in the order to take them. Default: None, the source's.
        split: Name of the split. Default: None.
        labels: Integer array, the classes of all that are in the source, or None.
        class_names: List of names, or None.
        classifier: Name of the classifier that comes with the package for this very data set.
            Default: None.
        held_out: Function that gives the `StoredImages` of the split "test". Default: None.
    """

    def __init__(
        self,
        name,
        images,
        batch_size,
        count=None,
        seed=0,
        order=None,
        split=None,
        labels=None,
        class_names=None,
        classifier=None,
        held_out=None,
    ):
        self.name, self.images, self.batch_size = name, images, batch_size
        self.split, self.labels, self.class_names = split, labels, class_names
        self.classifier, self.held_out = classifier, held_out
        self.stems = [path.stem for path in getattr(images, "paths", ())]
        self.shape = tuple(images.shape[1:])
        self.count = len(images) if count is None else min(count, len(images))
        self._rows = np.arange(len(images)) if order is None else np.array(order)
        if self.count < len(images):
            chosen = np.random.default_rng(seed).choice(len(images), self.count, replace=False)
            self._rows = self._rows[np.sort(chosen)]

    def read(self, indices):
        """Returns the images (n, H, W, C) of an array of indices (n,)."""
        images = np.asarray(self.images[self._rows[indices]])
        release(self.images)
        return images

    def batches(self):
        """Yields uint8 arrays (at most batch_size, H, W, C)."""
        for start in range(0, self.count, self.batch_size):
            yield self.read(np.arange(start, min(start + self.batch_size, self.count)))

    @functools.cached_property
    def digest(self):
        """SHA-256 of the images' shape and bytes, as 64 hexadecimal digits."""
        digest = hashlib.sha256(str((self.count, *self.shape)).encode())
        for batch in self.batches():
            digest.update(np.ascontiguousarray(batch))
        return digest.hexdigest()


def open_source(
    source,
    num_images,
    seed,
    batch_size,
    inputs=None,
    to="b",
    segmenter=None,
    skip_bad_images=False,
    image_size=None,
):
    """Opens what is to be scored.

    Args:
        source: A model with `generate`, the path of a run folder, .keras file, SavedModel, folder
            of images or .npz, or a uint8 array (N, H, W, 1 or 3).
        num_images: Number of images, at most.
        seed: Int of at least 0.
        batch_size: Images in a batch.
        inputs: What a model that makes images from images translates: what `load` takes, of which
            at most `num_images` are taken. Default: None.
        to: Domain to translate to. Default: "b".
        segmenter: Keras model that finds label maps in images. Default: None.
        skip_bad_images: See `load`; of a folder that is scored, or of `inputs` that are images.
            Default: False.
        image_size: See `load`; of a folder or .npz that is scored. Default: None.

    Returns:
        `GeneratedImages`, `TranslatedImages` or `StoredImages`.

    Raises:
        InputError: If the source is none of these or cannot be read, or `inputs` are missing or of
            no use, or `image_size` is given for a model.
    """
    is_path = isinstance(source, (str, pathlib.Path))
    holds_images = is_path and inputs is None and not is_model(pathlib.Path(source).expanduser())
    if image_size is not None and not holds_images:
        raise InputError(
            "`image_size` (--image-size) is for a folder or an .npz of images; a model makes them "
            f"of its own size. Received: {str(source) if is_path else type(source).__name__}."
        )
    if isinstance(source, (GeneratedImages, TranslatedImages, StoredImages)):
        return source
    if inputs is not None:
        options = (num_images, seed, batch_size, inputs, to, segmenter, skip_bad_images)
        return _open_translated(source, *options)
    if isinstance(source, np.ndarray):
        return StoredImages("array", check_images(source), batch_size, num_images, seed)
    if hasattr(source, "generate") or hasattr(source, "translators"):
        return GeneratedImages(source, num_images, seed, batch_size)
    if not is_path:
        raise InputError(
            "The source must be a GAN, a path or a uint8 array of images. "
            f"Received: {type(source).__name__}."
        )
    path = pathlib.Path(source).expanduser()
    if is_model(path):
        opened = GeneratedImages(load_generator(path), num_images, seed, batch_size)
        opened.name = path.name
        return opened
    if not path.is_dir() and path.suffix.lower() != ".npz":
        raise InputError(
            "The source must be a run folder, a .keras file, a SavedModel, a folder of images or "
            f"an .npz file. Received: {str(source)!r}."
        )
    options = dict(image_size=image_size, skip_bad_images=skip_bad_images)
    samples = read_samples(path, cache=False, **options)
    return StoredImages(samples.name, samples.images, batch_size, num_images, seed)


def _open_translated(source, num_images, seed, batch_size, inputs, to, segmenter, skip_bad_images):
    """Opens what a model makes of other images; see `open_source`."""
    is_path = isinstance(source, (str, pathlib.Path))
    model = load_model(pathlib.Path(source).expanduser()) if is_path else source
    if to not in getattr(model, "translators", ()):
        raise InputError(
            "`inputs` are for a model that makes images from images, and `to` is one of its "
            f"domains. Received: {type(model).__name__}, to={to!r}."
        )
    shape = model.shapes[OTHER[to]]
    if hasattr(model, "num_labels"):
        maps = read_label_maps(inputs, model.palette or model.num_labels, shape[:2])
        images = StoredImages(maps.name, maps.images, batch_size, num_images, seed)
        images.stems = [path.stem for path in maps.paths or ()]
    else:
        images = open_data(inputs, shape, batch_size, skip_bad_images=skip_bad_images)
        images = StoredImages(images.name, images.images, batch_size, num_images, seed)
    name = pathlib.Path(source).name if is_path else model.name
    return TranslatedImages(model, images, to, f"{name}, {images.name} to {to}", seed, segmenter)


def open_data(data, shape, batch_size, split=None, data_dir=None, skip_bad_images=False):
    """Opens the real images, brought to the shape of the generated ones as `load` does it.

    Args:
        data: What `keras_gans.data.load` takes or returns, or any finite `tf.data.Dataset` of
            batches of images, uint8 or floats in [-1, 1].
        shape: (H, W, C) of the generated images.
        batch_size: Images in a batch.
        split: See `load`. None (default): that of a data set that `load` made, otherwise "train".
        data_dir: See `load`.
        skip_bad_images: See `load`.

    Returns:
        `StoredImages`.

    Raises:
        InputError: If the data cannot be read or are not images of that shape.
    """
    if isinstance(data, StoredImages):
        return data
    if isinstance(data, tf.data.Dataset):
        read = getattr(data, "read", None)
        if read is None:
            images, order, labels = _stage(data)
            found = StoredImages("data set", images, batch_size, order=order, labels=labels)
            return _check_shape(found, shape)
        (data,) = read.args
        split = split or read.keywords["split"]
    else:
        options = dict(data_dir=data_dir, skip_bad_images=skip_bad_images)
        read = functools.partial(read_samples, data, **options)
    # A folder may have the same name, but not the same images.
    classifier = data if isinstance(data, str) and data in SHIPPED else None
    read = functools.partial(read, image_size=shape[:2], channels=shape[2], cache=False)

    def opened(split):
        samples = read(split=split)
        return _check_shape(
            StoredImages(
                samples.name,
                samples.images,
                batch_size,
                split=split,
                labels=samples.labels,
                class_names=samples.class_names,
                classifier=classifier,
                held_out=functools.cache(functools.partial(opened, "test")),
            ),
            shape,
        )

    return opened(split or "train")


def _check_shape(images, shape):
    if images.shape != tuple(shape):
        raise InputError(
            "Real and generated images must have the same shape. "
            f"Received: {images.shape} and {tuple(shape)}."
        )
    return images


def _stage(dataset):
    """Copies the images of a data set to a temporary file.

    Returns:
        The images, a `np.memmap`, the indices in whose order to take them, and their labels, an
        integer array (N,), or None.
    """
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise InputError("Real images must be a finite data set. Received: one that repeats.")
    try:
        images, hashes, labels = _copy(dataset)
    except OSError as error:
        raise WriteError(
            "The folder of temporary files must have room for the images of a data set. "
            f"Received: {tempfile.gettempdir()!r} ({error.strerror or error})."
        ) from error
    # In the order of their hashes, shuffling does not change what is cached by content.
    return images, sorted(range(len(hashes)), key=hashes.__getitem__), labels


def _copy(dataset):
    """Returns the images of a data set as a `np.memmap`, their hashes, and labels or None."""
    hashes, ranges, labels, shape = [], [], [], None
    with tempfile.TemporaryFile() as file:  # The memmap keeps what is in it.
        for batch in dataset.as_numpy_iterator():
            labels += _labels(batch)
            batch, *values = _to_pixels(batch)
            ranges += values
            shape = shape or batch.shape[1:]
            if batch.shape[1:] != shape:
                raise InputError(
                    "Real images must all have one size. "
                    f"Received: batches of {shape} and of {batch.shape[1:]}."
                )
            file.write(batch)
            hashes += [hashlib.sha256(image).digest() for image in batch]
        if not hashes:
            raise InputError("There must be at least one real image. Received: an empty data set.")
        _check_range(ranges)
        file.flush()
        images = np.memmap(file, "uint8", "r", shape=(len(hashes), *shape))
        return images, hashes, np.array(labels) if len(labels) == len(hashes) else None


def _labels(batch):
    """Returns a list of a batch's labels, empty where it has none."""
    labels = batch[1] if isinstance(batch, tuple) and len(batch) > 1 else None
    is_labels = getattr(labels, "ndim", 0) == 1 and labels.dtype.kind in "iu"
    return labels.tolist() if is_labels else []


def _to_pixels(batch):
    """Returns a batch as uint8 and, if it was not, the tuple of its lowest and highest value."""
    if isinstance(batch, tuple):
        batch, *rest = batch
        if any(getattr(other, "ndim", 0) > 2 for other in rest):
            raise InputError(
                "Real images are those of one domain. Received: a data set with images of two."
            )
    if not isinstance(batch, np.ndarray) or batch.dtype.kind not in "uif":
        raise InputError(
            "Batches of real images must be arrays of numbers, or (images, labels). "
            f"Received: {getattr(batch, 'dtype', type(batch).__name__)}."
        )
    values = []
    if batch.dtype != np.uint8:
        values = [(batch.min(), batch.max())]
        # `_check_range` refuses NaN, which would warn here.
        batch = np.rint((np.nan_to_num(batch) + 1) * 127.5).clip(0, 255).astype("uint8")
    return np.ascontiguousarray(check_images(batch)), *values


def _check_range(ranges):
    """Raises InputError unless all (lowest, highest) values together are in [-1, 1]."""
    low, high = (np.min(ranges), np.max(ranges)) if ranges else (-1, 1)
    # Images without any value below the middle are in [0, 1]. NaN is in no range.
    if not -1.001 <= low < 0 or not high <= 1.001:
        raise InputError(
            "Real images must be uint8, or floats in [-1, 1]. "
            f"Received: values from {low:.4g} to {high:.4g}."
        )
