"""The arguments of a model's class that `--set NAME=VALUE` gives."""

import ast
import difflib
import inspect

from keras_gans.errors import InputError

OPTIONS_OF_THEIR_OWN = {"seed": "--seed", "image_shape": "--image-size"}
NETWORKS = {
    "generator", "discriminator", "encoder", "perceptual",
    "generator_ab", "generator_ba", "discriminator_a", "discriminator_b",
}  # fmt: skip
"""Arguments that are Keras models, which no word can name."""

WORDS = {"true": True, "false": False, "none": None}


def parse_options(words):
    """Returns the values of words like "filters=32", by name: Python literals, otherwise strings.

    True, False and None may be written in any case: the string "false" would be true.

    Raises:
        InputError: If a word is no NAME=VALUE.
    """
    options = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"`--set` takes NAME=VALUE, such as filters=32. Received: {word!r}.")
        try:
            options[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[name] = WORDS.get(value.lower(), value)
    return options


def model_from_data(model_class, data, seed, options, words, start=None):
    """Returns `model_class.from_data(data, seed, **options)`.

    Args:
        model_class: A `GenerativeModel`.
        data: What `keras_gans.data.load` returned.
        seed: Int.
        options: What `parse_options` returned.
        words: The words that were parsed, for messages.
        start: A trained model of the class to go on from, see `fine_tuned`. Default: None.

    Raises:
        InputError: If the class has no such argument, or cannot use its value.
    """
    arguments = _arguments(model_class)
    for name in options:
        if name in OPTIONS_OF_THEIR_OWN:
            raise InputError(
                f"`--set` is for arguments without an option of their own. Received: {name}, "
                f"which is `{OPTIONS_OF_THEIR_OWN[name]}`."
            )
        if name not in arguments:
            nearest = sorted(arguments, key=lambda argument: -_likeness(argument, name))
            raise InputError(
                f"`--set` takes the arguments of {model_class.__name__}: {', '.join(nearest)}. "
                f"Received: {name}."
            )
    from keras_gans.training.transfer import fine_tuned

    try:
        if start:
            return fine_tuned(start, data.image_shape, seed, **options)
        return model_class.from_data(data, seed, **options)
    except (TypeError, ValueError, AttributeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        named = [word for word in words if f"`{word.partition('=')[0]}`" in reason]
        if not named and (isinstance(error, InputError) or not words):
            raise  # It is not about these options.
        raise InputError(f"`--set {' '.join(named or words)}`: {reason}.") from error


def _arguments(model_class):
    """Returns the names of the arguments of a model's class and of those it passes others to.

    Without those that `--set` cannot give.
    """
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = {}
    for ancestor in model_class.__mro__:
        # What is below the models takes arguments that the models work out.
        if not ancestor.__module__.startswith("keras_gans.models."):
            continue
        for function in vars(ancestor).keys() & {"__init__", "from_data"}:
            parameters = inspect.signature(getattr(ancestor, function)).parameters.values()
            names |= {parameter.name: None for parameter in parameters if parameter.kind in kinds}
    others = {"self", "data", *OPTIONS_OF_THEIR_OWN, *NETWORKS}
    return [name for name in names if name not in others]


def _likeness(first, second):
    return difflib.SequenceMatcher(None, first, second).ratio()
