"""`keras-gans describe`: what a method costs on this machine, before anything is trained."""

from keras_gans import methods
from keras_gans.checks import check_whole_numbers
from keras_gans.cli import memory
from keras_gans.cli.model_options import model_from_data, parse_options
from keras_gans.cli.train import compile_model
from keras_gans.cli.train_data import WAYS
from keras_gans.errors import InputError

MEASURED = 256
"""Larger images are estimated from those of half their sides, or a quarter, up to this side."""


def describe(arguments):
    """Prints parameters, multiply-adds, memory and time of a method's networks and its step."""
    method = methods.get(arguments.model)
    options = parse_options(arguments.options)
    if method.data in WAYS:
        raise InputError(
            f"`describe` is for methods that make images from latents. Received: {arguments.model}."
        )

    import keras
    import tensorflow as tf

    import keras_gans
    from keras_gans.cli import pace
    from keras_gans.data.prepare import sides
    from keras_gans.training.transfer import count_parameters, networks_of

    height, width = sides(arguments.image_size or 64)
    precision = arguments.precision or pace.quickest_precision(min(height, width))[0]
    keras.config.set_dtype_policy(precision)
    channels = arguments.channels or 3
    settings = method.settings(min(height, width))
    model_class = getattr(keras_gans, method.class_name)
    given = settings.options | options

    def make(height, width):
        """Returns random images and the model for them, at its full size."""
        classes = options.get("num_classes", 10 if method.data == "labelled" else None)
        if classes is not None:
            check_whole_numbers(num_classes=classes)
        data = _Images((height, width, channels), classes)
        model = model_from_data(model_class, data, 0, given, arguments.options)
        model.grow_up()
        return data, model

    data, model = make(height, width)
    pixels = f"{width}x{height} pixels, {channels} channel{'s'[: channels > 1]}"
    print(f"{method.class_name} ({method.paper}), images of {pixels}:")
    work = 0
    for network in networks_of(model):
        work += (adds := multiply_adds(network))
        print(
            f"  {network.name:16}{count_parameters(network):>12,} parameters"
            f"{_in_millions(adds):>12} million multiply-adds an image"
        )
    source, more_work, area = "here", 1, 1
    if max(height, width) > MEASURED:
        smaller = height, width
        while max(smaller) > MEASURED:  # Half of a size that networks make is one of theirs too.
            smaller = smaller[0] // 2, smaller[1] // 2
        try:
            data, model = make(*smaller)
        except InputError:  # Such as one of feature maps given for each size.
            print(f"  A step is measured up to {MEASURED} pixels; work grows with the area.")
            return
        more_work = work / sum(map(multiply_adds, networks_of(model)))
        area = height * width / (smaller[0] * smaller[1])
        source = "as estimated from {1}x{0}".format(*smaller)
    compile_model(model, settings, None)
    batch_size = arguments.batch_size or settings.batch_size
    fixed, each = memory.check_fits(model, data.element_spec, batch_size)
    batch = memory.random_batch(data.element_spec, batch_size)
    batches = tf.data.Dataset.from_tensors(batch).repeat()
    seconds = pace.seconds_per_step(model, batches, pace.TIMED_STEPS)
    # The steps that were timed are those of a run, which takes more than is known from small ones.
    each = max(each, (memory.peak() - fixed) / batch_size)
    seconds, each = seconds * more_work, each * area
    memory.check_room(fixed, each, batch_size, memory.parts_of(model))
    images = batch_size * model.batches_per_step
    print(
        f"  memory: {memory.in_words(fixed)} for the program and {memory.in_words(each)} for each "
        f"image of a batch\n"
        f"  a step on {images} images in {precision}: {1000 * seconds:,.0f} ms {source}, "
        f"{images / seconds:,.0f} images a second, "
        f"{memory.in_words(fixed + each * batch_size)}; ten minutes are {600 / seconds:,.0f} steps"
    )


class _Images:
    """Random images, as far as `from_data` and a step want to know them."""

    name = "random images"

    def __init__(self, image_shape, num_classes):
        import tensorflow as tf

        self.image_shape, self.config = image_shape, {"labels": bool(num_classes)}
        self.class_names = [str(k) for k in range(num_classes)] if num_classes else None
        images, labels = tf.TensorSpec((None, *image_shape)), tf.TensorSpec((None,), "int32")
        self.element_spec = (images, labels) if num_classes else (images,)


def multiply_adds(network):
    """Returns the multiply-adds of one image's forward pass through a network.

    They are those of TensorFlow's profiler, which counts convolutions and products of matrices, and
    some additions.
    """
    import tensorflow as tf
    from tensorflow.python.profiler import model_analyzer, option_builder

    specs = [tf.TensorSpec((1, *x.shape[1:]), x.dtype) for x in network.inputs]
    function = tf.function(lambda *x: network(x[0] if len(x) == 1 else list(x)))
    graph = function.get_concrete_function(*specs).graph
    builder = option_builder.ProfileOptionBuilder(
        option_builder.ProfileOptionBuilder.float_operation()
    )
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # It warns that it is an old interface.
    try:
        found = model_analyzer.profile(graph, options=builder.with_empty_output().build())
    finally:
        logger.setLevel(level)
    return found.total_float_ops / 2


def _in_millions(number):
    return f"{number / 1e6:,.1f}"
