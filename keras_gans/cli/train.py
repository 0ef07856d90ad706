"""`keras-gans train`: one command from images to a run folder."""

import contextlib
import shlex

from keras_gans import methods
from keras_gans.cli import run_folder
from keras_gans.cli.model_options import model_from_data, parse_options
from keras_gans.errors import InputError
from keras_gans.files import whole_path

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
    options = parse_options(arguments.options)
    output = run_folder.choose_folder(arguments)

    import keras
    import tensorflow as tf

    import keras_gans

    if arguments.deterministic:
        keras.utils.set_random_seed(arguments.seed)
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy(arguments.precision)
    distribution = _strategy(arguments)
    model_class = getattr(keras_gans, method.class_name)
    data, reason = _load(arguments, method, model_class.image_sizes)
    config = run_folder.configuration(arguments, options, data)
    if arguments.resume:
        run_folder.check_same_options(output, config)
    with distribution.scope() if distribution else contextlib.nullcontext():
        model = model_from_data(model_class, data, arguments.seed, options, arguments.options)
        _compile(model, method, arguments)
    try:
        _fit(model, data, reason, output, config, arguments)
    except KeyboardInterrupt:
        if run_folder.holds_checkpoint(output):
            raise KeyboardInterrupt("The same command with `--resume` goes on.") from None
        raise


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


def _load(arguments, method, sizes):
    """Loads the data in a size that the method's networks can make.

    Args:
        arguments: The command's arguments.
        method: The `Method`.
        sizes: Sorted list of the sides that the networks can make, or None for any.

    Returns:
        The data set, and why it has its size, in words that follow the shape.
    """
    from keras_gans.data.loader import is_image_folder

    if arguments.image_size is not None:
        return _load_in_size(arguments.image_size, arguments, method), ""
    if is_image_folder(arguments.data):
        size, reason = size_of_folder(arguments.data, sizes)
        return _load_in_size(size, arguments, method), f", {reason}"
    data = _load_in_size(None, arguments, method)
    if sizes is None or len(data.image_shape) == 1:
        return data, ""
    height, width, _ = data.image_shape
    if height == width and height in sizes:
        return data, ""
    # The networks cannot make the images' own size: take the next that they can make.
    size = min((size for size in sizes if size >= height), default=FOLDER_SIZE)
    return _load_in_size(size, arguments, method), ""


def size_of_folder(folder, sizes=None):
    """Returns the side that a folder's images are given if none was asked for, and why, in words.

    Their own where all share one that the networks can make, otherwise 64 pixels.

    Args:
        folder: Path of the folder.
        sizes: Sorted list of the sides that the networks can make, or None for any.
    """
    from keras_gans.data.listing import common_side

    side = common_side(folder)
    if side and (sizes is None or side in sizes):
        return side, "their own size"
    if side:
        return FOLDER_SIZE, f"since the networks cannot make their own {side}x{side}"
    return FOLDER_SIZE, "since they do not share one square size"


def _load_in_size(image_size, arguments, method):
    from keras_gans import data

    reading = {
        "image_size": image_size,
        "channels": arguments.channels,
        "seed": arguments.seed,
        "data_dir": arguments.data_dir,
        "skip_bad_images": arguments.skip_bad_images,
    }
    try:
        return data.load(
            arguments.data,
            batch_size=arguments.batch_size,
            labels=method.data == "labelled",
            flip=arguments.flip,
            cache=not arguments.no_cache,
            **reading,
        )
    except InputError as error:
        if "`batch_size`" not in str(error):
            raise
        count = len(data.loader.read_samples(arguments.data, cache=False, **reading).images)
        raise InputError(
            "`--batch-size` must be at most the number of images. "
            f"Received: {arguments.batch_size} for {count} images; `--batch-size {count}` fits."
        ) from error


