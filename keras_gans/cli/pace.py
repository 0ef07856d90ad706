"""How fast a run goes and what its budget allows, known before it begins."""

import math
import time

import keras
import tensorflow as tf

from keras_gans import methods
from keras_gans.training import snapshot

TIMED_STEPS = 16
"""The most steps that are timed; a lazy penalty falls due once in as many."""

TIMED_SECONDS = 4
"""Enough seconds of timing, once each lazy penalty fell due."""

MOST_SECONDS = 30
"""More are not spent on it."""

LOOK_SECONDS = 12
"""Seconds from one look at a run to the next: five times a minute."""

PICTURES = 50
"""Pictures of a long run; one at every look would fill the disk."""

FEW_STEPS = 500
"""Fewer steps are too few to expect anything recognisable."""

FEW_IMAGES = 2000
"""Fewer images are too few too, unless they are all that there are."""

WORTHWHILE = 1.4
"""From which gain on a lower precision is taken."""


class _Stopwatch(keras.callbacks.Callback):
    """Times the steps after the first, which compiles, and ends training when it knows enough."""

    def __init__(self, most, least):
        super().__init__()
        self.most, self.least, self.seconds = most, least, math.inf

    def on_train_batch_end(self, batch, logs=None):
        """Notes the time."""
        now = time.monotonic()
        if batch == 0:
            self._started = now
            return
        gone = now - self._started
        self.seconds = gone / batch
        enough = gone > TIMED_SECONDS and batch % self.least == 0  # As often as they fall due.
        if batch >= self.most or enough or gone > MOST_SECONDS:
            self.model.stop_training = True


def seconds_per_step(model, data, most):
    """Returns how long a step takes: a few are taken, then the model is set back.

    What grows is timed at its full size, where a long run spends most of its time.

    Args:
        model: The compiled model.
        data: What `fit` takes.
        most: The most steps to time, at least 1.
    """
    intervals = [penalty.every for penalty in getattr(model, "penalties", ())]
    least = max([*intervals, getattr(model, "path_every", 1)])
    before, watch = snapshot.take(model), _Stopwatch(min(most, TIMED_STEPS), least)
    model.grow_up()
    model.fit(data, steps_per_epoch=watch.most + 1, verbose=0, callbacks=[watch])
    snapshot.restore(model, before)
    return watch.seconds


def steps_between_looks(seconds):
    """Returns after how many steps of so many seconds a run is looked at: its losses, its health.

    Every 12 seconds: a multiple of 20, so that a schedule that moves every 20 steps does not depend
    on it.
    """
    return max(20, 20 * int(LOOK_SECONDS / seconds / 20))


def looks_between_pictures(looks):
    """Returns after how many of all its looks a run's samples and curves are drawn."""
    return max(1, math.ceil(looks / PICTURES))


def steps_allowed(budget, seconds):
    """Returns how many steps of so many seconds a `Budget` allows."""
    by_time = 60 * budget.minutes / seconds if budget.minutes else math.inf
    return max(1, math.floor(min(by_time, budget.steps or math.inf)))


def outlook(data, batches_per_step, seconds, steps, begun=False, limit=None):
    """Returns what a run will come to, and a warning if that is too little, in words.

    Args:
        data: What `keras_gans.data.load` returned.
        batches_per_step: Of the model.
        seconds: Of a step.
        steps: What the budget allows.
        begun: Whether some of it is spent. Default: False.
        limit: The steps that the budget allows at any speed. Default: None, as many as one likes.
    """
    images = data.batch_size * batches_per_step
    passes = steps * images / data.num_images
    line = (
        f"{images / seconds:,.0f} images a second: {'in all ' if begun else ''}"
        f"{_duration(steps * seconds)} for {steps:,} steps, "
        f"{passes:,.{0 if passes >= 10 else 1}f} passes over the data."
    )
    enough = min(FEW_IMAGES, data.num_images)
    if len(data.image_shape) == 1 or (steps >= FEW_STEPS and steps * images >= enough):
        return line
    height, width = (side // 2 for side in data.image_shape[:2])
    half = f"{height}" if height == width else f"{width}x{height}"
    could_be_smaller = min(height, width) >= 16 and steps != limit
    smaller = f"fewer pixels (`--image-size {half}`) or " if could_be_smaller else ""
    wanted = max(1000, math.ceil(enough / images))
    return (
        f"{line} That is too little to expect anything recognisable, which takes about a thousand "
        f"steps, and {FEW_IMAGES:,} images or one pass over the data: {smaller}more steps "
        f"({_duration(wanted * seconds)}) would help."
    )


def quickest_precision(side):
    """Returns the precision that images of a side in pixels are quickest in, and why or None."""
    gain = bfloat16_gain() if side >= methods.LARGE else 1.0
    if gain < WORTHWHILE:
        return "float32", None
    return "mixed_bfloat16", f"in which convolutions are {gain:.1f} times as fast here"


def no_slower_precision(precision):
    """Returns a trained model's precision, or float32 and why where its own is emulated."""
    gain = 1 / bfloat16_gain() if precision == "mixed_bfloat16" else 1.0
    if gain < WORTHWHILE:
        return precision, None
    return "float32", f"in which convolutions are {gain:.1f} times as fast here"


def bfloat16_gain(rounds=3):
    """Returns how many times as fast convolutions are in bfloat16 as in float32 on this machine.

    Timed is one and its gradients, as it is trained. Some processors compute twice as fast in it,
    others emulate it, which may cost the gradients alone ten times as much.

    Args:
        rounds: How often both are timed, in turn; the quickest of each counts.
    """
    quickest = dict.fromkeys(("float32", "bfloat16"), math.inf)
    for _ in range(rounds):
        for dtype in quickest:
            inputs = [tf.ones(shape, dtype) for shape in ((8, 32, 32, 64), (3, 3, 64, 64))]
            start = time.perf_counter()
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                features = keras.ops.conv(*inputs, padding="same")
            for gradient in tape.gradient(features, inputs):
                # The number is waited for; all would take longer to fetch than to make.
                float(gradient[0, 0, 0, 0])
            quickest[dtype] = min(quickest[dtype], time.perf_counter() - start)
    return quickest["float32"] / quickest["bfloat16"]


def _duration(seconds):
    if seconds < 100:
        return f"{max(2, seconds):.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
