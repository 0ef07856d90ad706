"""The data that `keras-gans train` trains on: their sources, their size, their batches."""

import pathlib

from keras_gans.errors import InputError

FOLDER_SIZE = 64
LARGEST = 128
"""The largest side that images are made of, if no size was asked for; it takes hours."""
SQUARE = "since images are made square unless `--image-size` is given"

WAYS = {
    "unpaired": (
        [["data"], ["data_a", "data_b"]],
        "`--data-a` and `--data-b`, or `--data` with a folder of trainA and trainB",
    ),
    "pairs": ([["pairs"]], "`--pairs` with two folders, or with one of both sides"),
}
"""How the data of two domains are given: options that go together, and the same in words."""


def check_sources(arguments, method):
    """Raises InputError unless the data are given in the way that the method needs."""
    given = [name for name in ("data", "data_a", "data_b", "pairs") if getattr(arguments, name)]
    ways, rule = WAYS.get(method.data, ([["data"]], "`--data`"))
    if given not in ways:
        words = " and ".join("--" + name.replace("_", "-") for name in given) or "none"
        raise InputError(f"{method.class_name} takes {rule}. Received: {words}.")
    clashes = {
        "labels": (method.class_name == "GauGAN", "pairs of label maps and images, of a GauGAN"),
        "swap": (method.data == "pairs", "pairs"),
        "jitter": (method.data in WAYS, "images of two domains"),
    }
    for name, (fits, words) in clashes.items():
        if getattr(arguments, name) and not fits:
            raise InputError(f"`--{name}` is for {words}. Received: {method.class_name}.")
    if arguments.pairs and len(arguments.pairs) > 2:
        raise InputError(f"`--pairs` takes one folder or two. Received: {len(arguments.pairs)}.")
    if arguments.pairs and (arguments.data_dir or arguments.skip_bad_images):
        raise InputError(
            "`--data-dir` and `--skip-bad-images` are not for pairs. Received: one of them."
        )


def load(arguments, method, sizes, labels=False):
    """Loads the data in a size that the method's networks can make.

    Args:
        arguments: The command's arguments.
        method: The `Method`.
        sizes: Sorted list of the sides that the networks can make, or None for any.
        labels: Whether a method that can do without labels takes them. Default: False.

    Returns:
        The data set, and why it has its size, in words that follow the shape.
    """
    from keras_gans import data

    if method.data in WAYS:
        return _load_domains(arguments, method, sizes)
    side, size, reason = _size(arguments, arguments.data, sizes)
    batch_size = arguments.batch_size or method.settings(side).batch_size
    reading = _reading(arguments) | {"image_size": size}
    try:
        loaded = data.load(
            arguments.data,
            batch_size=batch_size,
            labels=labels or method.data == "labelled",
            flip=arguments.flip,
            cache=not arguments.no_cache,
            **reading,
        )
    except InputError as error:
        if "`batch_size`" not in str(error):
            raise
        count = len(data.loader.read_samples(arguments.data, cache=False, **reading).images)
        raise InputError(
            "`--batch-size` must be at most the number of images. "
            f"Received: {batch_size} for {count} images; `--batch-size {count}` fits."
        ) from error
    return loaded, reason and f", {reason}"


def _load_domains(arguments, method, sizes):
    """Loads unpaired images of two domains, or pairs; see `load`."""
    from keras_gans.data import domains
    from keras_gans.data.prepare import sides

    sources = arguments.pairs or [arguments.data_a, arguments.data_b]
    sources = [arguments.data] if arguments.data else sources
    if len(sources) == 1 and (method.data == "unpaired" or domains.has_domains(sources[0])):
        sources = domains.domains_of(sources[0])
    size = arguments.image_size
    side, reason = size and min(sides(size)), ""
    if size is None and len(sources) == 1:
        side, reason = size_of_folder(sources[0], sizes, 2, sizes[-1])
        size = side
    elif size is None:
        (side, size, reason), (other, its_size, its_reason) = (
            _size(arguments, str(x), sizes, sizes[-1]) for x in sources
        )
        size, reason = size or its_size, reason or its_reason
        if side != other:
            side = size = FOLDER_SIZE
            reason = "since the domains do not share one square size"
    options = {name: getattr(arguments, name) for name in ("channels", "jitter", "flip", "seed")}
    if method.data == "unpaired":
        names = ("data_dir", "skip_bad_images")
        options |= {name: getattr(arguments, name) for name in names}
    else:
        options |= {"swap": arguments.swap, "labels": _labels(arguments.labels)}
    loaded = getattr(domains, method.data)(
        *sources,
        image_size=size,
        batch_size=arguments.batch_size or method.settings(side).batch_size,
        cache=not arguments.no_cache,
        **options,
    )
    return loaded, reason and f", {reason}"


def _labels(word):
    """Returns the number of labels, or the colours that are in a file."""
    if word is None or word.isdecimal():
        return word and int(word)
    try:
        return pathlib.Path(word).read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "`--labels` takes a number, or a text file with a colour #rrggbb for each label. "
            f"Received: {word!r} ({error})."
        ) from error


def _reading(arguments):
    """Returns the options of `keras_gans.data` that concern reading, but for the size."""
    names = ("channels", "seed", "data_dir", "skip_bad_images")
    return {name: getattr(arguments, name) for name in names}


def _size(arguments, source, sizes, largest=LARGEST):
    """Returns the shorter side of the images, the size to ask for, if any, and why, in words."""
    from keras_gans.data.loader import is_image_folder, read_samples
    from keras_gans.data.prepare import sides

    if arguments.image_size is not None:
        return min(sides(arguments.image_size)), arguments.image_size, ""
    if is_image_folder(source):
        size, reason = size_of_folder(source, sizes, largest=largest)
        return size, size, reason
    samples = read_samples(source, **_reading(arguments), cache=False)
    height, *others = samples.images.shape[1:]
    if sizes is None or others == [] or (height == others[0] and height in sizes):
        return min([height, *others[:1]]), None, ""
    # The networks cannot make the images' own size: take the next that they can make.
    width = others[0]
    size = min((size for size in sizes if size >= min(height, width)), default=FOLDER_SIZE)
    return size, size, "" if height == width else f"{SQUARE}; the data are {width}x{height}"


def size_of_folder(folder, sizes=None, sides=1, largest=LARGEST):
    """Returns the side that a folder's images are given if none was asked for, and why, in words.

    Their own where all share a square one that the networks can make and minutes can do something
    for, otherwise 64 pixels.

    Args:
        folder: Path of the folder.
        sizes: Sorted list of the sides that the networks can make, or None for any.
        sides: Images beside each other in a picture. Default: 1.
        largest: The largest side to give them. Default: 128.
    """
    from keras_gans.data.listing import common_size

    width, height = common_size(folder) or (0, 0)
    if not height:
        return FOLDER_SIZE, "since they do not share one size"
    if width != sides * height:
        return FOLDER_SIZE, f"{SQUARE}; the files are {width}x{height}"
    if height > largest:
        return FOLDER_SIZE, f"since their own {height}x{height} would take hours"
    if sizes is None or height in sizes:
        return height, "their own size"
    return FOLDER_SIZE, f"since the networks cannot make their own {height}x{height}"
