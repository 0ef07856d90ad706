"""`keras-gans train`: one command from images to a run folder."""

import ast
import contextlib
import csv
import itertools
import json
import os
import pathlib

from keras_gans import methods
from keras_gans.errors import InputError

DEFAULT_STEPS = 5000
FOLDER_SIZE = 64
# Small sets are passed several times in what is shown as an epoch, or the pictures and curves that
# end each epoch would take more time than the training.
LEAST_STEPS = 1000


def train(arguments):
    """Trains a method and leaves a run folder behind.

    All that can be wrong with the input is found before the folder is made.
    """
    method = methods.get(arguments.model)
    options = _options(arguments.options)
    output = _folder(arguments)
    _check_positive(arguments, "epochs", "steps", "minutes", "checkpoint_steps")
    if arguments.retries < 0:
        raise InputError(f"`--retries` must be at least 0. Received: {arguments.retries}.")

    import keras
    import tensorflow as tf

    from keras_gans import callbacks
    from keras_gans.callbacks.image_grid import save_image
    from keras_gans.cli.progress import Progress
    from keras_gans.training import strategy

    if arguments.deterministic:
        keras.utils.set_random_seed(arguments.seed)
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(arguments.precision)
    distribution = _strategy(arguments)
    data = _load(arguments, method)
    with distribution.scope() if distribution else contextlib.nullcontext():
        model = _make(method, data, arguments, options)
    budget = callbacks.Budget(_steps(arguments, data, model), arguments.minutes)
    checkpoint = callbacks.Checkpoint(
        output / "checkpoints", every_steps=arguments.checkpoint_steps, resume=arguments.resume
    )
    chief = strategy.is_chief(model)
    if chief and not (output / "config.json").exists():
        config = json.dumps(_config(arguments, options, data), indent=2)
        (output / "config.json").write_text(config)
    if chief:
        print(
            f"Training {method.class_name} ({model.count_params():,} parameters) on {data.name}: "
            f"{data.num_images:,} of shape {data.image_shape}, batches of {arguments.batch_size}, "
            f"learning rate {model.generator_optimizer.learning_rate.numpy():g}."
            + (f" {data.num_skipped} bad files were skipped." if data.num_skipped else "")
        )
    critic = model.loss_function.boundary is None
    guard = callbacks.DivergenceGuard(
        saturation=None if critic else 0.99, retries=arguments.retries
    )
    used = [budget, callbacks.RateDecay(budget), guard]
    if chief:
        used += [
            Progress(budget),
            callbacks.SampleGrid(output / "samples", seed=arguments.seed),
            callbacks.HistoryLog(output / "history.csv"),
            callbacks.HistoryPlot(output / "history.png"),
        ]
    model.fit(
        data,
        epochs=10**6,
        steps_per_epoch=max(LEAST_STEPS, len(data) // model.discriminator_steps),
        verbose=0,
        callbacks=[*used, checkpoint],
    )
    if not chief:
        return
    model.save(output / "model.keras")
    model.export(str(output / "saved_model"), verbose=False)
    if model.makes_images:
        grid = callbacks.image_grid(model.generate(64, seed=arguments.seed))
        save_image(output / "grid.png", grid)
    _report(output, model.steps_done)


def _options(words):
    options = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"`--set` takes NAME=VALUE, such as filters=32. Received: {word!r}.")
        try:
            options[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[name] = value
    return options


def _folder(arguments):
    if arguments.output:
        output = pathlib.Path(arguments.output)
    else:
        name = f"{arguments.model}-{pathlib.Path(arguments.data).stem}"
        numbered = itertools.chain([name], (f"{name}-{k}" for k in itertools.count(2)))
        earlier = None
        for output in (pathlib.Path("runs", folder) for folder in numbered):
            if not output.exists():
                break
            earlier = output
        if arguments.resume and earlier:
            output = earlier
    # Another worker of the same job may have made no more than the checkpoints' folder yet.
    found = [(output / name).exists() for name in ("config.json", "checkpoints")]
    is_run = arguments.resume and any(found)
    if output.exists() and not is_run and not (output.is_dir() and not any(output.iterdir())):
        raise InputError(
            "The output folder must be new or empty, so that no run is lost, or be the run that "
            f"`--resume` goes on with. Received: {str(output)!r}, which exists."
        )
    parent = output
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError(
            f"The output folder must be one that can be written. Received: {str(output)!r}."
        )
    return output


def _check_positive(arguments, *names):
    for name in names:
        value = getattr(arguments, name)
        if value is not None and value <= 0:
            raise InputError(f"`--{name}` must be above 0. Received: {value}.")


def _strategy(arguments):
    from keras_gans.training.strategy import make_strategy

    strategy = make_strategy(arguments.strategy)
    if strategy is None:
        return None
    replicas = strategy.num_replicas_in_sync
    if arguments.batch_size % replicas:
        raise InputError(
            "`--batch-size` is that of all devices together, a multiple of their number. "
            f"Received: {arguments.batch_size} for {replicas} devices."
        )
    if arguments.strategy == "multi_worker" and (
        arguments.minutes or not arguments.checkpoint_steps
    ):
        raise InputError(
            "Several workers must save and end at the same step: `--strategy multi_worker` needs "
            "`--checkpoint-steps` and takes `--steps` or `--epochs`, not `--minutes`. "
            f"Received: --checkpoint-steps {arguments.checkpoint_steps}, "
            f"--minutes {arguments.minutes}."
        )
    return strategy


def _load(arguments, method):
    from keras_gans import data
    from keras_gans.data.packed import is_pack
    from keras_gans.networks.dcgan import SIZES

    def load(image_size):
        return data.load(
            arguments.data,
            image_size=image_size,
            channels=arguments.channels,
            batch_size=arguments.batch_size,
            labels=method.conditional,
            flip=arguments.flip,
            seed=arguments.seed,
            data_dir=arguments.data_dir,
            skip_bad_images=arguments.skip_bad_images,
            cache=not arguments.no_cache,
        )

    if arguments.image_size:
        return load(arguments.image_size)
    if pathlib.Path(arguments.data).is_dir() and not is_pack(arguments.data):
        return load(FOLDER_SIZE)
    loaded = load(None)
    height, width = loaded.image_shape[:2] if len(loaded.image_shape) == 3 else (16, 16)
    if (height == width and height in SIZES) or method.class_name == "GAN":
        return loaded
    # The networks cannot make the images' own size: take the next that they can make.
    return load(min((size for size in SIZES if size >= height), default=FOLDER_SIZE))


def _make(method, data, arguments, options):
    import keras

    import keras_gans
    from keras_gans.networks import condition, mlp

    model_class = getattr(keras_gans, method.class_name)
    if method.conditional:
        options = {"num_classes": len(data.class_names), **options}
    if len(data.image_shape) == 1:
        classes = options.get("num_classes", 0)
        points = data.image_shape[0]
        generator = mlp.generator((points,), 2 + classes, (128, 128), None, seed=arguments.seed)
        discriminator = mlp.discriminator((points + classes,), (128, 128), seed=arguments.seed)
        networks = [generator, discriminator]
        if classes:
            networks = [condition(network, classes) for network in networks]
        options = {"generator": networks[0], "discriminator": networks[1], **options}
    else:
        options = {"image_shape": data.image_shape, **options}
    try:
        model = model_class(seed=arguments.seed, **options)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"`--set` names arguments of {method.class_name}: {error}.") from None
    if arguments.sync_batch_norm:
        for network in (model.generator, model.discriminator):
            keras_gans.layers.synchronize_batch_normalization(network)
    rate = arguments.learning_rate or method.rate
    if rate == "paper":
        model.compile()
    elif method.betas:
        model.compile(*(keras.optimizers.Adam(rate, *method.betas) for _ in range(2)))
    else:
        model.compile(rate, rate)
    return model


def _steps(arguments, data, model):
    if arguments.steps:
        return arguments.steps
    if arguments.epochs:
        return arguments.epochs * (len(data) // model.discriminator_steps)
    return None if arguments.minutes else DEFAULT_STEPS


def _config(arguments, options, data):
    config = {key: value for key, value in vars(arguments).items() if key != "run"}
    return config | {
        "options": options,
        "image_shape": data.image_shape,
        "num_images": data.num_images,
        "class_names": data.class_names,
    }


def _report(output, steps):
    with (output / "history.csv").open() as file:
        epochs = len(list(csv.reader(file))) - 1
    print(
        f"Made {output} after {steps:,} steps in {epochs} epochs: model.keras, "
        "saved_model/, samples/, history.png. "
        f"Sample from it with: keras-gans sample {output} -n 64 -o grid.png"
    )
