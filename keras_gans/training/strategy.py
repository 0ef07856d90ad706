"""Strategies of `tf.distribute`: by name, and what a worker must know of its place."""

import os

import tensorflow as tf

from keras_gans.errors import InputError

STRATEGIES = ("none", "mirrored", "multi_worker", "tpu")


def make_strategy(name):
    """Makes a strategy by its name.

    Args:
        name: "none"; "mirrored" for all GPUs of this machine (or its logical CPU devices);
            "multi_worker" for the cluster that the environment variable TF_CONFIG describes; "tpu"
            for the TPU that TPU_NAME names, or this machine's.

    Returns:
        A `tf.distribute.Strategy`, or None for "none".

    Raises:
        InputError: If the name is unknown, or there is no such cluster or TPU.
    """
    if name == "none":
        return None
    if name == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in devices])
    if name == "multi_worker":
        if "TF_CONFIG" not in os.environ:
            raise InputError(
                "The strategy multi_worker needs the environment variable TF_CONFIG with the "
                "cluster and this worker's task. Received: none."
            )
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "tpu":
        try:
            resolver = tf.distribute.cluster_resolver.TPUClusterResolver(
                os.environ.get("TPU_NAME", "local")
            )
            tf.config.experimental_connect_to_cluster(resolver)
            tf.tpu.experimental.initialize_tpu_system(resolver)
        except (ValueError, tf.errors.OpError) as error:
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"The strategy tpu needs a TPU, by its name in TPU_NAME. Received: {reason}"
            ) from error
        return tf.distribute.TPUStrategy(resolver)
    raise InputError(f"A strategy is one of {', '.join(STRATEGIES)}. Received: {name!r}.")


def num_workers(model):
    """Returns the number of processes that train a model together."""
    if not _is_multi_worker(model.distribute_strategy):
        return 1
    jobs = model.distribute_strategy.cluster_resolver.cluster_spec().as_dict()
    return sum(len(jobs.get(job, ())) for job in ("chief", "worker"))


def is_chief(model):
    """Returns whether this process is the one that writes files: the first worker, or alone."""
    if not _is_multi_worker(getattr(model, "distribute_strategy", None)):
        return True
    resolver = model.distribute_strategy.cluster_resolver
    first = "chief" if "chief" in resolver.cluster_spec().as_dict() else "worker"
    return (resolver.task_type, resolver.task_id) == (first, 0)


def _is_multi_worker(strategy):
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)


def replica_mean(values):
    """Returns values of one replica, or within `strategy.run` their means over all replicas.

    Args:
        values: Dict of scalar tensors.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return values
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)


def as_logs(values):
    """Returns a step's results, a dict of scalars, in the shape in which Keras can reduce them.

    Under several workers Keras reduces a step's logs along their first axis, which scalars lack.
    """
    if _is_multi_worker(tf.distribute.get_strategy()):
        return {name: tf.reshape(value, (1,)) for name, value in values.items()}
    return values
