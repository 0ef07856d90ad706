"""`keras-gans describe`: what a method costs on this machine, before anything is trained."""

import os
import resource
import sys
import time

import numpy as np

from keras_gans import methods
from keras_gans.cli.model_options import model_from_data, parse_options
from keras_gans.cli.train import compile_model
from keras_gans.errors import InputError

BATCHES = (8, 16)
"""Images of the two steps that memory is measured on."""

MEASURED = 256
"""Larger images are not measured: the numbers of their networks are all that is said."""

MARGIN = 0.9
"""The share of the free memory that a run may take."""


def describe(arguments):
    """Prints parameters, multiply-adds, memory and time of a method's networks and its step."""
    method = methods.get(arguments.model)
    options = parse_options(arguments.options)
    if method.data in ("unpaired", "pairs"):
        raise InputError(
            f"`describe` is for methods that make images from latents. Received: {arguments.model}."
        )

    import keras_gans

    side, channels = arguments.image_size or 64, arguments.channels or 3
    settings = method.settings(side)
    model_class = getattr(keras_gans, method.class_name)
    data = _Images((side, side, channels), method.data == "labelled")
    given = settings.options | options
    model = model_from_data(model_class, data, 0, given, arguments.options)
    model.grow_up()
    print(f"{method.class_name} ({method.paper}), images of {side}x{side}x{channels}:")
    networks = [network for player in model.players().values() for network in player]
    for network in networks:
        print(
            f"  {network.name:16}{network.count_params():>12,} parameters"
            f"{_in_millions(multiply_adds(network)):>12} million multiply-adds an image"
        )
    if side > MEASURED:
        print(f"  A step is measured up to {MEASURED} pixels; beyond, work grows with the area.")
        return
    compile_model(model, settings, None)
    batch_size = arguments.batch_size or settings.batch_size
    fixed, each = memory(model, data)
    needed, free = fixed + each * batch_size, MARGIN * free_memory()
    print(f"  memory: {_size(fixed)} for the program and {_size(each)} for each image of a batch")
    if needed > free:
        fitting = int((free - fixed) / each)
        advice = f"`--batch-size {fitting}` fits" if fitting >= 1 else "a smaller size may fit"
        raise InputError(
            f"A batch of {batch_size} must fit into the free memory of {_size(free)}. "
            f"Received: one that needs {_size(needed)}; {advice}."
        )
    seconds = step_seconds(model, data, batch_size)
    print(
        f"  a step on {batch_size} images: {1000 * seconds:,.0f} ms here, "
        f"{batch_size / seconds:,.0f} images a second, {_size(needed)}; ten minutes are "
        f"{600 / seconds:,.0f} steps"
    )


class _Images:
    """Random images, as far as `from_data` and a step want to know them."""

    name = "random images"

    def __init__(self, image_shape, labelled):
        self.image_shape, self.config = image_shape, {"labels": labelled}
        self.class_names = [str(k) for k in range(10)] if labelled else None

    def batch(self, count):
        """Returns images, or (images, labels)."""
        images = np.random.default_rng(0).uniform(-1, 1, (count, *self.image_shape))
        labels = [np.arange(count) % 10] if self.class_names else []
        return images.astype("float32"), *labels


def multiply_adds(network):
    """Returns the multiply-adds of one image's forward pass through a network.

    They are those of TensorFlow's profiler, which counts convolutions and products of matrices, and
    some additions.
    """
    import tensorflow as tf
    from tensorflow.python.profiler import model_analyzer, option_builder

    specs = [tf.TensorSpec((1, *x.shape[1:]), x.dtype) for x in network.inputs]
    function = tf.function(lambda *x: network(x[0] if len(x) == 1 else list(x)))
    graph = function.get_concrete_function(*specs).graph
    builder = option_builder.ProfileOptionBuilder(
        option_builder.ProfileOptionBuilder.float_operation()
    )
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # It warns that it is an old interface.
    try:
        found = model_analyzer.profile(graph, options=builder.with_empty_output().build())
    finally:
        logger.setLevel(level)
    return found.total_float_ops / 2


def memory(model, data):
    """Returns the bytes that a step takes whatever its batch, and those for each image."""
    # The first step compiles; in all, lazy penalties fall due.
    (_, first), (_, second) = steps(model, data, (2, *BATCHES), lazy=True)[1:]
    each = max(1, (second - first) / (BATCHES[1] - BATCHES[0]))
    return max(0, first - each * BATCHES[0]), each


def step_seconds(model, data, batch_size):
    """Returns how long a step takes, the quickest of three."""
    return min(seconds for seconds, _ in steps(model, data, [batch_size] * 3))


def steps(model, data, counts, lazy=False):
    """Takes a step on as many images as each count; returns its seconds and the peak memory.

    Args:
        model: The compiled model.
        data: Has `batch`.
        counts: Images of each step.
        lazy: Whether lazy penalties fall due in each step. Default: False.
    """
    import tensorflow as tf

    # Of any size, so that there is one compilation.
    specs = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in data.batch(1))
    batches = (data.batch(count * model.batches_per_step) for count in counts)
    iterator = iter(tf.data.Dataset.from_generator(lambda: batches, output_signature=specs))
    model.make_train_function()
    found = []
    for _ in counts:
        for optimizer in model.optimizers.values() if lazy else ():
            optimizer.iterations.assign(0)
        started = time.perf_counter()
        model.train_function(iterator)
        found.append((time.perf_counter() - started, _peak()))
    return found


def free_memory():
    """Returns the bytes of memory that are free on this machine."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            found = dict(line.split(":") for line in lines)
        return int(found["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _peak():
    """Returns the largest number of bytes that this process has had so far."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else 1024 * found


def _in_millions(number):
    return f"{number / 1e6:,.1f}"


def _size(number):
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"
