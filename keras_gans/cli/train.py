"""`keras-gans train`: one command from images to a run folder."""

import contextlib
import json
import math
import pathlib
import re
import shlex
import sys
import warnings

from keras_gans import methods
from keras_gans.cli import memory, run_folder, train_data
from keras_gans.cli.model_options import model_from_data, parse_options
from keras_gans.cli.recommend import recommend
from keras_gans.errors import InputError
from keras_gans.files import whole_path

DEFAULT_STEPS = 5000
# Several workers, or runs that are to be equal, are looked at after the same steps at any speed.
STEPS_BETWEEN_LOOKS = 1000
GOES_ON = "The same command with `--resume` goes on."
MUCH = 200_000
"""From so many pixels in a batch on, a run is first shown to fit into memory,"""

WIDE = 20_000_000
"""or from so many parameters on."""


def train(arguments):
    """Trains a method and leaves a run folder behind.

    All that can be wrong with the input is found before the folder is made.
    """
    distribution = _strategy(arguments)  # Several workers must meet before there are variables.
    start = _start(arguments)
    if arguments.model is None:
        if bool(arguments.data_a) != bool(arguments.data_b):
            raise InputError("Two domains are `--data-a` and `--data-b`. Received: one of them.")
        source = arguments.data or arguments.data_a
        others = (arguments.data_b, arguments.pairs, arguments.data_dir, arguments.labels)
        arguments.model, reason = recommend(source, *others)
        print(f"Method: {arguments.model}, {reason}.")
    arguments.model = methods.key(arguments.model)
    method = methods.get(arguments.model)
    train_data.check_sources(arguments, method)
    options = parse_options(arguments.options)
    if "preset" in options:  # Rates and loss are part of it.
        arguments.learning_rate = arguments.learning_rate or "paper"
    output = run_folder.choose_folder(arguments)

    import keras

    import keras_gans

    if arguments.deterministic:
        keras_gans.make_deterministic(arguments.seed)
    model_class = getattr(keras_gans, method.class_name)
    with_labels = bool(options.get("num_classes") or getattr(start, "num_classes", None))
    data, reason = train_data.load(arguments, method, model_class.image_sizes, with_labels)
    if distribution and data.batch_size % distribution.num_replicas_in_sync:
        raise InputError(
            "`--batch-size` is that of all devices together, a multiple of their number. "
            f"Received: {data.batch_size} for {distribution.num_replicas_in_sync} devices."
        )
    labels = [(getattr(x, "num_labels", None), getattr(x, "palette", None)) for x in (start, data)]
    if start and labels[0] != labels[1]:
        raise InputError(
            f"A trained model goes on with its own labels, {labels[0][1] or labels[0][0]}. "
            f"Received: {labels[1][1] or labels[1][0]}."
        )
    config = run_folder.configuration(arguments, options, data)
    if arguments.resume:
        config |= run_folder.resumed(output, config)
    if config["precision"] is None:
        config["precision"] = _precision(data, arguments, start)
    keras.config.set_dtype_policy(config["precision"])
    settings = method.settings(min(data.image_shape[:2]))
    # A trained model has its own, and a paper's training those of the class.
    is_ours = start is None and arguments.learning_rate != "paper"
    options = (settings.options if is_ours else {}) | options
    options |= _few(data, method, start, options)
    if start and start.num_classes:  # Which the data must have too.
        options["num_classes"] = len(data.class_names)
    with distribution.scope() if distribution else contextlib.nullcontext():
        model = model_from_data(
            model_class, data, arguments.seed, options, arguments.options, start
        )
        compile_model(model, settings, arguments.learning_rate, arguments.sync_batch_norm, start)
    # A resumed run too: if it began `--from` a grown model, it is made from that again.
    model.check_start(data.batch_size // model.distribute_strategy.num_replicas_in_sync)
    much = data.batch_size * math.prod(data.image_shape[:2]) >= MUCH
    much |= _parameters(model) >= WIDE
    if distribution is None and (arguments.dry_run or much):
        memory.check_fits(model, data.element_spec, data.batch_size)
    per_epoch = len(data) // model.batches_per_step
    if not per_epoch:
        raise InputError(
            f"{type(model).__name__} takes {model.batches_per_step} batches in a step, and the "
            "data must have as many: a smaller `--batch-size` makes more of them. Received: "
            f"{len(data)} batches of {data.batch_size} in {data.num_images:,} images."
        )
    if arguments.dry_run:
        print(_summary(model, data, reason))
        print(f"All is well: without `--dry-run` this would be {output}.")
        return
    try:
        _fit(model, data, reason, output, config, arguments)
    except KeyboardInterrupt:
        if run_folder.holds_checkpoint(output):
            raise KeyboardInterrupt(GOES_ON) from None
        raise
    except Exception as error:
        # What a file that can no longer be read says reaches here as an error of the graph's.
        said = re.search("InputError: (.*)", getattr(error, "message", ""))
        if said is None:
            raise
        print(file=sys.stderr)  # Behind the bar of progress.
        goes_on = f" {GOES_ON}" if run_folder.holds_checkpoint(output) else ""
        raise InputError(f"{said[1].removesuffix('.')}.{goes_on}") from error


def _start(arguments):
    """Returns the trained model to begin with, if there is one, whose method is then the run's."""
    if arguments.start is None:
        return None
    import keras

    from keras_gans.models.loading import load_model

    config = pathlib.Path(arguments.start).expanduser() / run_folder.CONFIG
    if config.is_file():  # What has no precision in its file is made in that of the run.
        try:
            precision = json.loads(config.read_bytes()).get("precision")
            keras.config.set_dtype_policy(precision or "float32")
        except (ValueError, AttributeError) as error:
            raise InputError(
                f"A run has a whole {config.name}. Received: {str(config)!r} ({error})."
            ) from error
    start = load_model(arguments.start)
    name = next(k for k, m in methods.METHODS.items() if m.class_name == type(start).__name__)
    if methods.key(arguments.model or name) != name:
        raise InputError(
            "`--from` takes a model of the method that is trained. "
            f"Received: {arguments.model}, and a {name} in {arguments.start!r}."
        )
    arguments.model = name
    if len(start.image_shape) == 3:
        height, width, channels = start.image_shape
        if arguments.image_size is None:
            arguments.image_size = height if height == width else (height, width)
        # Domains may differ in theirs.
        if arguments.channels is None and not hasattr(start, "shapes"):
            arguments.channels = channels
    return start


def _few(data, method, start, options):
    """Returns the arguments for few images, by the method, and says why."""
    if not method.few or data.num_images >= methods.FEW or "augmentation" in options:
        return {}
    from keras_gans import augment, losses

    loss = losses.get(options.get("loss", start.loss_function if start else "non_saturating"))
    name = "ada"
    augmentation = augment.ADA(speed=100_000 if start else 500_000)
    if loss.boundary is None:  # Then no sign of a logit says how sure the discriminator is.
        name = augmentation = "color,translation,cutout"
    print(
        f"Augmentation: {name}, since {data.num_images:,} images are few enough to be learned by "
        "heart; `--set augmentation=None` does without."
    )
    return {"augmentation": augmentation}


def _strategy(arguments):
    if arguments.strategy == "none":
        return None
    from keras_gans.training.strategy import make_strategy

    strategy = make_strategy(arguments.strategy)
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


def _precision(data, arguments, start):
    """Returns the precision to compute in, by the speed of this machine where that matters.

    Runs that must end after so many steps, or be alike on several machines, keep float32, or what
    the trained model has that they go on from.
    """
    from keras_gans.cli import pace
    from keras_gans.training.transfer import precision_of

    kept = precision_of(start) if start else "float32"
    if arguments.strategy != "none" or arguments.deterministic:
        return kept
    if start:
        quickest, reason = pace.no_slower_precision(kept)
    else:
        quickest, reason = pace.quickest_precision(min(data.image_shape[:2]))
    if arguments.minutes:
        if reason:
            print(f"Precision: {quickest}, {reason}; `--precision {kept}` does without.")
        return quickest
    if reason:
        print(f"Precision: {kept}; `--precision {quickest}` is one {reason}.")
    return kept


def compile_model(model, settings, rate, sync_batch_norm=False, start=None):
    """Compiles a model for minutes of training, or as asked.

    Args:
        model: The model.
        settings: The method's `Settings`.
        rate: Learning rate, "paper", or None for the settings', or the optimizers of `start`.
        sync_batch_norm: Whether batch normalisation is over all replicas. Default: False.
        start: The trained model that it goes on from. Default: None.
    """
    import keras

    from keras_gans.layers import synchronize_batch_normalization
    from keras_gans.training.rates import learning_rate

    players = model.players()
    if sync_batch_norm:
        for networks in players.values():
            for network in networks:
                synchronize_batch_normalization(network)
    if rate is None and start is not None and start.compiled:
        model.compile_from_config(start.compiled_as)
        for player in players:  # Which refuses those that the command cannot let fall.
            learning_rate(model, player)
        return
    rate = rate or settings.rate
    optimizers = {}
    for player in players if rate != "paper" else ():
        betas = settings.betas
        optimizers[f"{player}_optimizer"] = keras.optimizers.Adam(rate, *betas) if betas else rate
    model.compile(**optimizers)


def _fit(model, data, reason, output, config, arguments):
    import keras

    from keras_gans import callbacks
    from keras_gans.cli import pace
    from keras_gans.cli.progress import Progress
    from keras_gans.training.strategy import is_chief

    per_epoch = len(data) // model.batches_per_step
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
    known, begun = config.get("steps_between_looks", 0), run_folder.holds_checkpoint(output)
    if arguments.resume and not begun and is_chief(model):
        print("There is no checkpoint to go on from: training begins anew.")
    if not (known and begun) or run_folder.has_more_to_do(output, arguments):
        looks, steps = _look_ahead(model, data, budget, arguments, begun)
        config["steps_between_looks"] = looks = known or looks
        config["looks_between_pictures"] = pace.looks_between_pictures(steps / looks)
        if steps and not begun:
            images = steps * data.batch_size * getattr(model, "discriminator_steps", 1)
            _fit_schedules(model, images, config, arguments.start)
    if config.get("growth_images"):
        words = model.plan(config["growth_images"])
        if is_chief(model):
            print(words)
    if is_chief(model):
        every = config.get("looks_between_pictures", 1)
        used += [
            # Not before: now no other run is at work in the folder, and there is work to do.
            keras.callbacks.LambdaCallback(on_epoch_begin=on_epoch_begin),
            Progress(budget),
            callbacks.SampleGrid(output / "samples", seed=arguments.seed, every=every),
            callbacks.HistoryLog(output / "history.csv"),
            callbacks.HistoryPlot(output / "history.png", every=every),
        ]
    checkpoint = callbacks.Checkpoint(
        output / run_folder.CHECKPOINTS,
        every_steps=arguments.checkpoint_steps,
        every_minutes=_minutes_between_checkpoints(arguments),
        resume=arguments.resume,
    )
    model.fit(
        data,
        epochs=10**6,
        steps_per_epoch=config["steps_between_looks"],
        verbose=0,
        callbacks=[*used, checkpoint],
    )
    if is_chief(model):
        if not epochs:
            print(f"To go on, repeat the command with a larger {_limits(arguments)}.")
        _save(model, output, arguments.seed)


def _fit_schedules(model, images, config, start):
    """Plans a growth for so many images, and warns of a schedule that takes more of them."""
    scheduled = getattr(model, "scheduled_images", None)
    if scheduled and images < scheduled:
        warnings.warn(
            f"The schedules take {scheduled:,} images and the run has {images:,}, so it ends "
            f"before they do; `--set scheduled_images={images}` fits them to it.",
            stacklevel=2,
        )
    if not model.growing or start:
        return
    if not {"fade_images", "stable_images"} & config["options"].keys():
        config["growth_images"] = images // 2
    elif images < model.images_to_grow():
        warnings.warn(
            f"The growth takes {model.images_to_grow():,} images and the run has {images:,}, so it "
            "ends before the full size; without `fade_images` and `stable_images` the command "
            "plans the growth.",
            stacklevel=2,
        )


def _look_ahead(model, data, budget, arguments, begun):
    """Says what the run will come to; returns the steps to the next look at it, and in all."""
    from keras_gans.cli import pace

    if arguments.strategy == "multi_worker":
        return STEPS_BETWEEN_LOOKS, budget.steps
    seconds = pace.seconds_per_step(model, data, most=budget.steps or pace.TIMED_STEPS)
    steps = pace.steps_allowed(budget, seconds)
    print(pace.outlook(data, model.batches_per_step, seconds, steps, begun, budget.steps))
    looks = STEPS_BETWEEN_LOOKS if arguments.deterministic else pace.steps_between_looks(seconds)
    return looks, steps


def _steps(arguments, per_epoch):
    """Returns the number of steps to train for, or None if minutes alone are given."""
    given = [arguments.steps, arguments.epochs and arguments.epochs * per_epoch]
    return min(filter(None, given), default=None if arguments.minutes else DEFAULT_STEPS)


def _minutes_between_checkpoints(arguments):
    """Returns the minutes from one checkpoint to the next: a tenth of a short run, 0.5 at least."""
    if arguments.checkpoint_steps:
        return None
    return min(5.0, max(0.5, (arguments.minutes or 50.0) / 10))


def _limits(arguments):
    given = [name for name in ("steps", "epochs", "minutes") if getattr(arguments, name)]
    return " or ".join(f"`--{name}`" for name in given or ["steps"])


def _summary(model, data, reason):
    rates = (float(optimizer.learning_rate) for optimizer in model.optimizers.values())
    return (
        f"Training {type(model).__name__} ({_parameters(model):,} parameters) on {data.name}: "
        f"{data.num_images:,} of shape {data.image_shape}{reason}, batches of {data.batch_size}, "
        f"learning rate {' and '.join(dict.fromkeys(f'{rate:g}' for rate in rates))}."
        + (f" {data.num_skipped} bad files were skipped." if data.num_skipped else "")
    )


def _parameters(model):
    """Returns the number of parameters of the networks that train."""
    from keras_gans.training.transfer import count_parameters, networks_of

    return sum(map(count_parameters, networks_of(model)))


def _save(model, output, seed):
    from keras_gans.pictures import image_grid, save_image

    with whole_path(output / "model.keras") as temporary:
        model.save(temporary)
    model.export(output / "saved_model", verbose=False)
    images, columns = model.preview(seed=seed)
    if images.ndim == 4:
        save_image(output / "grid.png", image_grid(images, columns))
    steps, run = model.steps_done, shlex.quote(str(output))
    use = f"Sample from it with: keras-gans sample {run} -n 64 -o grid.png"
    if hasattr(model, "translate"):
        use = f"Use it with: keras-gans translate {run} IMAGES -o translated"
    print(
        f"Made {output} after {steps:,} step{'s' * (steps != 1)}: "
        f"model.keras, saved_model/, samples/, history.png. {use}"
    )
