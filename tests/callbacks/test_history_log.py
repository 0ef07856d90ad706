import csv

import keras
import numpy as np

from keras_gans.callbacks import HistoryLog


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_row_for_each_epoch_and_a_column_for_each_log(tiny, fit, tmp_path):
    path = tmp_path / "new" / "history.csv"
    history = fit(tiny(), [HistoryLog(path)], epochs=3).history
    found = rows(path)
    assert [row["epoch"] for row in found] == ["1", "2", "3"]
    assert [row["step"] for row in found] == ["2", "4", "6"]
    assert [float(row["generator_loss"]) for row in found] == history["generator_loss"]
    assert [p.name for p in path.parent.iterdir()] == ["history.csv"]


def test_a_model_that_counts_no_steps_has_no_such_column(tmp_path):
    log, model = HistoryLog(tmp_path / "history.csv"), keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 1)), np.zeros((2, 1)), callbacks=[log], verbose=0)
    assert list(rows(log.path)[0]) == ["epoch", "loss"]


def test_logs_that_come_later_leave_earlier_cells_empty(tmp_path):
    log = HistoryLog(tmp_path / "history.csv")
    log.on_epoch_end(0, {"r1": 1.0})
    log.on_epoch_end(1, {"r1": 0.5, "fid": 9.0})
    assert [row["fid"] for row in rows(log.path)] == ["", "9.0"]


def test_goes_on_from_its_state(tmp_path):
    first, second = HistoryLog(tmp_path / "a.csv"), HistoryLog(tmp_path / "b.csv")
    for epoch in range(3):
        first.on_epoch_end(epoch, {"r1": 0.1 * epoch})
        if epoch == 1:
            second.set_state(first.get_state())
    second.on_epoch_end(2, {"r1": 0.2})
    assert first.path.read_text() == second.path.read_text()


def test_a_full_disk_is_reported_and_the_rows_are_kept(tmp_path, full_disk, capsys):
    log = HistoryLog(tmp_path / "history.csv")
    log.on_epoch_end(0, {"r1": 1.0})
    shown = capsys.readouterr().out
    assert f"Warning: {log.path} could not be written (No space left on device);" in shown
    assert list(tmp_path.iterdir()) == []
    full_disk.on = False
    log.on_epoch_end(1, {"r1": 0.5})
    assert [row["epoch"] for row in rows(log.path)] == ["1", "2"]
