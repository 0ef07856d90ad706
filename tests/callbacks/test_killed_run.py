"""`kill -9` at random moments, damaged files, and a worker that is lost: `make test-large`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from keras_gans.training.snapshot import listed

pytestmark = pytest.mark.large
KILLS = 20
FIRST_STEPS = 30
FEW_KILLS = 4
IN_FADES = (22, 30, 66, 106)
"""Steps of a growth, of which each second twenty fade in."""


def start(folder, *method, **environment):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.callbacks.killed_run", str(folder), *method]
    with (folder / "log.txt").open("a") as log:
        return subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)


def wait_for_training(folder, processes, newest):
    """Returns when a checkpoint later than `newest` was written, or all is over."""
    for _ in range(6000):
        if any(process.poll() is not None for process in processes) or latest(folder) > newest:
            return
        time.sleep(0.02)
    raise AssertionError("no checkpoint in two minutes: " + (folder / "log.txt").read_text())


def latest(folder):
    checkpoints = folder / "checkpoints"
    paths = listed(checkpoints) if checkpoints.is_dir() else []
    return int(paths[-1].stem[5:]) if paths else -1


def assert_same(folder, other):
    with np.load(folder / "end.npz") as first, np.load(other / "end.npz") as second:
        assert first.files == second.files
        for name in first.files:
            np.testing.assert_array_equal(first[name], second[name])
    assert (folder / "history.csv").read_bytes() == (other / "history.csv").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert start(folder).wait() == 0
    return folder


@pytest.mark.parametrize("damage", [False, True])
def test_killed_at_random_moments(whole, tmp_path, damage):
    random = np.random.default_rng(int(damage))
    folder, kills, steps = tmp_path / "run", 0, []
    while not (folder / "end.npz").exists():
        process = start(folder)
        if kills < KILLS:
            # Once or twice before anything was saved, and anywhere between two checkpoints.
            if kills > 1:
                wait_for_training(folder, [process], latest(folder))
                time.sleep(random.uniform(0, 0.12))
            else:
                end = time.monotonic() + random.uniform(0, 6)
                # On a quick machine too little would be left to kill.
                while time.monotonic() < end and latest(folder) < FIRST_STEPS:
                    time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        killed = process.wait() == -signal.SIGKILL
        kills += killed
        steps.append(latest(folder))
        if damage and killed and steps[-1] > 3:
            newest = listed(folder / "checkpoints")[-1]
            os.truncate(newest, random.integers(newest.stat().st_size))
    print(f"killed {kills} times, at checkpoints {steps}")
    assert kills == KILLS
    assert_same(folder, whole)


@pytest.mark.parametrize("method", ["cycle_gan", "pix2pix", "gaugan", "progressive_gan"])
def test_killed_with_pools_with_crops_and_in_a_growth(method, tmp_path):
    whole, folder = tmp_path / "whole", tmp_path / "run"
    assert start(whole, method).wait() == 0
    random, steps = np.random.default_rng(0), []
    grows = method == "progressive_gan"
    while len(steps) < FEW_KILLS:
        process = start(folder, method)
        newest = IN_FADES[len(steps)] if grows else latest(folder)
        wait_for_training(folder, [process], newest)
        time.sleep(random.uniform(0, 0.1 if grows else 0.3))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        steps.append(latest(folder))
        assert not grows or steps[-1] // 20 % 2 == 1, "killed while a size fades in"
    print(f"{method}: killed at checkpoints {steps}")
    assert start(folder, method).wait() == 0
    assert_same(folder, whole)


def test_a_worker_is_killed_and_the_job_restarted(tmp_path):
    def start_job(folder):
        with socket.socket() as first, socket.socket() as second:
            for one in (first, second):
                one.bind(("127.0.0.1", 0))
            addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in (first, second)]
        tasks = [
            {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            for index in range(2)
        ]
        return [start(folder, TF_CONFIG=json.dumps(task)) for task in tasks]

    for worker in start_job(tmp_path / "whole"):
        assert worker.wait() == 0
    folder = tmp_path / "run"
    for victim in (1, 0):
        workers = start_job(folder)
        wait_for_training(folder, workers, latest(folder) + 6)
        workers[victim].send_signal(signal.SIGKILL)
        time.sleep(0.5)
        for worker in workers:  # What a cluster does with the rest of a job that failed.
            worker.kill()
            worker.wait()
        assert not (folder / "end.npz").exists()
    for worker in start_job(folder):
        assert worker.wait() == 0
    assert_same(folder, tmp_path / "whole")


def test_sigterm_ends_within_ten_seconds(tmp_path):
    folder = tmp_path / "run"
    process = start(folder)
    wait_for_training(folder, [process], 3)
    sent = time.monotonic()
    process.terminate()
    code = process.wait()
    seconds = time.monotonic() - sent
    print(f"SIGTERM: ended after {seconds:.2f} s")
    assert code == 143
    assert seconds < 10
    assert start(folder).wait() == 0
    assert "Going on from step" in (folder / "log.txt").read_text()
