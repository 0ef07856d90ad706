"""Pictures of what the generator makes, epoch by epoch."""

import re

import keras
import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from keras_gans.callbacks.writing import warn_if_not_written
from keras_gans.checks import check_whole_numbers
from keras_gans.files import whole_file, writable_folder
from keras_gans.pictures import image_grid, save_image
from keras_gans.training.strategy import is_chief

FRAMES = 100
"""The most frames in the animation."""

FRAME_MS = 120
"""Milliseconds that a frame is shown: about 8 frames a second."""

LAST_FRAME_MS = 2000
"""Milliseconds that the last frame is shown."""


class SampleGrid(keras.callbacks.Callback):
    """Saves a grid of generated images every few epochs, and an animation of them at the end.

    The seed is fixed, so that every picture shows the same samples and one sees how they improve.
    The model lays them out, see its `preview`: for a conditional model each row shows one class.
    For a model of points in the plane the picture is a scatter plot.

    The pictures are named by the epochs completed: "epoch_0000.png" before training, then
    "epoch_0001.png" and so on; the first and the last epoch are always drawn. At the end
    "training.gif" shows them in order: at most 100 frames, evenly spaced, 8 a second, the last one
    held for 2 seconds. If a training is resumed in the same folder, it starts with the earlier
    pictures; pictures of an older training that was not resumed are left out. If a file cannot be
    written, as on a full disk, a warning is printed and training goes on.

    Args:
        directory: Folder for the pictures, a string or path; created if needed.
        count: Number of samples, at least 1. None (default) leaves it to the model: 64 for a GAN,
            or 10 of each class if it is conditional, where other numbers are rounded down to whole
            rows of at least one image of each class.
        seed: Seed of the samples, an integer of at least 0. Default 0.
        every: Epochs from one picture to the next, at least 1. Default 1.
        tensorboard: Folder for TensorBoard's logs, in which the pictures appear as "samples", or
            None (default). TensorBoard itself is not needed to write them.
        gif: Whether to write "training.gif" when training ends. Default True.
        labels: Classes to draw instead of all of them, integers of shape (N,) in
            0..num_classes - 1, one for each image; the grid is then near-square. None (default)
            draws every class.

    Raises:
        InputError: If a folder cannot be written or an argument is out of its range; when training
            begins, if the model cannot draw these `labels` or this number of samples.

    Example:
        >>> samples = SampleGrid("runs/dcgan/samples", every=5)
        >>> model.fit(images, epochs=50, callbacks=[samples])
    """

    def __init__(
        self, directory, count=None, seed=0, every=1, tensorboard=None, gif=True, labels=None
    ):
        super().__init__()
        check_whole_numbers(least=0, seed=seed)
        check_whole_numbers(least=1, every=every)
        if count is not None:
            check_whole_numbers(least=1, count=count)
        self.directory = writable_folder(directory)
        self.tensorboard = None if tensorboard is None else writable_folder(tensorboard)
        self.count = count
        self.seed = seed
        self.every = every
        self.gif = gif
        self.labels = labels

    def on_train_begin(self, logs=None):
        """Opens TensorBoard's log."""
        if self.labels is not None:
            # A training that is resumed would find only after an epoch that they are wrong.
            self._preview()
        self._epoch = None
        self._drawn, self._earlier = [], None
        if self.tensorboard is not None and is_chief(self.model):
            self._writer = tf.summary.create_file_writer(str(self.tensorboard))

    def on_epoch_begin(self, epoch, logs=None):
        """Draws the untrained model and finds the pictures of the training that is resumed."""
        if self._epoch is not None:
            return
        self._epoch = epoch
        if epoch == 0 and not self.model.is_passing:
            self._draw(0)
        else:
            found = (re.fullmatch(r"epoch_(\d+)\.png", p.name) for p in self.directory.iterdir())
            earlier = {int(match[1]) for match in found if match}
            # Without a `Checkpoint` nobody knows which of them are of a training that was given up.
            own = earlier if self._earlier is None else earlier & set(self._earlier)
            self._drawn = sorted(number for number in own if number <= epoch)

    def get_state(self):
        """Returns which pictures are of this training."""
        return {"drawn": self._drawn}

    def set_state(self, state):
        """Goes on from the pictures of this training."""
        self._earlier = state.get("drawn")  # Earlier versions did not keep it.

    def on_epoch_end(self, epoch, logs=None):
        """Draws the samples if it is their turn."""
        self._epoch = epoch + 1
        if self._epoch % self.every == 0 or self._epoch == 1:
            self._draw(self._epoch)

    def on_train_end(self, logs=None):
        """Draws the last epoch if it was not its turn, and writes the animation."""
        if self._epoch is not None and self._epoch not in self._drawn:
            self._draw(self._epoch)
        if self.gif and self._drawn:
            path = self.directory / "training.gif"
            with warn_if_not_written(path):
                self._animate(path)
        if self.tensorboard is not None and is_chief(self.model):
            self._writer.close()

    def _preview(self):
        return self.model.preview(self.count, seed=self.seed, labels=self.labels)

    def _path(self, epoch):
        return self.directory / f"epoch_{epoch:04d}.png"

    def _draw(self, epoch):
        """Writes the picture of an epoch to its file and to TensorBoard."""
        if not is_chief(self.model):
            return
        samples, columns = self._preview()
        points = samples.ndim == 2
        picture = _scatter(samples) if points else image_grid(samples, columns)
        if self.tensorboard is not None:
            with self._writer.as_default():
                _write_summary(picture, epoch)
        with warn_if_not_written(self._path(epoch)):
            save_image(self._path(epoch), picture)
            self._drawn.append(epoch)

    def _animate(self, path):
        """Writes the pictures that were drawn as one animated GIF."""
        turns = np.linspace(0, len(self._drawn) - 1, min(FRAMES, len(self._drawn)))
        frames = []
        for turn in turns.round().astype(int):
            with Image.open(self._path(self._drawn[turn])) as image:
                frames.append(image.copy())
        # The pictures may have changed their size on the way; a GIF has only one.
        frames = [frame for frame in frames if frame.size == frames[-1].size]
        with whole_file(path) as file:
            frames[0].save(
                file,
                format="GIF",
                save_all=True,
                append_images=frames[1:],
                duration=[FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS],
                loop=0,
            )


def _scatter(points):
    """Returns a scatter plot of points (N, 2) as uint8 pixels (H, W, 3)."""
    figure = Figure(figsize=(4, 4), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.scatter(points[:, 0], points[:, 1], s=8)
    axes.set_aspect("equal", adjustable="datalim")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _write_summary(picture, step):
    """Writes an image summary to the default writer.

    This is what tf.summary.image writes; that function needs the package tensorboard.
    """
    metadata = tf.compat.v1.SummaryMetadata(data_class="DATA_CLASS_BLOB_SEQUENCE")
    metadata.plugin_data.plugin_name = "images"
    height, width = picture.shape[:2]
    encoded = tf.io.encode_png(picture)
    value = tf.stack([str(width), str(height), encoded])
    tf.summary.write("samples", value, step=step, metadata=metadata)
