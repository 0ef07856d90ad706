import keras
import matplotlib
import numpy as np
import pytest
from PIL import Image

from keras_gans.callbacks import HistoryPlot
from keras_gans.errors import InputError

LOGS = {
    "generator_loss": 1.5,
    "discriminator_loss": 0.5,
    "gradient_penalty": 0.1,
    "real_accuracy": 0.8,
    "fake_accuracy": 0.7,
    "generator_learning_rate": 1e-4,
    "val_generator_loss": 1.7,
    "val_real_accuracy": 0.6,
}


def lines(axes):
    """Returns {label: line} of the lines that the legend names."""
    named = {text.get_text() for text in axes.get_legend().get_texts()}
    return {line.get_label(): line for line in axes.lines if line.get_label() in named}


def test_the_panels_show_losses_and_accuracies_with_validation_dashed(tmp_path):
    plot = HistoryPlot(tmp_path / "history.png")
    plot.on_epoch_end(0, LOGS)
    plot.on_epoch_end(1, {name: value / 2 for name, value in LOGS.items()})
    losses, accuracies = (lines(axes) for axes in plot.figure().axes)
    assert set(losses) == {
        "generator loss",
        "generator loss (validation)",
        "discriminator loss",
        "gradient penalty",
    }
    assert set(accuracies) == {"real accuracy", "real accuracy (validation)", "fake accuracy"}
    train, validation = losses["generator loss"], losses["generator loss (validation)"]
    np.testing.assert_array_equal(train.get_xydata(), [[1, 1.5], [2, 0.75]])
    assert (train.get_linestyle(), validation.get_linestyle()) == ("-", "--")
    assert train.get_color() == validation.get_color() != losses["gradient penalty"].get_color()


def test_the_file_is_a_picture_that_changes_from_the_first_epoch_on(tmp_path):
    path = tmp_path / "new" / "history.png"
    plot = HistoryPlot(path)
    pictures = []
    for epoch in range(2):
        plot.on_epoch_end(epoch, LOGS)
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert image.size == (800, 800)
        pictures.append(path.read_bytes())
    assert pictures[0] != pictures[1]
    assert [p.name for p in path.parent.iterdir()] == ["history.png"]


def half_lines(axes):
    return [line for line in axes.lines if list(line.get_ydata()) == [0.5, 0.5]]


@pytest.mark.parametrize("names", [("real_accuracy", "fake_accuracy"), ()])
def test_only_a_discriminators_accuracies_are_called_so(tiny, tmp_path, names):
    plot = HistoryPlot(tmp_path / "history.png")
    model = tiny()
    model.accuracy_logs = names
    plot.set_model(model)
    plot.on_epoch_end(0, {"real_accuracy": 0.8, "fake_accuracy": 0.7})
    (axes,) = plot.figure().axes
    assert axes.get_ylabel() == ("discriminator's accuracy" if names else "accuracy")
    assert len(half_lines(axes)) == (1 if names else 0)
    assert axes.get_ylim() == (-0.03, 1.03)


def test_a_model_without_accuracies_gets_no_empty_panel(tiny, fit, tmp_path):
    plot = HistoryPlot(tmp_path / "history.png")
    fit(tiny(players=["autoencoder"]), [plot], epochs=2)
    (axes,) = plot.figure().axes
    assert set(lines(axes)) == {"autoencoder loss"}
    assert axes.get_xlabel() == "step"
    with Image.open(plot.path) as image:
        assert image.size == (800, 400)


def test_training_draws_its_own_logs(tiny, fit, tmp_path):
    plot = HistoryPlot(tmp_path / "history.png")
    data = np.zeros((2, 1), "float32")
    history = fit(tiny(), [plot], epochs=4, validation_data=(data,), validation_freq=2).history
    drawn = lines(plot.figure().axes[0])
    for name, steps in (("generator loss", [2, 4, 6, 8]), ("generator loss (validation)", [4, 8])):
        log = "val_generator_loss" if "validation" in name else "generator_loss"
        np.testing.assert_array_equal(drawn[name].get_xdata(), steps)
        np.testing.assert_array_equal(drawn[name].get_ydata(), history[log])


