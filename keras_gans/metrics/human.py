"""How often people mistake generated images for real ones, and the page that asks them."""

import base64
import hashlib
import json
import pathlib
from numbers import Real

import numpy as np

from keras_gans.checks import check_whole_numbers
from keras_gans.errors import InputError
from keras_gans.files import whole_file, writable_folder
from keras_gans.pictures import png

TEMPLATE = pathlib.Path(__file__).with_name("hype.html")
TRUTHS = ("real", "generated")


def hype_page(real_images, fake_images, path, seconds=None, seed=0, title="Real or generated?"):
    """Writes a page that shows real and generated images to a person and asks which is which.

    The page is one HTML file that needs no network. It shows the images one at a time, takes the
    answers by keyboard, mouse or touch, keeps them through a reload, gives the person's
    `human_error_rate` at the end and saves the answers as JSON. The file does not show which images
    are real, but anyone can find out: it is for people who do not cheat.

    Args:
        real_images: NumPy uint8 (N, H, W, C) with C = 1 (grey) or 3 (RGB), N of at least 1.
        fake_images: Generated images, NumPy uint8 of the same shape: another size, or another
            number, would give them away.
        path: The .html file to write. Its folder is made if needed.
        seconds: Seconds for which an image is shown before its pixels are shuffled, above 0. None
            (default): without limit.
        seed: Int, the seed of the order of the images. Default: 0.
        title: Heading of the page.

    Raises:
        InputError: If the images do not fit, `seconds` is not above 0, or the file cannot be
            written.

    Reference: Zhou et al., "HYPE: A Benchmark for Human eYe Perceptual Evaluation of Generative
    Models", 2019. Matched: HYPE_infinity. Ours: the participants are not trained, and
    `seconds` is the same for all images, where HYPE_time adapts it to the answers.
    """
    real_images, fake_images = np.asarray(real_images), np.asarray(fake_images)
    shapes = [real_images.shape, fake_images.shape]
    kinds = [real_images.dtype, fake_images.dtype]
    is_images = len(shapes[0]) == 4 and shapes[0][-1] in (1, 3) and real_images.size > 0
    if not is_images or shapes[0] != shapes[1] or kinds != [np.uint8, np.uint8]:
        raise InputError(
            "Real and generated images must be two uint8 arrays of the same shape (N, H, W, 1) or "
            f"(N, H, W, 3). Received: {kinds[0]} {shapes[0]} and {kinds[1]} {shapes[1]}."
        )
    if seconds is not None and not (isinstance(seconds, Real) and 0 < seconds < np.inf):
        raise InputError(f"`seconds` must be a number above 0. Received: {seconds!r}.")
    check_whole_numbers(least=0, seed=seed)
    path = check_page(path)
    random = np.random.default_rng(seed)
    count = len(real_images)
    order = random.permutation(2 * count)
    images = np.concatenate([real_images, fake_images])[order]
    # One byte for each image, random but for the last bit, so that a look at the source tells
    # nothing.
    key = random.integers(128, size=2 * count) * 2 + (order >= count)
    page = {
        "title": title,
        "seconds": seconds,
        "height": shapes[0][1],
        "width": shapes[0][2],
        "key": base64.b64encode(key.astype("uint8").tobytes()).decode(),
        "images": [base64.b64encode(png(image)).decode() for image in images],
    }
    page["id"] = hashlib.sha256(json.dumps(page).encode()).hexdigest()[:12]
    # "<" is escaped so that no title can end the script element that holds the JSON.
    data = json.dumps(page).replace("<", "\\u003c")
    writable_folder(path.parent)
    with whole_file(path) as file:
        file.write(TEMPLATE.read_text("utf-8").replace("{{page}}", data).encode())


def check_page(path):
    """Returns the path of a page that can be written; raises InputError if it names no such."""
    path = pathlib.Path(path)
    if path.suffix.lower() != ".html" or path.is_dir():
        raise InputError(f"The page must be a file that ends in .html. Received: {str(path)!r}.")
    return path


def human_error_rate(answers, truth=None, resamples=10_000, seed=0):
    """Returns the share of wrong answers, with a 95 % bootstrap interval.

    The rate is over all answers of all participants: 0.5 means that generated images cannot be told
    from real ones, above 0.5 that they look more real than real ones. The interval is from the
    2.5th to the 97.5th percentile of the rates of resamples: as many participants, drawn with
    replacement, and as many answers of each as that person gave, drawn with replacement. It has no
    width if no answer, or every answer, is wrong.

    Args:
        answers: A file that the page of `hype_page` saved, or a list of them, one for each person,
            all from the same page.
        truth: "generated" counts only the generated images, wrong if called real; "real" only the
            real ones, wrong if called generated. None (default): all images.
        resamples: Number of resamples, at least 1. Default: 10,000.
        seed: Int, the seed of the resamples. Default: 0.

    Returns:
        `(rate, low, high)`, floats in [0, 1].

    Raises:
        InputError: If a file does not hold such answers, belongs to another page or is given twice,
            or `truth` or `resamples` is out of its range.

    Example:
        >>> rate, low, high = human_error_rate(["ada.json", "ben.json"])

    Reference: Zhou et al., "HYPE: A Benchmark for Human eYe Perceptual Evaluation of Generative
    Models", 2019, section 3. Ours: the two stages of the bootstrap.
    """
    if truth not in (None, *TRUTHS):
        raise InputError(f'`truth` must be "real", "generated" or None. Received: {truth!r}.')
    check_whole_numbers(resamples=resamples)
    check_whole_numbers(least=0, seed=seed)
    wrong = [
        [said != is_ for is_, said in person if truth in (None, is_)] for person in _read(answers)
    ]
    counts, errors = np.array([(len(person), sum(person)) for person in wrong]).T
    random = np.random.default_rng(seed)
    persons = random.integers(len(wrong), size=(resamples, len(wrong)))
    # Of n answers drawn with replacement, each is wrong with the probability errors / n.
    resampled = random.binomial(counts[persons], (errors / counts)[persons])
    rates = resampled.sum(axis=1) / counts[persons].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(errors.sum() / counts.sum()), float(low), float(high)


def _read(answers):
    """Returns a list of (truth, answer) for each person."""
    paths = [answers] if isinstance(answers, (str, pathlib.Path)) else list(answers)
    if not paths:
        raise InputError("`answers` must name at least one file. Received: none.")
    persons, pages, sessions = [], set(), set()
    for path in paths:
        try:
            saved = json.loads(pathlib.Path(path).read_text("utf-8"))
            pages.add(saved["page"])
            sessions.add(saved["started"])
            persons.append([(answer["truth"], answer["answer"]) for answer in saved["answers"]])
            words = {word for pair in persons[-1] for word in pair}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                "Answers must be a file that the page of `hype_page` saved. "
                f"Received: {str(path)!r} ({type(error).__name__}: {error})."
            ) from error
        if {truth for truth, _ in persons[-1]} != set(TRUTHS) or not words <= set(TRUTHS):
            raise InputError(
                'Answers must be "real" or "generated", on images of both kinds. '
                f"Received: {str(path)!r}."
            )
    names = ", ".join(map(str, paths))
    if len(pages) > 1:
        raise InputError(f"Answers must be of one page to be pooled. Received: {names}.")
    if len(sessions) < len(paths):
        raise InputError(f"Each person's answers may be given only once. Received: {names}.")
    return persons
