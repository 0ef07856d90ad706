import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gans.callbacks import SampleGrid
from keras_gans.errors import InputError
from keras_gans.pictures import image_grid


def read(path):
    with Image.open(path) as image:
        pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def gif_durations(path):
    with Image.open(path) as image:
        durations = []
        for frame in range(image.n_frames):
            image.seek(frame)
            durations.append(image.info["duration"])
    return durations


def test_the_pictures_are_what_the_model_generates(tiny, fit, tmp_path):
    model = tiny(channels=3)
    before = image_grid(model.generate(64, seed=3))
    fit(model, [SampleGrid(tmp_path / "samples", seed=3)], epochs=2)
    after = image_grid(model.generate(64, seed=3))
    expected = ["epoch_0000.png", "epoch_0001.png", "epoch_0002.png", "training.gif"]
    assert names(tmp_path / "samples") == expected
    np.testing.assert_array_equal(read(tmp_path / "samples" / "epoch_0000.png"), before)
    np.testing.assert_array_equal(read(tmp_path / "samples" / "epoch_0002.png"), after)
    assert (before != after).any()


def test_the_model_says_how_many_columns_there_are(tiny, fit, tmp_path):
    model = tiny()
    model.columns = 10
    fit(model, [SampleGrid(tmp_path, count=30)])
    expected = image_grid(model.generate(30, seed=0), columns=10)
    np.testing.assert_array_equal(read(tmp_path / "epoch_0001.png"), expected)


def test_given_labels_are_drawn(tiny, fit, tmp_path):
    model = tiny(num_classes=3)
    fit(model, [SampleGrid(tmp_path, labels=[2, 0, 2])])
    expected = image_grid(model.generate(3, seed=0, labels=[2, 0, 2]))
    np.testing.assert_array_equal(read(tmp_path / "epoch_0001.png"), expected)


def test_points_become_a_scatter_plot(tiny, fit, tmp_path):
    fit(tiny(points=True), [SampleGrid(tmp_path, count=200)])
    before, after = (read(tmp_path / f"epoch_000{epoch}.png") for epoch in (0, 1))
    assert before.shape == after.shape == (400, 400, 3)
    assert len(np.unique(before.reshape(-1, 3), axis=0)) > 2
    assert (before != after).any()


def test_every_few_epochs_the_first_and_the_last_one(tiny, fit, tmp_path):
    fit(tiny(), [SampleGrid(tmp_path, count=4, every=3, gif=False)], epochs=5)
    assert names(tmp_path) == [f"epoch_000{epoch}.png" for epoch in (0, 1, 3, 5)]


def test_the_animation_shows_every_picture_and_holds_the_last(tiny, fit, tmp_path):
    fit(tiny(), [SampleGrid(tmp_path, count=9)], epochs=4)
    assert gif_durations(tmp_path / "training.gif") == [120, 120, 120, 120, 2000]
    with Image.open(tmp_path / "training.gif") as image:
        first = np.asarray(image.convert("L"), int)
    np.testing.assert_allclose(first, read(tmp_path / "epoch_0000.png")[..., 0], atol=2)


