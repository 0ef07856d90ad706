"""`keras-gans train`: one command from images to a run folder."""

import ast
import csv
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
    output = _free_folder(arguments)
    _check_positive(arguments, "epochs", "steps", "minutes")

    _quiet_and_quick()
    import keras

    from keras_gans import callbacks
    from keras_gans.callbacks.image_grid import save_image
    from keras_gans.cli.progress import Progress

    keras.config.set_dtype_policy(arguments.precision)
    data = _load(arguments, method)
    model = _make(method, data, arguments, options)
    budget = callbacks.Budget(_steps(arguments, data, model), arguments.minutes)

    output.mkdir(parents=True, exist_ok=True)
    (output / "config.json").write_text(json.dumps(_config(arguments, options, data), indent=2))
    print(
        f"Training {method.class_name} ({model.count_params():,} parameters) on {data.name}: "
        f"{data.num_images:,} of shape {data.image_shape}, batches of {arguments.batch_size}, "
        f"learning rate {float(model.generator_optimizer.learning_rate):g}."
        + (f" {data.num_skipped} bad files were skipped." if data.num_skipped else "")
    )
    samples = callbacks.SampleGrid(output / "samples", seed=arguments.seed)
    critic = model.loss_function.boundary is None
    guard = callbacks.DivergenceGuard(saturation=None if critic else 0.99)
    plot = callbacks.HistoryPlot(output / "history.png")
    log = keras.callbacks.CSVLogger(output / "history.csv")
    model.fit(
        data.repeat(),
        epochs=10**6,
        steps_per_epoch=max(LEAST_STEPS, len(data) // model.discriminator_steps),
        verbose=0,
        callbacks=[
            budget,
            callbacks.RateDecay(budget),
            guard,
            Progress(budget),
            samples,
            log,
            plot,
        ],
    )
    model.save(output / "model.keras")
    model.export(str(output / "saved_model"), verbose=False)
    if model.makes_images:
        grid = callbacks.image_grid(model.generate(64, seed=arguments.seed))
        save_image(output / "grid.png", grid)
    _report(output, budget)


def _quiet_and_quick():
    # Before TensorFlow is imported. On few cores it is quicker to run operations side by side than
    # to share each one out: the step's operations are small.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.cpu_count() <= 4:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", str(os.cpu_count()))


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


def _free_folder(arguments):
    if arguments.output:
        output = pathlib.Path(arguments.output)
        if output.exists() and not (output.is_dir() and not any(output.iterdir())):
            raise InputError(
                "The output folder must be new or empty, so that no run is lost. "
                f"Received: {arguments.output!r}, which exists."
            )
    else:
        name = f"{arguments.model}-{pathlib.Path(arguments.data).stem}"
        taken = 1
        while (output := pathlib.Path("runs", name + (f"-{taken}" if taken > 1 else ""))).exists():
            taken += 1
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


def _load(arguments, method):
    from keras_gans import data
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
        )

    if arguments.image_size:
        return load(arguments.image_size)
    if pathlib.Path(arguments.data).is_dir():
        return load(FOLDER_SIZE)
    loaded = load(None)
    height, width = loaded.image_shape[:2] if len(loaded.image_shape) == 3 else (16, 16)
    if (height == width and height in SIZES) or method.class_name == "GAN":
        return loaded
    # The networks cannot make the images' own size: take the next that they can make.
    return load(min((size for size in SIZES if size >= height), default=FOLDER_SIZE))


def _make(method, data, arguments, options):
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
    rate = arguments.learning_rate or method.rate
    rate = "auto" if rate == "paper" else rate
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


def _report(output, budget):
    with (output / "history.csv").open() as file:
        epochs = len(list(csv.reader(file))) - 1
    print(
        f"Made {output} after {budget.steps_done:,} steps in {epochs} epochs: model.keras, "
        "saved_model/, samples/, history.png. "
        f"Sample from it with: keras-gans sample {output} -n 64 -o grid.png"
    )
