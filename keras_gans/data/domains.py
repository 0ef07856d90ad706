"""Training data of two domains: unpaired images, and pairs."""

import collections
import functools
import warnings
from pathlib import Path

import tensorflow as tf

from keras_gans.checks import check_whole_numbers
from keras_gans.data.arrays import Samples
from keras_gans.data.fingerprint import fingerprint
from keras_gans.data.folder import read_folder
from keras_gans.data.label_maps import read_label_maps, read_labels, to_labels
from keras_gans.data.listing import list_images, size_in_header
from keras_gans.data.loader import is_image_folder, read_samples
from keras_gans.data.pipeline import by_epochs, fetcher
from keras_gans.errors import InputError

ZOOM = 286 / 256
"""What images are enlarged by before they are cropped at random."""

MOST_NAMES = 3

SPLIT = (
    "`split` is for a folder with trainA, trainB, testA and testB; other images are chosen by "
    "their folder. Received: {}"
)


def unpaired(
    a,
    b=None,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    batch_size=1,
    split="train",
    jitter=False,
    flip=False,
    shuffle=True,
    seed=0,
    cache=True,
    data_dir=None,
    skip_bad_images=False,
):
    """Loads images of two domains that do not belong together.

    An epoch shows each image of the larger domain once; those of the other begin again in a new
    order when all were seen. Reading, checks and the attributes of the result are those of `load`.

    Args:
        a: Images of the first domain, what `load` takes as a source; or, without `b`, a folder
            with the sub-folders trainA, trainB, testA and testB.
        b: Images of the second domain. Default: None.
        image_size: See `load`.
        channels: See `load`. None (default): as they are; if one domain has fewer, as many as the
            other.
        fit: See `load`.
        batch_size: Images of each domain in a batch. Default: 1, CycleGAN's.
        split: "train" (default) or "test", of a folder with both.
        jitter: Whether to enlarge each image by 286/256 and to crop it to its size at a random
            place, anew in every epoch. It is enlarged from the size that it was brought to: 256
            pixels become 286, where the authors resize the original to 286, which is the same for
            originals of 256. Default: False.
        flip: See `load`; each image for itself. Default: False.
        shuffle: Whether to shuffle both domains anew in every epoch. Default: True.
        seed: See `load`. Default: 0.
        cache: See `load`. Default: True.
        data_dir: See `load`. Default: None.
        skip_bad_images: See `load`. Default: False.

    Returns:
        A `tf.data.Dataset` of (images of a, images of b), float32 (B, H, W, C) in [-1, 1] each.

    Raises:
        InputError: If an argument is out of its range, or a domain is missing, cannot be read, or
            has fewer images than one batch, or both have images of other sizes.

    Example:
        >>> data = unpaired("horse2zebra/", image_size=128, jitter=True, flip=True)
        >>> data = unpaired("photos/", "paintings/", image_size=256)
    """
    if b is None:
        a, b = domains_of(a, split)
    elif split != "train":
        raise InputError(SPLIT.format(repr(split)))
    options = dict(image_size=image_size, fit=fit, cache=cache)
    options |= dict(data_dir=data_dir, skip_bad_images=skip_bad_images)
    # Synthetic domains of one seed would be pairs.
    seeds = (seed, seed + 1)
    samples = _read_alike((a, b), channels, seeds, options)
    return _to_dataset("unpaired", samples, batch_size, jitter, flip, shuffle, seed)


