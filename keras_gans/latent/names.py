"""Names of attributes: "glasses", or "hair_colour=2" for one of several kinds."""

import difflib

from keras_gans.errors import InputError


def attribute_and_kind(name, known):
    """Returns the attribute of a name, and the number of its kind, which is 1 unless it is said.

    Args:
        name: Such as "glasses" or "hair_colour=2".
        known: {attribute: number of its kinds, or None if that is not known}.

    Raises:
        InputError: If there is no such attribute, with the nearest one, or no such kind.
    """
    attribute, equals, kind = name.partition("=")
    if attribute not in known:
        near = difflib.get_close_matches(attribute, known, 1, 0)
        hint = f", which is nearest to {near[0]!r}" if near else ""
        raise InputError(
            f"An attribute is one of {', '.join(known) or 'none'}. Received: {name!r}{hint}."
        )
    most = known[attribute]
    if (equals and not kind.isdecimal()) or (most and int(kind or 1) >= most):
        raise InputError(
            f"The kinds of {attribute!r} are 0{f' to {most - 1}' if most else ', 1 and so on'}. "
            f"Received: {name!r}."
        )
    return attribute, int(kind or 1)


def check_kind(name, known):
    """Raises InputError if a name of one of several kinds does not say which.

    Args:
        name: Such as "glasses" or "hair_colour=2".
        known: {attribute: number of its kinds}.
    """
    attribute, _ = attribute_and_kind(name, known)
    if name == attribute and known[attribute] > 2:
        raise InputError(
            f"Of an attribute with several kinds one is named, such as '{name}=0'. "
            f"Received: {name!r} with {known[name]}."
        )


def own(name):
    """Returns the attribute of a name, whether it is known or not."""
    return name.partition("=")[0]