def test_a_long_training_gets_evenly_spaced_frames(tiny, fit, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gans.callbacks.sample_grid.FRAMES", 4)
    fit(tiny(), [SampleGrid(tmp_path, count=4)], epochs=9)
    assert gif_durations(tmp_path / "training.gif") == [120, 120, 120, 2000]
    with Image.open(tmp_path / "training.gif") as image:
        for frame, epoch in enumerate((0, 3, 6, 9)):
            image.seek(frame)
            pixels = np.asarray(image.convert("L"), int)
            picture = read(tmp_path / f"epoch_000{epoch}.png")[..., 0]
            np.testing.assert_allclose(pixels, picture, atol=2)


def test_a_resumed_training_continues_the_animation(tiny, fit, tmp_path):
    model = tiny()
    fit(model, [SampleGrid(tmp_path, count=4)], epochs=4)
    untrained = (tmp_path / "epoch_0000.png").read_bytes()
    # Resumed from epoch 2: the pictures of 3 and 4 are drawn again.
    fit(model, [SampleGrid(tmp_path, count=4)], epochs=5, initial_epoch=2)
    assert (tmp_path / "epoch_0000.png").read_bytes() == untrained
    assert len(gif_durations(tmp_path / "training.gif")) == 6


def test_a_new_training_leaves_old_pictures_out_of_its_animation(tiny, fit, tmp_path):
    fit(tiny(), [SampleGrid(tmp_path, count=4)], epochs=4)
    fit(tiny(), [SampleGrid(tmp_path, count=4)], epochs=1)
    assert len(gif_durations(tmp_path / "training.gif")) == 2


def test_pictures_of_a_training_that_was_given_up_are_left_out(tiny, fit, tmp_path):
    fit(tiny(), [SampleGrid(tmp_path, count=4)], epochs=5)
    model, grid = tiny(), SampleGrid(tmp_path, count=4, every=3)
    fit(model, [grid], epochs=4)
    state = grid.get_state()
    assert state == {"drawn": [0, 1, 3, 4]}

    class GivesBack(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            later.set_state(state)

    later = SampleGrid(tmp_path, count=4, every=3)
    fit(model, [later, GivesBack()], epochs=7, initial_epoch=4)
    assert later.get_state() == {"drawn": [0, 1, 3, 4, 6, 7]}
    assert len(gif_durations(tmp_path / "training.gif")) == 6


def test_tensorboard_gets_the_same_pictures(tiny, fit, tmp_path):
    fit(tiny(channels=3), [SampleGrid(tmp_path / "p", count=4, tensorboard=tmp_path / "tb")])
    (log,) = (tmp_path / "tb").iterdir()
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(log))]
    events = [tf.compat.v1.Event.FromString(record) for record in records]
    images = [(e.step, value) for e in events for value in e.summary.value]
    assert [(step, value.tag) for step, value in images] == [(0, "samples"), (1, "samples")]
    for step, value in images:
        assert value.metadata.plugin_data.plugin_name == "images"
        width, height, encoded = tf.make_ndarray(value.tensor)
        picture = read(tmp_path / "p" / f"epoch_000{step}.png")
        assert (int(height), int(width)) == picture.shape[:2]
        np.testing.assert_array_equal(tf.io.decode_png(encoded), picture)


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=r"can be created and written. Received: .*file"):
            SampleGrid(path)
        with pytest.raises(InputError, match="can be created and written"):
            SampleGrid(tmp_path, tensorboard=path)


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"count": 0}, "`count` must be an integer of at least 1"),
        ({"every": 0}, "`every` must be an integer of at least 1"),
        ({"seed": -1}, "`seed` must be an integer of at least 0"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, bad, rule):
    with pytest.raises(InputError, match=rule):
        SampleGrid(tmp_path, **bad)


@pytest.mark.parametrize("initial_epoch", [0, 1])
def test_labels_that_the_model_refuses_are_refused_before_training(
    tiny, fit, tmp_path, initial_epoch
):
    model = tiny()
    with pytest.raises(InputError, match=r"Only conditional models.*Received: \[0\]"):
        fit(model, [SampleGrid(tmp_path, labels=[0])], epochs=2, initial_epoch=initial_epoch)
    assert int(model.step) == 0


def test_a_preview_that_grows_leaves_the_last_size_in_the_animation(tiny, fit, tmp_path):
    class Growing(tiny):
        def preview(self, count=None, seed=0, labels=None):
            return self.generate(4 + 2 * int(self.step), seed), 2

    fit(Growing(), [SampleGrid(tmp_path)], epochs=3)
    assert read(tmp_path / "epoch_0001.png").shape != read(tmp_path / "epoch_0003.png").shape
    with Image.open(tmp_path / "training.gif") as image:
        assert image.n_frames == 1
        assert image.size == read(tmp_path / "epoch_0003.png").shape[1::-1]


def test_a_full_disk_is_reported_and_leaves_pictures_out(tiny, fit, tmp_path, full_disk, capsys):
    class Freed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            full_disk.on = epoch < 2

    fit(tiny(), [Freed(), SampleGrid(tmp_path)], epochs=4)
    shown = capsys.readouterr().out
    for number in range(3):
        picture = tmp_path / f"epoch_000{number}.png"
        assert f"Warning: {picture} could not be written (No space left on device);" in shown
    assert names(tmp_path) == ["epoch_0003.png", "epoch_0004.png", "training.gif"]
    assert len(gif_durations(tmp_path / "training.gif")) == 2


def test_an_animation_that_cannot_be_written_is_reported(tiny, fit, tmp_path, full_disk, capsys):
    class Filled(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            full_disk.on = False

        def on_train_end(self, logs=None):
            full_disk.on = True

    fit(tiny(), [Filled(), SampleGrid(tmp_path)])
    assert f"Warning: {tmp_path / 'training.gif'} could not be written" in capsys.readouterr().out
    assert names(tmp_path) == ["epoch_0000.png", "epoch_0001.png"]