def pairs(
    a,
    b=None,
    *,
    image_size=None,
    channels=None,
    fit="crop",
    batch_size=1,
    split="train",
    swap=False,
    labels=None,
    jitter=False,
    flip=False,
    shuffle=True,
    seed=0,
    cache=True,
):
    """Loads pairs of images, which are cropped and mirrored alike.

    Args:
        a: Images of the first domain, what `load` takes as a source, in the order of the second.
            Files of two folders belong together if they have one name, whatever the suffix. Without
            `b`: a folder with the sub-folders trainA, trainB, testA and testB, or one of pictures
            that have a on the left and b on the right.
        b: Images of the second domain. Default: None.
        image_size: See `load`.
        channels: See `load`. None (default): as they are; the domains may differ.
        fit: See `load`.
        batch_size: Pairs in a batch. Default: 1, Pix2Pix's.
        split: See `unpaired`.
        swap: Whether a and b change places. Default: False.
        labels: Where a are label maps: the number of labels, which are the grey levels from 0 on
            or, of indexed files, the indices; or their colours, a list of "#rrggbb" or (red, green,
            blue). Such maps are resized and cropped without mixing labels, and become (B, H, W, 1)
            with `label / 127.5 - 1`. Default: None, a are images.
        jitter: See `unpaired`.
        flip: See `load`.
        shuffle: Whether to shuffle the pairs anew in every epoch. Default: True.
        seed: See `load`. Default: 0.
        cache: See `load`. Label maps and pictures with both sides are always kept in memory.
            Default: True.

    Returns:
        A `tf.data.Dataset` of (images of a, images of b), float32 (B, H, W, C) in [-1, 1] each,
        with the attributes `num_labels` and `palette` if `labels` are given.

    Raises:
        InputError: If an argument is out of its range, an image cannot be read, has no other, or
            is of another form than it, or is a label map with other labels; or there are fewer
            pairs than one batch.

    Example:
        >>> data = pairs("facades/trainB/", "facades/trainA/", image_size=256, jitter=True)
        >>> data = pairs("maps/", "photos/", labels=["#000000", "#804080", "#6b8e23"])
    """
    options, matches = dict(image_size=image_size, fit=fit), None
    if labels is not None:
        read_labels(labels)  # Before anything is read.
    if split != "train" and (b is not None or not has_domains(a, split)):
        raise InputError(SPLIT.format(repr(split)))
    if b is None and not has_domains(a, split):
        samples = _read_side_by_side(a, channels, options, swap, labels)
    else:
        sources = domains_of(a, split) if b is None else (a, b)
        sources = sources[::-1] if swap else sources
        matches = _match_files(sources, fit)
        given = dict(channels=channels, cache=cache, seed=seed, skip_bad_images=None, **options)
        read = functools.partial(read_samples, **given)
        maps = functools.partial(read_label_maps, labels=labels, seed=seed, **options)
        samples = [(read if labels is None else maps)(sources[0]), read(sources[1])]
    counts = [len(each.images) for each in samples]
    if counts[0] != counts[1]:
        raise InputError(
            f"Pairs must be as many images of a as of b. Received: {counts[0]} and {counts[1]}"
        )
    options = (batch_size, jitter, flip, shuffle, seed, labels, matches)
    return _to_dataset("pairs", samples, *options)


def domains_of(folder, split="train"):
    """Returns the paths of both domains in a folder with trainA and trainB (testA and testB).

    Raises:
        InputError: If there are none.
    """
    if split not in ("train", "test"):
        raise InputError(f'`split` is "train" or "test". Received: {split!r}')
    is_path = isinstance(folder, str | Path)
    found = [Path(folder).expanduser() / f"{split}{domain}" for domain in "AB"] if is_path else []
    missing = [path.name for path in found if not path.is_dir()]
    if not found or missing:
        raise InputError(
            "Two domains are two sources, or one folder with the sub-folders trainA and trainB "
            f"(testA and testB). Received: {folder if is_path else type(folder).__name__} "
            f"{'without ' + ' and '.join(missing) if missing else 'alone'}"
        )
    return found


def has_domains(folder, split="train"):
    """Returns whether a source is a folder with at least one domain's sub-folder, or no path."""
    if not isinstance(folder, str | Path):
        return True
    names = ("trainA", "trainB", f"{split}A", f"{split}B")
    return any((Path(folder).expanduser() / name).is_dir() for name in names)


def _read_alike(sources, channels, seeds, options):
    """Returns the `Samples` of both sources, which get the same channels."""
    read = [
        functools.partial(read_samples, source, seed=seed, **options)
        for source, seed in zip(sources, seeds, strict=True)
    ]
    samples = [each(channels=channels) for each in read]
    depths = [each.images.shape[-1] for each in samples]
    if depths[0] != depths[1]:
        most, fewer = max(depths), depths.index(min(depths))
        warnings.warn(
            f"The images of {samples[fewer].name} have {min(depths)} of the {most} channels of the "
            f"others: all get {most}; `channels` (--channels) chooses another number.",
            stacklevel=3,
        )
        samples[fewer] = read[fewer](channels=most)
    return samples


