import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import keras_gans as kg
from keras_gans.errors import InputError
from keras_gans.training.strategy import make_strategy
from tests.contract import two_replicas
from tests.training import same_steps


@pytest.mark.parametrize("kind", same_steps.KINDS)
def test_two_replicas_do_what_one_device_does(kind):
    weights, history = same_steps.train(kind)
    replicated, replicated_history = same_steps.train(kind, two_replicas())
    for one, two in zip(weights, replicated, strict=True):
        np.testing.assert_allclose(two, one, atol=1e-5)
    for name in compared(kind, history):
        np.testing.assert_allclose(replicated_history[name], history[name], atol=1e-5, err_msg=name)


def compared(kind, history):
    # Critics and paired logits are right or wrong relative to the replica's own part of the batch.
    relative = kind in ("penalty", "clipping", "relativistic")
    return [name for name in history if not (relative and name.endswith("accuracy"))]


@pytest.mark.large
def test_two_workers_do_what_one_device_does(tmp_path):
    found = run_workers([sys.executable, "-m", "tests.training.same_steps"], tmp_path)
    for kind in same_steps.KINDS:
        weights, history = same_steps.train(kind)
        for worker in found:
            for index, weight in enumerate(weights):
                np.testing.assert_allclose(worker[f"{kind} {index}"], weight, atol=1e-5)
            for name in compared(kind, history):
                np.testing.assert_allclose(
                    worker[f"{kind} {name}"], history[name][-1], atol=1e-5, err_msg=name
                )


def cluster(index, addresses):
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    return os.environ | {"TF_CONFIG": json.dumps(task)}


def run_workers(command, folder):
    """Runs a command as two workers, each with a file to write to; returns the files' arrays."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in (first, second)]
    files = [folder / f"worker{index}.npz" for index in range(2)]
    workers = [
        subprocess.Popen(
            [*command, str(file)], env=cluster(index, addresses), stderr=subprocess.PIPE, text=True
        )
        for index, file in enumerate(files)
    ]
    for worker in workers:
        _, errors = worker.communicate(timeout=600)
        assert worker.returncode == 0, errors
    return [np.load(file) for file in files]


def test_unknown_strategies_and_missing_clusters(monkeypatch):
    assert make_strategy("none") is None
    with pytest.raises(InputError, match=r"one of none, mirrored, multi_worker, tpu\. Received"):
        make_strategy("parallel")
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(InputError, match="needs the environment variable TF_CONFIG"):
        make_strategy("multi_worker")
    monkeypatch.delenv("TPU_NAME", raising=False)
    with pytest.raises(InputError, match="strategy tpu needs a TPU"):
        make_strategy("tpu")


def test_replicas_means_are_those_of_the_whole_batch():
    strategy = two_replicas()
    with strategy.scope():
        gan = kg.GAN(image_shape=(4, 4, 1), latent_dim=2)
        gan.compile()
    step = tf.function(
        lambda: strategy.run(
            lambda: gan.track(
                generator_loss=tf.cast(
                    tf.distribute.get_replica_context().replica_id_in_sync_group, "float32"
                )
            )
        )
    )
    step()
    assert float(gan.trackers["generator_loss"].result()) == 0.5
