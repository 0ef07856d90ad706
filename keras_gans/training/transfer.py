"""Training that begins with the weights of a trained model."""

import math

import keras

from keras_gans.errors import InputError
from keras_gans.training.average import in_precision

OF_ITS_OWN = ("step", "batches_done", "seed_", "augmentation_")
"""How the state begins that a new training does not take over: counters, random streams, and how
strong an augmentation is."""

OF_SCHEDULES = ("images_done", "share")
"""The same of schedules, which begin anew, but for a growth."""


def precision_of(model):
    """Returns the name of the policy that most of a model's layers compute in, but for float32.

    A network's own policy is not in its file, and that of its layers is.
    """
    layers = [layer for network in networks_of(model) for layer in network._flatten_layers()]
    names = [layer.dtype_policy.name for layer in layers if not isinstance(layer, keras.Model)]
    mixed = [name for name in names if name != "float32"]
    return max(mixed, key=mixed.count) if mixed else "float32"


def fine_tuned(start, image_shape, seed=0, **options):
    """Returns a model with the networks and weights of a trained one, to be trained on other data.

    Averages come along, and how far growing networks have grown; optimizers, counters and random
    streams begin anew, and so averages follow the weights closely at first. StyleGAN2-ADA's authors
    turn that off here; of trainings of minutes it would leave half of the old weights in the
    average. What the trained one computes in half precision, the new one computes in Keras' policy
    of now (`keras.config.set_dtype_policy`), which may be another.

    Args:
        start: The trained model.
        image_shape: (height, width, channels) of the new data.
        seed: Int seed of what is drawn while training. Default: 0.
        **options: Arguments of the class that differ, none of which changes a network; of a
            conditional model also `num_classes`, that of the new data.

    Returns:
        The model, not compiled.

    Raises:
        InputError: If the data have another shape or number of classes, an option is not one of
            the model's, or a model of float32 is to go on in half precision.
    """
    if tuple(image_shape) != tuple(start.image_shape):
        raise InputError(
            f"The trained model makes images of shape {tuple(start.image_shape)}, and goes on with "
            f"such images alone. Received: {tuple(image_shape)}."
        )
    precision = keras.config.dtype_policy().name
    if precision != "float32" and precision_of(start) == "float32":
        raise InputError(
            "A model that was trained in float32 goes on in it, as which layers may compute in "
            f"less is known when a network is made. Received: {precision}."
        )
    config = in_precision(start.get_config(), precision)
    unknown = options.keys() - config.keys()
    if unknown:
        known = ", ".join(sorted(config.keys() - {"name", "seed"}))
        raise InputError(
            f"What a trained model goes on with may differ in {known}. "
            f"Received: {', '.join(sorted(unknown))}."
        )
    classes = options.get("num_classes", start.num_classes)
    if start.num_classes and classes != start.num_classes:
        raise InputError(
            f"The trained model has {start.num_classes} classes, and goes on with as many alone. "
            f"Received: {classes}."
        )
    options = keras.saving.serialize_keras_object(options | {"seed": seed})
    model = type(start).from_config(config | options)
    for new, old in zip(networks_of(model), networks_of(start), strict=True):
        new.set_weights(old.get_weights())
    for copy, network in model.averages():
        copy.set_weights(network.get_weights())
    for (new, _), (old, _) in zip(model.averages(), start.averages(), strict=False):
        new.set_weights(old.get_weights())
    if "frozen_layers" in options:
        for layer in model.freezable()[model.frozen_layers : start.frozen_layers]:
            layer.trainable = True
    stores = [{}, {}]
    for each, store in zip((model, start), stores, strict=True):
        each.save_own_variables(store)
    own, taken = stores
    taken = {name: taken[name] for name in taken.keys() & own.keys()}
    new = OF_ITS_OWN if start.growing else OF_ITS_OWN + OF_SCHEDULES
    kept = {name: value for name, value in own.items() if name.startswith(new)}
    model.load_own_variables(own | taken | kept)
    return model


def networks_of(model):
    """Returns the networks of all players, a list."""
    return [network for player in model.players().values() for network in player]


def count_parameters(network):
    """Returns how many numbers of a network learn: no statistics, and no noise that is kept."""
    return sum(math.prod(variable.shape) for variable in network.trainable_variables)
