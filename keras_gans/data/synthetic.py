"""Data whose modes and factors are known exactly, so that what a GAN misses can be counted."""

import numpy as np
from PIL import Image, ImageDraw

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError

MODE_STD = {"ring": 0.05, "grid": 0.025}
SHAPE_NAMES = ("circle", "square", "triangle")
COLOR_NAMES = ("red", "green", "blue", "yellow", "magenta", "cyan")
LOOKS = ("plain", "striped", "outlined")
SCENE_LABELS = ("sky", "meadow", "sun", "house", "tree")
SCENE_STYLES = ("day", "dusk", "winter")
_SCENE_RGB = {
    "day": ((130, 190, 250), (110, 190, 90), (255, 225, 60), (220, 90, 70), (30, 110, 50)),
    "dusk": ((70, 40, 110), (80, 70, 60), (255, 120, 40), (130, 50, 70), (40, 50, 70)),
    "winter": ((200, 215, 225), (240, 245, 250), (250, 240, 200), (150, 110, 90), (90, 130, 120)),
}
COLOR_RGB = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255))
_SUPERSAMPLING = 4


def mode_centers(name):
    """Returns the centres of a mixture of Gaussians.

    Args:
        name: "ring" (8 centres on the circle of radius 1, the first at (1, 0), then
            anticlockwise) or "grid" (25 centres on the 5 x 5 grid from -1 to 1 with spacing
            0.5, row by row from the bottom left). Their standard deviations are
            `MODE_STD[name]`: 0.05 and 0.025.

    Returns:
        `float32` array of shape (K, 2).

    Raises:
        InputError: If the name is another one.

    Example:
        >>> mode_centers("ring").shape
        (8, 2)
    """
    if name == "ring":
        angles = 2 * np.pi * np.arange(8) / 8
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    if name == "grid":
        steps = np.linspace(-1, 1, 5)
        return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2).astype(np.float32)
    raise InputError(f'The mixture must be "ring" or "grid". Received: {name!r}')


def gaussian_mixture(name, count, seed=0):
    """Draws points from a mixture of equally likely, round Gaussians.

    Args:
        name: "ring" or "grid"; see `mode_centers`.
        count: Number of points, at least 1.
        seed: Whole number of at least 0; the same seed gives the same points. Default: 0.

    Returns:
        `(points, labels)`: `float32` array (count, 2) and `int32` array (count,), the index of
        each point's centre in `mode_centers(name)`.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> points, labels = gaussian_mixture("grid", 1000)
        >>> points.shape, labels.max()
        ((1000, 2), 24)
    """
    centers = mode_centers(name)
    check_whole_numbers(count=count)
    check_whole_numbers(least=0, seed=seed)
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(centers), size=count, dtype=np.int32)
    noise = rng.standard_normal((count, 2), dtype=np.float32)
    return centers[labels] + np.float32(MODE_STD[name]) * noise, labels


def shapes(count, image_size=32, seed=0, look="plain"):
    """Draws one coloured shape on black in every image.

    All factors are independent and uniform; every shape lies inside the image.

    Args:
        count: Number of images, at least 1.
        image_size: Side of the images in pixels, at least 1. Default: 32.
        seed: Whole number of at least 0; the same seed gives the same images. Default: 0.
        look: "plain"; "striped", where eight vertical stripes across the image are white within the
            shape; or "outlined", where only the border of the shape has its colour. All else is the
            same, so that they are domains whose true translation is known. Default: "plain".

    Returns:
        `(images, factors)`: `uint8` array (count, image_size, image_size, 3) and a dict of
        arrays (count,): `shape` (`int32` index into `SHAPE_NAMES`), `color` (`int32` index into
        `COLOR_NAMES`), `x`, `y` (`float32` centre, from the top left) and `radius` (`float32`,
        from 0.15 to 0.3, of the circle around the shape), the last three as fractions of
        `image_size`.

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> images, factors = shapes(100, image_size=16)
        >>> images.shape, sorted(factors)
        ((100, 16, 16, 3), ['color', 'radius', 'shape', 'x', 'y'])
    """
    check_whole_numbers(count=count, image_size=image_size)
    check_whole_numbers(least=0, seed=seed)
    if look not in LOOKS:
        raise InputError(f"`look` is one of {', '.join(LOOKS)}. Received: {look!r}.")
    rng = np.random.default_rng(seed)
    radius = rng.uniform(0.15, 0.3, count)
    factors = {
        "shape": rng.integers(len(SHAPE_NAMES), size=count, dtype=np.int32),
        "color": rng.integers(len(COLOR_NAMES), size=count, dtype=np.int32),
        "x": rng.uniform(radius, 1 - radius).astype(np.float32),
        "y": rng.uniform(radius, 1 - radius).astype(np.float32),
        "radius": radius.astype(np.float32),
    }
    images = np.empty((count, image_size, image_size, 3), np.uint8)
    for index, values in enumerate(zip(*(factors[key].tolist() for key in factors), strict=True)):
        images[index] = _draw(image_size, look, *values)
    return images, factors