def _read_side_by_side(folder, channels, options, swap, labels):
    """Returns the `Samples` of a and b, which are the halves of a folder's pictures."""
    if not is_image_folder(folder):
        raise InputError(
            "Pairs are two sources, or one folder of pictures with both sides. "
            f"Received: {str(folder)!r} alone"
        )
    options = dict(options, skip_bad_images=None)
    read = functools.partial(read_folder, Path(folder).expanduser(), **options)
    halves = ("right", "left") if swap else ("left", "right")
    if labels is None:
        return [read(channels=channels, half=half) for half in halves]
    num_labels, palette = read_labels(labels)
    maps = read(channels=3 if palette else None, nearest=True, half=halves[0])
    images = to_labels(maps.images, num_labels, palette, maps.name, maps.paths)
    return [Samples(maps.name, images), read(channels=channels, half=halves[1])]


def _match_files(sources, fit):
    """Returns the place of each file's other in the second of two folders, None of other sources.

    Raises:
        InputError: If the folders have files of other names or, to crop, forms.
    """
    if not all(isinstance(source, str | Path) and is_image_folder(source) for source in sources):
        return None
    folders = [Path(source).expanduser() for source in sources]
    paths = [list_images(folder).paths for folder in folders]
    stems = [
        [str(path.relative_to(folder).with_suffix("")) for path in found]
        for folder, found in zip(folders, paths, strict=True)
    ]
    counts = map(collections.Counter, stems)
    alone = sorted(set(stems[0]) ^ set(stems[1]))
    several = sorted({stem for count in counts for stem, times in count.items() if times > 1})
    if alone or several:
        names = ", ".join((alone or several)[:MOST_NAMES])
        raise InputError(
            "Files of pairs must have one name in both folders, whatever the suffix. Received: "
            f"{len(alone or several)} that {'have no other' if alone else 'come twice'}, such as "
            f"{names}"
        )
    # Suffixes are part of what files are sorted by: the order may differ.
    places = {stem: place for place, stem in enumerate(stems[1])}
    matches = [places[stem] for stem in stems[0]]
    if fit == "crop":
        _check_forms((path, paths[1][place]) for path, place in zip(paths[0], matches, strict=True))
    return matches


def _check_forms(pairs):
    """Raises InputError unless both files of each pair are as wide for their height."""
    for pair in pairs:
        sizes = [size_in_header(path) for path in pair]
        if None in sizes:
            continue  # Decoding says what is wrong with it.
        (width, height), (other, its_height) = sizes
        if abs(width * its_height - other * height) > max(width, height, other, its_height):
            found = [f"{path} with {w}x{h}" for path, (w, h) in zip(pair, sizes, strict=True)]
            raise InputError(
                'Images of a pair must be of one form, unless `fit` is "stretch": cropped, they '
                f"would show other parts. Received: {' and '.join(found)}"
            )


