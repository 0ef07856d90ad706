"""The words of the `keras-gans` command: its sub-commands, their options and defaults."""

import argparse
import math
import re
import sys

from keras_gans.checks import MAX_SEED
from keras_gans.errors import InputError
from keras_gans.metrics.entries import METRICS

A_SOURCE = "a named set, a folder of images or an .npz"
OWN_SIZE = "the images' own"
OWN_SIZE_OR_64 = "the images' own, or 64"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are those of any other input: one sentence."""

    def error(self, message):
        """Raises InputError with the message and where to read more."""
        raise InputError(f"{message.rstrip('.')}; see `{self.prog} --help`.")


def make_parser():
    """Returns the parser, whose result has in `run` what to call: module in `cli`:function."""
    parser = Parser(prog="keras-gans", description="Trains GANs and makes images with them.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for name, summary, run, add_options in (
        ("list", "show the methods and the data sets", "listing:print_methods", None),
        ("train", "train a method on images", "train:train", _train),
        ("describe", "say what a method costs on this machine", "describe:describe", _describe),
        ("data", "prepare images", None, _data),
        ("sample", "make images with a trained model", "sample:sample", _sample),
        ("walk", "make a film of a path between random latents", "walk:walk", _walk),
        ("directions", "find how attributes are set in the space of latents", None, _directions),
        ("edit", "make images, and the same with an attribute", "directions:edit", _edit),
        ("invert", "find the latents of images", "invert:invert", _invert),
        ("translate", "bring images to the other domain", "translate:translate", _translate),
        ("evaluate", "score a generator against real images", "evaluate:evaluate", _evaluate),
        ("compare", "put the scores of runs side by side", "compare:compare", _compare),
        (
            "train-embedder",
            "train a classifier to score images with",
            "train_embedder:train_embedder",
            _train_embedder,
        ),
        ("audit", "say whom the samples leave out", "audit:audit", _audit),
        ("hype", "ask people which images are real", "hype:hype", _hype),
        ("export", "write a trained generator for other programs", "export:export", _export),
    ):
        command = commands.add_parser(name, help=summary)
        command.set_defaults(run=run)
        if add_options:
            add_options(command)
    return parser


def _train(command):
    command.add_argument(
        "model", nargs="?", metavar="METHOD",
        help="one that `keras-gans list` shows; default: what suits the data",
    )  # fmt: skip
    _add_source(command, required=False, size=OWN_SIZE_OR_64)
    for domain in "ab":
        command.add_argument(
            f"--data-{domain}", metavar="DATA",
            help=f"in place of --data the images of domain {domain}, for cycle_gan",
        )  # fmt: skip
    command.add_argument(
        "--pairs", nargs="+", metavar="DATA",
        help="in place of --data two folders with files of the same names, or one folder of "
        "pictures with both sides or with trainA and trainB, for pix2pix and gaugan",
    )  # fmt: skip
    command.add_argument("--swap", action="store_true", help="learn pairs the other way round")
    command.add_argument(
        "--labels", metavar="N|FILE",
        help="of pairs of label maps and images: the number of labels, or a text file with the "
        "colour #rrggbb of each, for gaugan",
    )  # fmt: skip
    command.add_argument("--flip", action="store_true", help="mirror half of the images")
    command.add_argument(
        "--jitter", action="store_true",
        help="enlarge images by 286/256 and crop them at random, for cycle_gan, pix2pix, gaugan",
    )  # fmt: skip
    command.add_argument(
        "--no-cache", action="store_true",
        help="read the images of a folder or a pack again in every epoch, if memory is too small",
    )  # fmt: skip
    command.add_argument("--epochs", type=whole(1), metavar="N", help="passes over the data")
    command.add_argument(
        "--steps", type=whole(1), metavar="N", help="generator updates, default 5000"
    )
    command.add_argument("--minutes", type=positive, metavar="M", help="minutes of training")
    command.add_argument(
        "--batch-size", type=whole(1), metavar="B",
        help="default: what suits the method and the size, from 1 (cycle_gan) to 64 (small images)",
    )  # fmt: skip
    _add_seed(command)
    command.add_argument(
        "--learning-rate", type=rate, metavar="R",
        help='a number, or "paper" for its optimizers, loss and options; default one that suits '
        "minutes of training, with `--from` the trained model's, with `--set preset=` the paper's",
    )  # fmt: skip
    _add_precision(command, " and some minutes")
    _add_set(command)
    command.add_argument(
        "--strategy", choices=("none", "mirrored", "multi_worker", "tpu"), default="none",
        help="train on many devices; the batch size is that of all together",
    )  # fmt: skip
    command.add_argument(
        "--sync-batch-norm", action="store_true",
        help="batch normalisation over the batches of all devices together",
    )  # fmt: skip
    command.add_argument("-o", "--output", metavar="DIR", help="default runs/MODEL-DATA")
    command.add_argument("--resume", action="store_true", help="go on with the run in the folder")
    command.add_argument(
        "--from", dest="start", metavar="RUN",
        help="begin with the weights of a trained model: a run folder or a .keras file",
    )  # fmt: skip
    command.add_argument(
        "--dry-run", action="store_true", help="check data, folder and model, and stop"
    )
    command.add_argument(
        "--checkpoint-steps", type=whole(1), metavar="N",
        help="steps from one checkpoint to the next; default: every 5 minutes, or a tenth of fewer "
        "`--minutes` than 50",
    )  # fmt: skip
    meaning = "how often to go on at half the learning rates when numbers blow up, "
    _add_number(command, "--retries", default=0, least=0, meaning=meaning)
    command.add_argument(
        "--deterministic", action="store_true", help="equal seeds give equal runs bit for bit"
    )


def _describe(command):
    command.add_argument("model", metavar="METHOD", help="one that `keras-gans list` shows")
    _add_image_size(command, "64")
    command.add_argument(
        "--channels", type=whole(1), metavar="C", help="of an image, default: 3, colour"
    )
    command.add_argument(
        "--batch-size", type=whole(1), metavar="B", help="default: that of `train`"
    )
    _add_precision(command)
    _add_set(command)


def _add_set(command):
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="options",
        help="an argument of the model's class, such as filters=32; may be repeated",
    )  # fmt: skip


def _data(command):
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "pack", help="write many image files to a few large ones, which are read faster"
    )
    command.set_defaults(run="data:pack")
    command.add_argument("source", help="a folder of images, a named set or an .npz")
    _add_data_dir(command)
    _add_reading(command, size=OWN_SIZE)
    command.add_argument(
        "--nearest", action="store_true",
        help="resize by taking the nearest pixel, as label maps need it, whose labels must not mix",
    )  # fmt: skip
    _add_number(command, "--images-per-shard", default=10_000)
    command.add_argument("-o", "--output", required=True, metavar="DIR", help="a new folder")


def _sample(command):
    command.add_argument("model", help="a run folder, a .keras file or a SavedModel")
    _add_number(command, "-n", "--count", default=64)
    _add_seed(command)
    command.add_argument(
        "--labels", type=int, nargs="+", metavar="K", help="one class, or N of them"
    )
    _add_truncation(command)
    _add_threshold(command)
    command.add_argument(
        "--no-noise", dest="noise", action="store_false", default=None,
        help="of a stylegan or stylegan2: without the noise of its layers",
    )  # fmt: skip
    command.add_argument(
        "--mix", choices=("coarse", "middle", "fine"),
        help="of a stylegan or stylegan2: a table of N latents crossed with N others, in which "
        "those at the top give the styles of a third of the layers",
    )  # fmt: skip
    command.add_argument(
        "-o", "--output", default="grid.png", metavar="PATH",
        help="a picture for a grid, an .npz for arrays, or a folder; default grid.png",
    )  # fmt: skip


def _walk(command):
    command.add_argument("model", help="a run folder or a .keras file")
    _add_number(command, "--keys", default=8, least=2, meaning="random latents to pass, ")
    meaning = "images from one of them to the next, "
    _add_number(command, "--steps", default=16, least=2, meaning=meaning)
    _add_number(command, "--rate", default=16, meaning="images a second, ")
    _add_seed(command)
    _add_label(command)
    _add_space(command, "z", "w")
    _add_truncation(command)
    command.add_argument(
        "-o", "--output", default="walk.gif", metavar="FILE",
        help="a .gif, or with imageio-ffmpeg an .mp4 or .webm; default walk.gif",
    )  # fmt: skip


def _directions(command):
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("find", help="find directions of attributes")
    command.set_defaults(run="directions:find")
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument(
        "--classifier", required=True, metavar="FILE",
        help=".keras model of attributes, such as train-embedder makes",
    )  # fmt: skip
    command.add_argument(
        "--attributes", required=True, nargs="+", metavar="NAME",
        help="such as glasses, or hair_colour=2 for one of several kinds",
    )  # fmt: skip
    command.add_argument(
        "--keep", nargs="+", default=[], metavar="NAME", help="attributes that are to stay"
    )
    _add_space(command, "z", "w")
    meaning = "samples to learn from, "
    _add_number(command, "-n", "--count", default=5000, least=2, meaning=meaning)
    command.add_argument(
        "--strength", type=positive, default=2.0, metavar="S",
        help="standard deviations to move by in the report, default 2",
    )  # fmt: skip
    _add_label(command)
    _add_seed(command)
    command.add_argument("-o", "--output", metavar="DIR", help="default RUN/directions")
    command = commands.add_parser("list", help="show the directions of a run")
    command.set_defaults(run="directions:list_")
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument("-o", "--output", metavar="DIR", help="default RUN/directions")


def _edit(command):
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument(
        "--direction", required=True, metavar="NAME", help="of `directions find`, or its .npz file"
    )
    command.add_argument(
        "--strength", type=finite, default=2.0, metavar="S",
        help="standard deviations to move by, default 2",
    )  # fmt: skip
    command.add_argument(
        "--classifier", metavar="FILE",
        help=".keras model of attributes: move each image only until it is seen, at most by S",
    )  # fmt: skip
    _add_number(command, "-n", "--count", default=8)
    command.add_argument(
        "--latents", metavar="FILE",
        help="latents.npz of `invert`, whose images are edited in place of samples",
    )  # fmt: skip
    _add_label(command)
    _add_seed(command)
    command.add_argument(
        "-o", "--output", default="edit.png", metavar="FILE", help="a picture, default edit.png"
    )


def _invert(command):
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument("images", nargs="+", metavar="IMAGE", help="image files")
    _add_space(command, "z", "w", "w+")
    _add_number(command, "--steps", default=400, least=3)
    _add_number(command, "--starts", default=16, meaning="places to begin at, ")
    command.add_argument(
        "--encoder", metavar="FILE",
        help=".keras encoder whose guess is one more place to begin at; without such a file it is "
        "trained on samples and written there",
    )  # fmt: skip
    _add_number(command, "--encoder-steps", default=2000, meaning="of its training, ")
    _add_label(command)
    _add_seed(command)
    command.add_argument(
        "-o", "--output", default="inverted", metavar="DIR", help="a new folder, default inverted"
    )


def _translate(command):
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument("images", nargs="+", metavar="INPUT", help="image files and folders")
    command.add_argument("--to", choices=("a", "b"), default="b", help="domain, default b")
    command.add_argument(
        "--seed",
        type=whole(0, MAX_SEED),
        metavar="S",
        help="noise of a pix2pix or gaugan, default none",
    )
    _add_number(command, "--tile", default=512, meaning="side of a tile of large images, ")
    command.add_argument("-o", "--output", required=True, metavar="DIR", help="a new folder")


def _evaluate(command):
    command.add_argument(
        "run_folder", metavar="RUN", help="what `sample` takes, or a folder or .npz of images"
    )
    _add_source(command)
    command.add_argument(
        "--image-size", type=image_size, metavar="N|WxH",
        help="of a folder or .npz of images that is scored: the side in pixels, or width and "
        f"height such as 96x64, that they and those of --data get; default: {OWN_SIZE}",
    )  # fmt: skip
    command.add_argument("--split", help="train (default), test or all")
    command.add_argument(
        "--metrics", nargs="+", default=["fid", "kid", "prdc"], metavar="NAME",
        help=f"{', '.join(METRICS)}; default fid kid prdc",
    )  # fmt: skip
    command.add_argument(
        "--embedder", metavar="E",
        help="digits, fashion_mnist, FILE.keras, inception or inception=FILE; default: the "
        "classifier of the data set if it has one, otherwise inception",
    )  # fmt: skip
    command.add_argument(
        "--inputs", metavar="DATA", help="what a cycle_gan, pix2pix or gaugan is to translate"
    )
    command.add_argument("--to", choices=("a", "b"), help="domain of these, default b")
    command.add_argument(
        "--segmenter", metavar="FILE", help=".keras model that finds label maps, for segmentation"
    )
    _add_number(command, "--num-images", default=10_000, least=2)
    _add_number(command, "--batch-size", metavar="B", default=256)
    _add_seed(command)
    command.add_argument("-o", "--output", metavar="DIR", help="default: the run folder")


def _compare(command):
    command.add_argument("runs", nargs="+", metavar="RUN", help="folders that `evaluate` wrote to")


def _train_embedder(command):
    _add_source(command, "a labelled set, a folder of classes or an .npz", size=OWN_SIZE_OR_64)
    command.add_argument(
        "--epochs", type=whole(1), metavar="N", help="default: what makes 4000 steps"
    )
    command.add_argument(
        "--classes", action="store_true",
        help="learn the labels of an .npz that has attributes too, and not the attributes",
    )  # fmt: skip
    _add_seed(command)
    command.add_argument("-o", "--output", required=True, metavar="FILE", help="a new .keras file")


def _audit(command):
    command.add_argument("model", help="a run folder, a .keras file or a SavedModel")
    command.add_argument(
        "--data", required=True, metavar="FILE",
        help="an .npz with images, attributes and attribute_names",
    )  # fmt: skip
    command.add_argument(
        "--classifier", required=True, metavar="FILE",
        help=".keras model of these attributes, such as train-embedder makes of such a file",
    )  # fmt: skip
    _add_number(command, "-n", "--count", default=5000, least=2, meaning="number of samples, ")
    _add_seed(command)
    _add_truncation(command)
    _add_threshold(command)
    command.add_argument("-o", "--output", metavar="FILE", help="write the findings to a file too")


def _hype(command):
    command.add_argument(
        "model", nargs="?", help="what `sample` takes, or a folder or .npz of images"
    )
    _add_source(command, "the real images: a named set, a folder or an .npz", required=False)
    meaning = "number of images of each kind, "
    _add_number(command, "-n", "--count", default=50, meaning=meaning)
    command.add_argument(
        "--seconds", type=positive, metavar="S", help="time per image, default no limit"
    )
    _add_seed(command)
    command.add_argument(
        "-o", "--output", default="hype.html", metavar="PATH", help="the page, default hype.html"
    )
    command.add_argument(
        "--answers", nargs="+", metavar="FILE", help="print the error rates of saved answers"
    )


def _export(command):
    command.add_argument("model", help="a run folder or a .keras file")
    command.add_argument(
        "--format", choices=("savedmodel", "onnx", "litert"),
        help="default: onnx if PATH ends in .onnx, litert if in .tflite, otherwise savedmodel",
    )  # fmt: skip
    command.add_argument("-o", "--output", required=True, metavar="PATH")


def _add_source(command, data=A_SOURCE, required=True, size=None):
    command.add_argument("--data", required=required, help=data)
    _add_data_dir(command)
    _add_reading(command, size)


def _add_data_dir(command):
    command.add_argument("--data-dir", help="where the files of a named set are")


def _add_reading(command, size):
    """Adds how images are read, with their size unless its default is None."""
    if size:
        _add_image_size(command, size)
        command.add_argument(
            "--channels", type=int, choices=(1, 3, 4), help="grey, colour, or with transparency"
        )
    command.add_argument(
        "--skip-bad-images", action="store_true", help="leave out unreadable files"
    )


def _add_image_size(command, default):
    command.add_argument(
        "--image-size", type=image_size, metavar="N|WxH",
        help=f"side in pixels, or width and height such as 96x64; default: {default}",
    )  # fmt: skip


def _add_precision(command, when=""):
    command.add_argument(
        "--precision", choices=("float32", "mixed_bfloat16", "mixed_float16"),
        help=f"default float32; for images from 48 pixels on{when} mixed_bfloat16, where this "
        "machine is much quicker in it",
    )  # fmt: skip


def _add_truncation(command):
    command.add_argument(
        "--truncation", type=fraction, metavar="PSI",
        help="of a stylegan or stylegan2: styles at this share, 0 to 1, of their way from the mean",
    )  # fmt: skip


def _add_label(command):
    command.add_argument(
        "--label", type=whole(0), metavar="K", help="class, of a conditional model"
    )


def _add_threshold(command):
    command.add_argument(
        "--threshold", type=positive, metavar="T",
        help="draw values of normal latents anew beyond this magnitude: fewer kinds, better images",
    )  # fmt: skip


def _add_space(command, *spaces):
    command.add_argument(
        "--space", choices=spaces, help="default w where there is one, otherwise z"
    )


def _add_seed(command):
    _add_number(command, "--seed", metavar="S", default=0, least=0, most=MAX_SEED)


def _add_number(command, *names, default, metavar="N", meaning="", least=1, most=math.inf):
    command.add_argument(
        *names,
        type=whole(least, most),
        default=default,
        metavar=metavar,
        help=f"{meaning}default {default}",
    )


def whole(least, most=math.inf):
    """Returns a function from a word to the whole number in least..most that it must be."""
    bound = f"of at least {least}" if most == math.inf else f"from {least} to {most}"
    return lambda word: _number(word, int, least, most, f"a whole number {bound}")


def image_size(word):
    """Returns the side that a word like 64 means, or (height, width) of one like 96x64."""
    if re.fullmatch(r"[1-9]\d*(x[1-9]\d*)?", word) is None:
        raise argparse.ArgumentTypeError(
            f"must be a whole number of at least 1, or two such as 96x64. Received: {word!r}"
        )
    width, *height = map(int, word.split("x"))
    return (*height, width) if height else width


def positive(word, rule="a number above 0"):
    """Returns the finite number above 0 that a word must be."""
    return _number(word, float, sys.float_info.min, sys.float_info.max, rule)


def finite(word):
    """Returns the finite number that a word must be."""
    return _number(word, float, -sys.float_info.max, sys.float_info.max, "a finite number")


def fraction(word):
    """Returns the number from 0 to 1 that a word must be."""
    return _number(word, float, 0.0, 1.0, "a number from 0 to 1")


def rate(word):
    """Returns the learning rate that a word must be, or "paper"."""
    return word if word == "paper" else positive(word, 'a number above 0, or "paper"')


def _number(word, kind, least, most, rule):
    try:
        value = kind(word)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"must be {rule}. Received: {word!r}")
    return value
