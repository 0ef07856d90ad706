"""Exponential moving average of a network's weights."""

import keras
from keras import ops

from keras_gans.layers.batch_normalization import batch_normalizations


def clone(network):
    """Returns a copy of a built Keras model with the same weights, which computes in float32.

    Half precision is for training: what is made and exported should not be rounded to it, and runs
    where half precision is slow or unknown.
    """
    policy = keras.config.dtype_policy()
    # What has no policy in its config takes the global one, such as a model or a layer in a layer.
    keras.config.set_dtype_policy("float32")
    try:
        copy = type(network).from_config(in_precision(network.get_config(), "float32"))
        if not copy.built:
            copy.build(network.input_shape)
    finally:
        keras.config.set_dtype_policy(policy)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def decay_at(step, decay):
    """Returns the decay of update number `step` (from 0): min(decay, (1 + step) / (10 + step)).

    The warm-up lets the average follow the network closely at first, so that it is not held back
    by the initial weights.
    """
    step = ops.cast(step, "float32")
    return ops.minimum(decay, (1.0 + step) / (10.0 + step))


def update(average, network, decay):
    """Moves a network's copy towards it: a <- decay a + (1 - decay) w for what is trained.

    Batch normalisation's moving statistics are averaged like the weights that they belong to, since
    they describe the activations of those weights. Everything else is copied: counters, frozen
    weights, the vectors of spectral normalisation.

    Args:
        average: The copy made by `clone`.
        network: The network that is trained.
        decay: Share of the old average that is kept, scalar in 0..1.
    """
    averaged = {id(variable) for variable in network.trainable_variables}
    for layer in batch_normalizations(network):
        averaged |= {id(layer.moving_mean), id(layer.moving_variance)}
    for old, new in zip(average.weights, network.weights, strict=True):
        if id(new) in averaged:
            old.assign(old + (1.0 - decay) * (new - old))
        else:
            old.assign(new)


def in_precision(config, name):
    """Returns a config whose layers of half precision have the policy of this name instead."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy" and "mixed_" in config["config"]["name"]:
            return {**config, "config": {"name": name}}
        return {key: in_precision(value, name) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(in_precision(value, name) for value in config)
    return config