def scenes(count, image_size=32, seed=0):
    """Draws simple landscapes: a sun, a house and a tree between sky and meadow.

    Where things are, and the style, which sets all colours, are independent and uniform.

    Args:
        count: Number of images, at least 1.
        image_size: Side of the images in pixels, at least 1. Default: 32.
        seed: Whole number of at least 0; the same seed gives the same images. Default: 0.

    Returns:
        `(maps, images, styles)`: `uint8` label maps (count, image_size, image_size, 1) with indices
        into `SCENE_LABELS`, `uint8` images (count, image_size, image_size, 3), and `int32` indices
        into `SCENE_STYLES` (count,).

    Raises:
        InputError: If an argument is out of its range.

    Example:
        >>> maps, images, styles = scenes(10)
        >>> maps.max(), images.shape
        (4, (10, 32, 32, 3))
    """
    check_whole_numbers(count=count, image_size=image_size)
    check_whole_numbers(least=0, seed=seed)
    rng = np.random.default_rng(seed)
    styles = rng.integers(len(SCENE_STYLES), size=count, dtype=np.int32)
    places = rng.uniform(size=(count, 7))
    maps = np.stack([_draw_scene(image_size, *place) for place in places])
    # The meadow is mown in stripes, so that a label is not one colour alone.
    colors = np.array([_SCENE_RGB[name] for name in SCENE_STYLES])
    images = colors[styles[:, None, None], maps]
    stripes = np.arange(image_size) * 16 // image_size % 2 == 1
    darker = (maps == SCENE_LABELS.index("meadow")) & stripes
    images = np.where(darker[..., None], images * 4 // 5, images)
    return maps[..., None], images.astype(np.uint8), styles


def _draw_scene(side, horizon, sun_x, sun_y, house_x, house_size, tree_x, tree_size):
    picture = Image.new("L", (side, side), SCENE_LABELS.index("sky"))
    draw = ImageDraw.Draw(picture)
    ground = side * (0.55 + 0.25 * horizon)
    center = side * (0.15 + 0.7 * sun_x), side * (0.12 + 0.15 * sun_y)
    draw.circle(center, 0.1 * side, fill=SCENE_LABELS.index("sun"))
    draw.rectangle((0, ground, side, side), fill=SCENE_LABELS.index("meadow"))
    width = side * (0.18 + 0.12 * house_size)
    left, foot = house_x * (side - width), ground + 0.08 * side
    draw.rectangle((left, foot - width, left + width, foot), fill=SCENE_LABELS.index("house"))
    width = side * (0.15 + 0.1 * tree_size)
    left, foot = tree_x * (side - width), ground + 0.14 * side
    corners = [(left, foot), (left + width, foot), (left + width / 2, foot - 1.6 * width)]
    draw.polygon(corners, fill=SCENE_LABELS.index("tree"))
    return np.asarray(picture)


def _draw(image_size, look, shape, color, x, y, radius):
    side = image_size * _SUPERSAMPLING
    picture = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(picture)
    center, radius = (x * side, y * side), radius * side
    paint = {"fill": COLOR_RGB[color]}
    if look == "outlined":
        paint = {"outline": COLOR_RGB[color], "width": side // 16}
    if SHAPE_NAMES[shape] == "circle":
        draw.circle(center, radius, **paint)
    else:
        corners = {"square": 4, "triangle": 3}[SHAPE_NAMES[shape]]
        draw.regular_polygon((center, radius), corners, **paint)
    if look == "striped":
        pixels = np.array(picture)
        stripes = np.arange(side) * 16 // side % 2 == 1
        pixels[pixels.any(axis=-1) & stripes] = 255
        picture = Image.fromarray(pixels)
    return np.asarray(picture.reduce(_SUPERSAMPLING))
