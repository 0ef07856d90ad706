"""The contracts: `run_model_test` for every model, and `run_gan_test`, which has it, for GANs."""

import functools
import json

import keras
import numpy as np
import tensorflow as tf

import keras_gans as kg
from keras_gans.models.loading import load_model
from keras_gans.training import snapshot
from keras_gans.training.translation_model import TranslationModel

IMAGE_SHAPE = (16, 16, 1)


def samples(model, count, seed=0):
    """Returns images, (images, labels) or (images, images), as a model trains on them."""
    random = np.random.default_rng(seed)
    if isinstance(model, TranslationModel):
        shapes = [(count, *shape) for shape in model.shapes.values()]
        a, b = (random.uniform(-1, 1, shape).astype("float32") for shape in shapes)
        labels = getattr(model, "num_labels", None)
        return a if labels is None else np.floor((a + 1) / 2 * labels) / 127.5 - 1, b
    images = random.uniform(-1, 1, (count, *model.image_shape)).astype("float32")
    if model.num_classes:
        return images, (np.arange(count) % model.num_classes).astype("int32")
    return (images,)


def train_once(model, seed=0, size=4):
    """Takes one training step."""
    model.train_on_batch(*samples(model, size * model.batches_per_step, seed))


def state(model):
    """Returns copies of all variables of a model or optimizer, with its seeds."""
    return [variable.numpy() for variable in model.variables]


def equal(first, second):
    """Tells whether two states are equal bit for bit."""
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def weights_and_seeds(model):
    """Returns copies of all variables but the means that are shown."""
    shown = {id(variable) for variable in model.metrics_variables}
    return [variable.numpy() for variable in model.variables if id(variable) not in shown]


def run_model_test(make, tmp_path):
    """Checks what holds for every model.

    Args:
        make: Function without arguments that returns the model, always the same, uncompiled.
        tmp_path: A folder to write to.

    Returns:
        A trained model, for more checks.
    """
    check_players(make)
    check_precisions(make)
    check_replicas(make)
    trained = check_seed_and_resume(make, tmp_path)
    check_evaluate(trained)
    check_save_and_load(trained, tmp_path)
    check_export(trained, tmp_path)
    check_frozen_updates(trained)
    return trained


def check_players(make):
    """Each optimizer moves its player's variables, all others stay bit for bit."""
    model = make()
    still = {f"{name}_optimizer": keras.optimizers.SGD(0.0) for name in model.players()}
    model.compile(run_eagerly=True, **still)
    train_once(model)  # What an optimizer does even at rate 0, such as clipping, is done.
    for player, optimizer in model.optimizers.items():
        before = {name: copies(model.trainable(name)) for name in model.players()}
        optimizer.learning_rate = 1.0
        train_once(model)
        optimizer.learning_rate = 0.0
        for name, old in before.items():
            moved = not equal(copies(model.trainable(name)), old)
            assert moved == (name == player), f"{player}'s optimizer, {name}'s variables: {moved}"


def copies(variables):
    return [variable.numpy() for variable in variables]


def check_seed_and_resume(make, tmp_path):
    """Equal seeds give equal runs, also if one is stopped in the middle of an epoch and resumed.

    Returns:
        The model that was not stopped.
    """
    ends = []
    for stops in ((1, 3), (3,)):
        run = tmp_path / f"run{len(stops)}"
        for steps in stops:
            model = make()
            rates = {f"{n}_optimizer": 1e-3 * k for k, n in enumerate(model.players(), start=1)}
            model.compile(run_eagerly=True, **rates)
            arrays = samples(model, 8 * model.batches_per_step)
            saving = kg.callbacks.Checkpoint(run / "checkpoints", 1, resume=True)
            budget = kg.callbacks.Budget(steps=steps)
            model.fit(*arrays, batch_size=4, epochs=9, verbose=0, callbacks=[budget, saving])
            assert model.steps_done == steps
        ends.append((weights_and_seeds(model), model.preview(12, seed=2)))
    assert equal(ends[0][0], ends[1][0])
    (images, columns), (again, _) = ends[0][1], ends[1][1]
    assert np.array_equal(images, again)
    assert images.dtype == "uint8"
    assert images.shape[1:] == model.image_shape
    assert columns is None or len(images) % columns == 0
    loaded = load_model(run)
    assert type(loaded) is type(model)
    assert equal(weights_and_seeds(loaded), ends[0][0])
    for player, optimizer in model.optimizers.items():
        assert equal(state(loaded.optimizers[player]), state(optimizer))
    return model


def check_evaluate(model):
    """In a graph, as it is by default."""
    arrays, model.run_eagerly = samples(model, 4), False
    logs = model.evaluate(*arrays, batch_size=4, verbose=0, return_dict=True)
    assert {f"{player}_loss" for player in model.players()} <= set(logs)
    assert np.isfinite([*logs.values()]).all()
    model.run_eagerly = True


def check_frozen_updates(model):
    """An update of one player leaves the others' networks, their statistics and vectors too."""
    updated = set()

    def watched(player, update):
        def watch(*arguments):
            before = {name: list(map(state, nets)) for name, nets in model.players().items()}
            result = update(*arguments)
            for name, networks in model.players().items():
                moved = not all(map(equal, map(state, networks), before[name]))
                assert moved == (name == player), f"{player}'s update, {name}'s networks: {moved}"
            updated.add(player)
            return result

        return watch

    for player in model.players():
        for name in (f"update_{player}", f"update_{player}s"):
            if hasattr(model, name):
                setattr(model, name, watched(player, getattr(model, name)))
    train_once(model)
    assert updated == set(model.players()) or len(model.players()) == 1