def test_scores_have_panels_of_their_own(tiny, fit, tmp_path):
    class Scores(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs |= {"fid": 90.0 - epoch, "recall": 0.1}

    plot = HistoryPlot(tmp_path / "history.png")
    fit(tiny(), [Scores(), plot], epochs=2)
    axes = plot.figure().axes
    losses, fid, recall = (lines(a) for a in axes)
    assert set(losses) == {"generator loss", "discriminator loss"}
    assert (set(fid), set(recall)) == ({"fid"}, {"recall"})
    np.testing.assert_array_equal(fid["fid"].get_ydata(), [90, 89])
    with Image.open(plot.path) as image:
        assert image.size == (800, 1200)


def test_repeated_epochs_are_replaced(tmp_path):
    plot = HistoryPlot(tmp_path / "history.png")
    for epoch, value in ((0, 3.0), (1, 2.0), (2, 9.0), (2, 1.0)):
        plot.on_epoch_end(epoch, {"r1": value})
    (axes,) = plot.figure().axes
    np.testing.assert_array_equal(lines(axes)["r1"].get_xydata(), [[1, 3], [2, 2], [3, 1]])
    assert axes.get_xlabel() == "epoch"


def test_drawn_every_few_epochs_and_at_the_end(tiny, fit, tmp_path):
    drawn = []
    plot = HistoryPlot(tmp_path / "history.png", every=2)
    plot.figure = lambda figure=plot.figure: drawn.append(plot.model.steps_done) or figure()
    fit(tiny(), [plot], epochs=3)
    assert drawn == [4, 6]
    fit(tiny(), [plot], epochs=2)
    assert drawn == [4, 6, 4]
    plot.every = 5
    for _ in range(2):
        fit(tiny(), [plot], epochs=2)
    assert drawn[3:] == [4, 4]
    with pytest.raises(InputError, match="`every` must be an integer of at least 1"):
        HistoryPlot(tmp_path / "history.png", every=0)


def test_excluded_logs_are_left_out(tmp_path):
    plot = HistoryPlot(tmp_path / "history.png", exclude=["fid"])
    plot.on_epoch_end(0, {"fid": 200.0, "val_fid": 210.0, "r1": 1.0})
    assert set(lines(plot.figure().axes[0])) == {"r1"}


@pytest.mark.parametrize("logs", [{}, {"r1": float("nan")}, {"r1": float("inf")}])
def test_logs_with_nothing_to_see_still_make_a_picture(tmp_path, logs):
    plot = HistoryPlot(tmp_path / "history.png")
    plot.on_epoch_end(0, logs)
    assert (tmp_path / "history.png").stat().st_size > 0


def test_the_users_backend_is_left_alone(tmp_path):
    backend = matplotlib.get_backend(auto_select=False)
    HistoryPlot(tmp_path / "history.png").on_epoch_end(0, LOGS)
    assert matplotlib.get_backend(auto_select=False) == backend


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "folder.png").mkdir()
    for name in ("folder.png", "history.jpg"):
        with pytest.raises(InputError, match=r"ends in \.png"):
            HistoryPlot(tmp_path / name)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can be created and written"):
        HistoryPlot(tmp_path / "file" / "history.png")


def test_a_full_disk_is_reported_and_the_epochs_are_kept(tmp_path, full_disk, capsys):
    plot = HistoryPlot(tmp_path / "history.png")
    plot.on_epoch_end(0, LOGS)
    assert f"Warning: {plot.path} could not be written" in capsys.readouterr().out
    full_disk.on = False
    plot.on_epoch_end(1, LOGS)
    np.testing.assert_array_equal(
        lines(plot.figure().axes[0])["generator loss"].get_xdata(), [1, 2]
    )
    assert plot.path.exists()
