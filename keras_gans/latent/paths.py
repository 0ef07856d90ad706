"""Paths and surfaces between latents."""

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError

STRAIGHT = 1e-6
"""Vectors with a smaller sine of the angle between them have no arc to follow."""


def lerp(begin, end, times):
    """Returns points on the straight lines between arrays of one shape, `begin` at time 0.

    begin + t (end - begin). In many dimensions the middle between two normal latents is shorter
    than either, where latents hardly ever are; styles w have no such length.

    Args:
        begin: NumPy (N, ...).
        end: NumPy (N, ...).
        times: NumPy (N, 1, ...), or a number.
    """
    return begin + (end - begin) * times


def slerp(begin, end, times):
    """Returns points on the arcs between vectors (N, d), `begin` at time 0, `end` at time 1.

    (sin((1 - t) a) begin + sin(t a) end) / sin(a), a being the angle between them. Vectors of one
    length keep it all along the arc, so that points between two normal latents stay where latents
    are. (StyleGAN's code scales all points to length 1, which its generator ignores and others do
    not.) Vectors on one line are joined by it.

    Args:
        begin: NumPy (N, d).
        end: NumPy (N, d).
        times: NumPy (N, 1), or a number.

    Reference: Shoemake, "Animating Rotation with Quaternion Curves", 1985.
    """
    lengths = np.linalg.norm(begin, axis=-1) * np.linalg.norm(end, axis=-1)
    cosines = (begin * end).sum(axis=-1) / np.maximum(lengths, np.finfo("float64").tiny)
    angles = np.arccos(cosines.clip(-1, 1))[:, None]
    # Nor has a vector of length 0 a direction to turn from.
    sines = np.where(lengths[:, None] > 0, np.sin(angles), 0.0)
    arcs = (np.sin((1 - times) * angles) * begin + np.sin(times * angles) * end) / np.where(
        sines < STRAIGHT, 1.0, sines
    )
    return np.where(sines < STRAIGHT, lerp(begin, end, times), arcs)


WAYS = {"slerp": slerp, "lerp": lerp}
"""How to go from one latent to the next, by name."""


def interpolate(*keys, steps=16, way="slerp", closed=False):
    """Returns latents on a path from key to key.

    Args:
        *keys: Two latents (d,) or more; or styles (layers, d), which take `way="lerp"`.
        steps: Latents from one key to the next, both included, at least 2. Default: 16.
        way: "slerp" for latents, along arcs, or "lerp", along straight lines. Default: "slerp".
        closed: Whether the path goes on from the last key to the first, so that it can be shown in
            a loop. Default: False.

    Returns:
        NumPy float32 (n, d): the keys are in it exactly, each once. n is (keys - 1)(steps - 1) + 1,
        or keys (steps - 1) if the path is closed.

    Raises:
        InputError: If there are fewer than two keys, their shapes differ, or an argument is out of
            range.

    Example:
        >>> a, b = np.random.default_rng(0).normal(size=(2, 64))
        >>> images = gan(interpolate(a, b, steps=9))
    """
    check_whole_numbers(2, steps=steps)
    if way not in WAYS:
        raise InputError(f'`way` is "slerp" or "lerp". Received: {way!r}.')
    keys = [np.asarray(key, "float64") for key in keys]
    shapes = [key.shape for key in keys]
    if len(keys) < 2 or len(set(shapes)) > 1 or keys[0].ndim not in (1, 2):
        raise InputError(
            "A path goes between two latents (d,) or more, all of one size. Received: "
            f"{len(keys)} of the shapes {', '.join(map(str, dict.fromkeys(shapes))) or 'none'}."
        )
    if way == "slerp" and keys[0].ndim != 1:
        raise InputError(
            'Styles are joined by straight lines, `way="lerp"`. '
            f"Received: slerp and the shape {shapes[0]}."
        )
    ends = keys[1:] + keys[:1] if closed else keys[1:]
    times = np.linspace(0, 1, steps)[:-1].reshape(-1, *[1] * keys[0].ndim)
    parts = []
    for begin, end in zip(keys, ends, strict=closed):
        repeated = [np.repeat(key[None], len(times), axis=0) for key in (begin, end)]
        parts.append(WAYS[way](*repeated, times))
        parts[-1][0] = begin  # No rounding at the keys.
    if not closed:
        parts.append(keys[-1][None])
    return np.concatenate(parts).astype("float32")


def grid(corners, rows, columns, way="slerp"):
    """Returns latents on a surface between four corners.

    Args:
        corners: Four latents (d,): top left, top right, bottom left, bottom right.
        rows: Latents from top to bottom, at least 2.
        columns: Latents from left to right, at least 2.
        way: See `interpolate`. Default: "slerp".

    Returns:
        NumPy float32 (rows, columns, d).

    Raises:
        InputError: If there are not four corners, or as `interpolate` does.
    """
    if len(corners) != 4:
        raise InputError(f"A grid has four corners. Received: {len(corners)}.")
    check_whole_numbers(2, rows=rows, columns=columns)
    top_left, top_right, bottom_left, bottom_right = corners
    left = interpolate(top_left, bottom_left, steps=rows, way=way)
    right = interpolate(top_right, bottom_right, steps=rows, way=way)
    lines = [interpolate(a, b, steps=columns, way=way) for a, b in zip(left, right, strict=True)]
    return np.stack(lines)