def check_save_and_load(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert type(loaded) is type(model)
    configs = [json.loads(json.dumps(each.get_config())) for each in (model, loaded)]
    assert not snapshot.differences(*configs)
    assert equal(weights_and_seeds(loaded), weights_and_seeds(model))
    for player, optimizer in model.optimizers.items():
        assert equal(state(loaded.optimizers[player]), state(optimizer))
    loaded.run_eagerly = True
    for each in (model, loaded):
        train_once(each, seed=1)
    assert equal(weights_and_seeds(loaded), weights_and_seeds(model)), "the next step is the same"
    for name, (function, specs) in model.signatures().items():
        inputs = [example(spec, model) for spec in specs]
        outputs = (each(*inputs) for each in (function, loaded.signatures()[name][0]))
        assert equal(*map(keras.tree.flatten, outputs)), "and so is what it makes"


def check_export(model, tmp_path):
    path = str(tmp_path / "saved_model")
    model.export(path, verbose=False)
    exported = tf.saved_model.load(path).signatures
    assert set(model.signatures()) <= set(exported)
    for name, (function, specs) in model.signatures().items():
        inputs = [example(spec, model) for spec in specs]
        named = {spec.name: value for spec, value in zip(specs, inputs, strict=True)}
        found = keras.tree.flatten(exported[name](**named))
        expected = keras.tree.flatten(function(*inputs))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(np.float32(one), np.float32(other), atol=1e-5)
    shapes = tf.train.load_checkpoint(path + "/variables/variables").get_variable_to_shape_map()
    written = sum(int(np.prod(shape)) for shape in shapes.values())
    needed = sum(network.count_params() for network in model.inference_networks())
    assert written <= 1.2 * needed + 100, "each variable once"


def example(spec, model):
    sizes = zip(spec.shape, (4, *model.image_shape), strict=False)
    shape = [given or default for given, default in sizes]
    if spec.dtype.is_integer:
        value = np.arange(np.prod(shape, dtype=int)).reshape(shape) % (model.num_classes or 9)
        return tf.constant(value + 4 * (not shape), spec.dtype)
    return tf.random.stateless_uniform(shape, (0, 1), -1, 1, spec.dtype)


def check_precisions(make):
    """In half precision all players learn, and every weight stays a finite float32."""
    for precision in ("mixed_bfloat16", "mixed_float16"):
        keras.config.set_dtype_policy(precision)
        try:
            model = make()
        finally:
            keras.config.set_dtype_policy("float32")
        model.compile(run_eagerly=True)
        before = {name: copies(model.trainable(name)) for name in model.players()}
        still = set(before)
        for seed in range(6):  # A first loss scale may be too high, and cost steps.
            train_once(model, seed)
            still = {name for name in still if equal(copies(model.trainable(name)), before[name])}
            if not still:
                break
        assert not still, f"{still} do not learn in {precision}"
        for name in before:
            now = model.trainable(name)
            assert all(v.dtype == "float32" and np.isfinite(v.numpy()).all() for v in now)
            scaled = isinstance(model.optimizers[name], keras.optimizers.LossScaleOptimizer)
            assert scaled == (precision == "mixed_float16")


@functools.cache
def two_replicas():
    # One for all tests: TensorFlow mixes up the collectives of several in one process.
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def check_replicas(make):
    """`fit` in a graph on two replicas, which stay alike. Other checks take eager steps."""
    strategy = two_replicas()
    with strategy.scope():
        model = make()
        model.compile()
    arrays = samples(model, 8 * model.batches_per_step)
    data = tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(4)
    history = model.fit(data, epochs=2, verbose=0).history
    assert {f"{player}_loss" for player in model.players()} | set(model.accuracy_logs) <= set(
        history
    )
    assert all(np.isfinite(values).all() for values in history.values())
    assert model.steps_done == 4, "an epoch of 2 steps, twice"
    for optimizer in model.optimizers.values():
        updates, _ = strategy.experimental_local_results(optimizer.iterations.value)
        assert int(updates) in (4, 4 * model.batches_per_step)
    for player in model.players():
        for variable in model.trainable(player):
            first, second = strategy.experimental_local_results(variable.value)
            assert np.array_equal(first, second), f"replicas differ in {variable.path}"
    if isinstance(model, kg.GAN):
        drawn = strategy.run(lambda: tf.convert_to_tensor(model.latents(2)))
        first, second = strategy.experimental_local_results(drawn)
        assert not np.array_equal(first, second), "replicas must draw different latents"


def run_gan_test(make, tmp_path):
    """Checks what holds for every model, and what holds for GANs only; see `run_model_test`."""
    gan = run_model_test(make, tmp_path)
    check_generate(gan)


def check_generate(gan):
    images = gan.generate(3, seed=5)
    assert images.shape == (3, *gan.image_shape)
    assert images.dtype == "uint8"
    assert np.array_equal(images, gan.generate(3, seed=5))
    assert not np.array_equal(images, gan.generate(3, seed=6))
    groups = gan.alternatives(16, seed=0)
    assert sum(map(len, groups)) == 16
    assert all(group.shape[1:] == gan.image_shape for group in groups)