def _to_dataset(kind, samples, batch_size, jitter, flip, shuffle, seed, labels=None, matches=None):
    """Makes the batches of two domains, each in its own order or both in one.

    With `matches`, the image of the second domain that belongs to each one of the first.
    """
    check_whole_numbers(batch_size=batch_size)
    check_whole_numbers(least=0, seed=seed)
    names, counts = [each.name for each in samples], [len(each.images) for each in samples]
    shapes = [tuple(each.images.shape[1:]) for each in samples]
    points = [name for name, shape in zip(names, shapes, strict=True) if len(shape) != 3]
    if points and (flip or jitter):
        have = "has" if len(points) == 1 else "have"
        raise InputError(
            "`flip` and `jitter` need images. "
            f"Received: {' and '.join(points)}, which {have} points"
        )
    if len(points) == 1:
        raise InputError(
            f"Both domains must be of images, or both of points. Received: points in {points[0]} "
            "alone"
        )
    if shapes[0][:2] != shapes[1][:2]:
        sizes = [f"{name} with {w}x{h}" for name, (h, w, _) in zip(names, shapes, strict=True)]
        raise InputError(
            "Images of both domains must have one size, unless `image_size` is given. Received: "
            f"{' and '.join(sizes)}"
        )
    if batch_size > min(counts):
        raise InputError(
            "`batch_size` (--batch-size) must not exceed the number of images of a domain. "
            f"Received: batch_size={batch_size} for {counts[0]} and {counts[1]} images"
        )
    used = max(counts) - max(counts) % batch_size
    mixes = (labels is None, True)
    changes = [
        _Changes(each.images, jitter, flip, mixed)
        for each, mixed in zip(samples, mixes, strict=True)
    ]
    # What is drawn for a domain is drawn for the other too if they are pairs.
    streams = (0, 1) if kind == "unpaired" else (0, 0)

    def shuffled(epoch, count, stream, turn):
        seeds = (seed + turn, 2 * epoch + stream)
        return tf.random.experimental.stateless_shuffle(tf.range(count, dtype="int64"), seeds)

    def order(epoch):
        places, draws = [], []
        for count, stream in zip(counts, streams, strict=True):
            indices = tf.range(used, dtype="int64") % count
            if shuffle:  # Anew each time that all were seen.
                turns = tf.range(-(-used // count), dtype="int64")
                turns = tf.map_fn(functools.partial(shuffled, epoch, count, stream), turns)
                indices = tf.reshape(turns, [-1])[:used]
            places.append(indices)
            draws.append(tf.random.stateless_uniform((used, 3), (seed, -1 - 2 * epoch - stream)))
        if matches is not None:
            places[1] = tf.gather(tf.constant(matches, "int64"), places[1])
        return tf.data.Dataset.from_tensor_slices((tuple(places), tuple(draws)))

    def make_batch(places, draws):
        return tuple(change(*one) for change, *one in zip(changes, places, draws, strict=True))

    dataset = by_epochs(order, make_batch, used, batch_size, seed)
    dataset.name, dataset.num_images = " and ".join(names), max(counts)
    dataset.input_shape, dataset.image_shape = shapes
    dataset.class_names = None
    dataset.num_labels, dataset.palette = (None, None) if labels is None else read_labels(labels)
    dataset.num_skipped = sum(each.num_skipped for each in samples)
    dataset.config = {
        "kind": kind,
        "name": names,
        "num_images": counts,
        "image_shape": [list(shape) for shape in shapes],
        "content": [fingerprint(each) for each in samples],
        "batch_size": batch_size,
        "labels": False if labels is None else dataset.palette or dataset.num_labels,
        "jitter": jitter,
        "flip": flip,
        "shuffle": shuffle,
        "seed": seed,
    }
    return dataset


class _Changes:
    """Reads images and changes them at random.

    Args:
        images: What `fetcher` takes, (N, H, W, C).
        jitter: Whether to crop at random.
        flip: Whether to mirror at random.
        mixed: Whether resizing may mix values: not of label maps.
    """

    def __init__(self, images, jitter, flip, mixed):
        self.fetch, self.shape = fetcher(images), tuple(images.shape[1:])
        self.jitter, self.flip = jitter, flip
        self.method = "bicubic" if mixed else "nearest"

    def __call__(self, indices, draws):
        """Returns the images of indices (B,), float32 in [-1, 1].

        Args:
            indices: Of the images, (B,).
            draws: Numbers in 0..1 that decide the changes, (B, 3).
        """
        batch = self.fetch(indices)
        if batch.dtype == tf.uint8:
            batch = tf.cast(batch, tf.float32) / 127.5 - 1.0
        if self.jitter:
            batch = self._crop(batch, draws[:, :2])
        if self.flip:
            mirrored = tf.reverse(batch, axis=[2])
            batch = tf.where(draws[:, 2, None, None, None] < 0.5, mirrored, batch)
        return batch

    def _crop(self, batch, draws):
        height, width, _ = self.shape
        large = [round(side * ZOOM) for side in (height, width)]
        batch = tf.clip_by_value(tf.image.resize(batch, large, self.method), -1.0, 1.0)
        for axis, side in enumerate((height, width)):
            start = tf.cast(draws[:, axis] * (large[axis] - side + 1), "int32")
            places = start[:, None] + tf.range(side)
            batch = tf.gather(batch, places, axis=axis + 1, batch_dims=1)
        return tf.ensure_shape(batch, (draws.shape[0], *self.shape))