def _compile(model, method, arguments):
    import keras

    from keras_gans.layers import synchronize_batch_normalization

    players = model.players()
    if arguments.sync_batch_norm:
        for networks in players.values():
            for network in networks:
                synchronize_batch_normalization(network)
    rate = arguments.learning_rate or method.rate
    optimizers = {}
    for player in players if rate != "paper" else ():
        betas = method.betas
        optimizers[f"{player}_optimizer"] = keras.optimizers.Adam(rate, *betas) if betas else rate
    model.compile(**optimizers)


def _fit(model, data, reason, output, config, arguments):
    import keras

    from keras_gans import callbacks
    from keras_gans.cli.progress import Progress
    from keras_gans.training.strategy import is_chief

    per_epoch = len(data) // model.batches_per_step
    if not per_epoch:
        raise InputError(
            f"{type(model).__name__} takes {model.batches_per_step} batches in a step, and the "
            "data must have as many: a smaller `--batch-size` makes more of them. Received: "
            f"{len(data)} batches of {data.batch_size} in {data.num_images:,} images."
        )
    budget = callbacks.Budget(_steps(arguments, per_epoch), arguments.minutes)
    guard = callbacks.DivergenceGuard(retries=arguments.retries)
    used = [budget, callbacks.RateDecay(budget), guard]
    epochs = []

    def on_epoch_begin(epoch, logs):
        if not epochs:
            run_folder.write_configuration(output, config)
        epochs.append(epoch)

    if is_chief(model):
        print(_summary(model, data, reason))
        used += [
            # Not before: now no other run is at work in the folder, and there is work to do.
            keras.callbacks.LambdaCallback(on_epoch_begin=on_epoch_begin),
            Progress(budget),
            callbacks.SampleGrid(output / "samples", seed=arguments.seed),
            callbacks.HistoryLog(output / "history.csv"),
            callbacks.HistoryPlot(output / "history.png"),
        ]
    checkpoint = callbacks.Checkpoint(
        output / run_folder.CHECKPOINTS,
        every_steps=arguments.checkpoint_steps,
        resume=arguments.resume,
    )
    model.fit(
        data,
        epochs=10**6,
        steps_per_epoch=max(LEAST_STEPS, per_epoch),
        verbose=0,
        callbacks=[*used, checkpoint],
    )
    if is_chief(model):
        if not epochs:
            print(f"To go on, repeat the command with a larger {_limits(arguments)}.")
        _save(model, output, arguments.seed)


def _steps(arguments, per_epoch):
    """Returns the number of steps to train for, or None if minutes alone are given."""
    if arguments.steps:
        return arguments.steps
    if arguments.epochs:
        return arguments.epochs * per_epoch
    return None if arguments.minutes else DEFAULT_STEPS


def _limits(arguments):
    given = [name for name in ("steps", "epochs", "minutes") if getattr(arguments, name)]
    return " or ".join(f"`--{name}`" for name in given or ["steps"])


def _summary(model, data, reason):
    rates = (float(optimizer.learning_rate) for optimizer in model.optimizers.values())
    return (
        f"Training {type(model).__name__} ({model.count_params():,} parameters) on {data.name}: "
        f"{data.num_images:,} of shape {data.image_shape}{reason}, batches of {data.batch_size}, "
        f"learning rate {' and '.join(dict.fromkeys(f'{rate:g}' for rate in rates))}."
        + (f" {data.num_skipped} bad files were skipped." if data.num_skipped else "")
    )


def _save(model, output, seed):
    from keras_gans.pictures import image_grid, save_image

    with whole_path(output / "model.keras") as temporary:
        model.save(temporary)
    model.export(output / "saved_model", verbose=False)
    images, columns = model.preview(seed=seed)
    if images.ndim == 4:
        save_image(output / "grid.png", image_grid(images, columns))
    steps, epochs = model.steps_done, len(model.history.epoch)
    print(
        f"Made {output} after {steps:,} step{'s' * (steps != 1)} "
        f"in {epochs} epoch{'s' * (epochs != 1)}: "
        "model.keras, saved_model/, samples/, history.png. "
        f"Sample from it with: keras-gans sample {shlex.quote(str(output))} -n 64 -o grid.png"
    )
