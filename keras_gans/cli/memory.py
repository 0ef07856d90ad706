"""Whether a training step fits into this machine's memory, known from small steps."""

import contextlib
import math
import os
import pathlib
import resource
import sys

from keras_gans.errors import InputError

MOST_IMAGES = 16
"""The most images of the steps that memory is measured on, and at most a quarter of a batch:
TensorFlow keeps what they took, and training can use but a part of it."""

MARGIN = 0.9
"""The share of the free memory that a run may take."""


def check_fits(model, specs, batch_size):
    """Measures the memory of a step, and leaves the model as it was.

    Args:
        model: The compiled model.
        specs: The `tf.TensorSpec` of a batch, nested as `train_step` takes it.
        batch_size: Images of each batch that a step takes.

    Returns:
        Bytes that a step takes whatever its batch, and those for each image.

    Raises:
        InputError: If a step would not fit; the message says what would.
    """
    from keras_gans.training import snapshot

    before = snapshot.take(model)
    model.grow_up()
    fixed, each = measured(model, specs, batch_size)
    snapshot.restore(model, before)
    # What was measured takes batches of any size: it would serve training too, and refuse none.
    model.make_train_function(force=True)
    check_room(fixed, each, batch_size, parts_of(model))
    return fixed, each


def check_room(fixed, each, batch_size, parts):
    """Raises InputError if a step would not fit; see `check_fits`.

    Args:
        fixed: Bytes that a step takes whatever its batch.
        each: Bytes for each image.
        batch_size: Images of each batch that a step takes.
        parts: See `parts_of`.
    """
    needed, most = fixed + each * batch_size, MARGIN * free()
    if needed > most:
        fitting = int((most - fixed) / each) // parts * parts
        advice = "a smaller size may fit"
        if fitting >= 1:
            count = -(-batch_size // fitting)
            advice = (
                f"`--batch-size {fitting}` fits, and in Python {count} of them for each update by "
                f"`keras.optimizers.Adam(gradient_accumulation_steps={count})`"
            )
        raise InputError(
            f"A batch of {batch_size} must fit into memory, of which {in_words(most)} are left. "
            f"Received: one that needs {in_words(needed)}; {advice}."
        )


def parts_of(model):
    """Returns what a batch's size is a multiple of: some models cut it, for several updates."""
    return math.lcm(*getattr(model, "updates", (1,)))


def measured(model, specs, batch_size):
    """Returns the bytes that a step takes whatever its batch, and those for each image."""
    parts = parts_of(model)
    large = parts * max(2, min(batch_size // 4, MOST_IMAGES) // parts)
    small = parts * (large // parts // 2)
    # The first step of each size compiles.
    first, second = peaks(model, specs, (small, small, large, large))[1::2]
    each = max(1, (second - first) / (large - small))
    return max(0, first - each * small), each


def peaks(model, specs, counts):
    """Takes a step on as many random images as each count; returns the most bytes during each.

    Args:
        model: The compiled model, which learns from them. Lazy penalties fall due in each step.
        specs: See `check_fits`.
        counts: Images of each batch of each step.
    """
    import tensorflow as tf

    # Of any size, so that there is one compilation.
    any_size = tf.nest.map_structure(
        lambda spec: tf.TensorSpec((None, *spec.shape[1:]), spec.dtype), specs
    )
    batches = tf.data.Dataset.from_generator(
        # `fit` would join the batches of a step.
        lambda: (random_batch(specs, model.batches_per_step * count) for count in counts),
        output_signature=any_size,
    )
    iterator = iter(batches)
    model.make_train_function()
    found = []
    for _ in counts:
        for optimizer in model.optimizers.values():
            # `iterations` counts updates, of which accumulated gradients make one from several.
            getattr(optimizer, "inner_optimizer", optimizer)._iterations.assign(0)
        _forget_peak()
        model.train_function(iterator)
        found.append(peak())
    return found


def random_batch(specs, count):
    """Returns so many random images, nested as their specs, see `peaks`."""
    import tensorflow as tf

    def part(spec):
        shape = (count, *spec.shape[1:])
        if spec.dtype.is_floating:
            return tf.random.stateless_uniform(shape, (0, 0), -1, 1, spec.dtype)
        return tf.zeros(shape, spec.dtype)

    return tf.nest.map_structure(part, specs)


def free():
    """Returns the bytes of memory that this process may have: what is free, and what it has."""
    try:
        own = _from_system("/proc/self/status", "VmRSS")
        return min(_from_system("/proc/meminfo", "MemAvailable"), _left_to_container()) + own
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _left_to_container():
    """Returns the bytes that a control group leaves, infinite without a limit."""
    try:
        limit, used, parts = (
            pathlib.Path(f"/sys/fs/cgroup/memory.{name}").read_text("ascii")
            for name in ("max", "current", "stat")
        )
        parts = dict(line.split() for line in parts.splitlines())
        # What only keeps files at hand is given back when it is needed.
        files = int(parts["inactive_file"]) + int(parts["active_file"])
        return max(0, int(limit) - int(used) + files)
    except (OSError, ValueError, KeyError):  # There is none, or it is "max".
        return math.inf


def in_words(number):
    """Returns a number of bytes in words."""
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"


def _forget_peak():
    """Lets the peak begin anew where the system can: what was there before hides small steps."""
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def peak():
    """Returns the largest number of bytes that this process has had, since `_forget_peak`."""
    try:
        return _from_system("/proc/self/status", "VmHWM")
    except (OSError, KeyError, ValueError):
        found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return found if sys.platform == "darwin" else 1024 * found


def _from_system(path, name):
    """Returns the bytes of an entry of a file of the system's."""
    with open(path, encoding="ascii") as lines:
        found = dict(line.split(":", 1) for line in lines)
    return int(found[name].split()[0]) * 1024
