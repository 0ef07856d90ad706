import errno
import io
import pathlib
import shutil

import numpy as np
import pytest

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.networks import mlp
from keras_gans.training import snapshot

ARRAYS = {"a": np.arange(1000.0).reshape(10, 100), "b": np.int64(7), "c": np.zeros(0, "float32")}
META = {"step": 7, "loss": 0.1 + 0.2, "words": ["ä", None]}


def gan(width=8):
    gan = kg.GAN(
        mlp.generator((2,), 3, (width,), None, seed=0), mlp.discriminator((2,), (8,), seed=0)
    )
    gan.compile(run_eagerly=True)
    return gan


def equal(first, second):
    return set(first) == set(second) and all(np.array_equal(first[k], second[k]) for k in first)


def test_what_is_read_is_what_was_written(tmp_path):
    path = snapshot.path_of(tmp_path, 7)
    snapshot.write(path, ARRAYS, META)
    arrays, meta = snapshot.read(path)
    assert equal(arrays, ARRAYS)
    assert meta == META
    assert snapshot.listed(tmp_path) == [path]


def test_a_models_state_is_whole():
    trained, other = gan(), gan()
    data = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    trained.fit(data, batch_size=8, verbose=0)
    snapshot.restore(other, snapshot.take(trained))
    assert other.steps_done == 8
    assert int(other.generator_optimizer.iterations) == 8
    for model in (trained, other):
        model.train_on_batch(data[:8])
    assert equal(snapshot.take(trained), snapshot.take(other)), "the next step is the same"
    with pytest.raises(InputError, match=r"same networks and optimizers\. Received: one that dif"):
        snapshot.restore(gan(width=9), snapshot.take(trained))


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_found_and_the_one_before_it_used(tmp_path, seed):
    random = np.random.default_rng(seed)
    for step in (1, 2):
        snapshot.write(snapshot.path_of(tmp_path, step), ARRAYS, META | {"step": step})
    path = snapshot.path_of(tmp_path, 2)
    content = bytearray(path.read_bytes())
    if seed % 2:
        content = content[: random.integers(len(content))]
    else:
        # In the first array's numbers: a few of the file's own bytes say nothing.
        content[random.integers(1000, 7000)] ^= 1 << random.integers(8)
    path.write_bytes(content)
    with pytest.raises(snapshot.DamagedCheckpointError, match=r"step-000000002\.npz is damaged"):
        snapshot.read(path)
    (arrays, meta), damaged = snapshot.newest(tmp_path)
    assert meta["step"] == 1
    assert equal(arrays, ARRAYS)
    assert len(damaged) == 1


def test_none_that_is_whole(tmp_path):
    assert snapshot.newest(tmp_path) == (None, [])
    snapshot.path_of(tmp_path, 1).write_bytes(b"")
    found, damaged = snapshot.newest(tmp_path)
    assert found is None
    assert len(damaged) == 1


class FailingFile(io.FileIO):
    """A file whose write call number `fail_at`, over all files, fails as on a full disk."""

    calls, fail_at = 0, None

    def write(self, data):
        type(self).calls += 1
        if self.calls == self.fail_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.fixture
def failing(monkeypatch):
    """Makes every file that is opened for writing bytes a `FailingFile`, without a buffer."""
    opened = pathlib.Path.open

    def open_failing(self, mode="r", *arguments, **options):
        if mode == "wb":
            return FailingFile(self, "wb")
        return opened(self, mode, *arguments, **options)

    monkeypatch.setattr(pathlib.Path, "open", open_failing)
    monkeypatch.setattr(FailingFile, "calls", 0)
    monkeypatch.setattr(FailingFile, "fail_at", None)
    return FailingFile


def test_every_write_that_fails_leaves_the_one_before(tmp_path, failing):
    snapshot.write(snapshot.path_of(tmp_path, 1), ARRAYS, META)
    total = failing.calls
    assert total > 10
    before = sorted(tmp_path.iterdir())
    for call in range(1, total + 1):
        failing.calls, failing.fail_at = 0, call
        with pytest.raises(OSError, match="No space left on device"):
            snapshot.write(snapshot.path_of(tmp_path, 2), ARRAYS, META)
        assert failing.calls >= call
        assert sorted(tmp_path.iterdir()) == before
        (arrays, _), damaged = snapshot.newest(tmp_path)
        assert equal(arrays, ARRAYS)
        assert damaged == []


def test_a_full_disk_is_noticed_before_it_is_written_to(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match="the disk has 1,000 bytes free, and 8,008 are needed"):
        snapshot.write(snapshot.path_of(tmp_path, 1), ARRAYS, META)
    assert list(tmp_path.iterdir()) == []


def test_differences_name_the_keys():
    before = {"model": {"loss": {"name": "x", "class": "hinge"}, "steps": 1}, "data": None}
    now = {"model": {"loss": {"name": "y", "class": "minimax"}, "steps": 1}, "data": {"seed": 3}}
    assert snapshot.differences(before, before) == []
    assert snapshot.differences(before, now) == [
        "data.seed: None, now 3",
        "model.loss.class: 'hinge', now 'minimax'",
    ]


def test_models_of_one_process_have_one_configuration():
    configs = []
    for _ in range(2):
        model = kg.SNGAN(image_shape=(16, 16, 1), filters=4)
        model.compile()
        configs.append({"model": model.get_config(), "optimizers": model.get_compile_config()})
    assert snapshot.differences(*configs) == []
