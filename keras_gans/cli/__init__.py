"""The `keras-gans` command: thin, it calls the library.

TensorFlow is imported by the sub-commands that work, not to show help or to find a typing error.
"""

import argparse
import sys
import warnings

from keras_gans.cli.environment import quiet_and_quick
from keras_gans.errors import InputError


def main(argv=None):
    """Runs the command and returns its exit code: 0, 2 for input that cannot be used.

    Args:
        argv: List of words after `keras-gans`. Default: those of the process.
    """
    arguments = _parser().parse_args(argv)
    quiet_and_quick()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            arguments.run(arguments)
    except InputError as error:
        print(f"keras-gans: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nkeras-gans: stopped.", file=sys.stderr)
        return 130
    return 0


def _warn(message, *where):
    print(f"Warning: {message}", file=sys.stderr)


def _parser():
    parser = argparse.ArgumentParser(
        prog="keras-gans", description="Trains GANs and makes images with them."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    add = commands.add_parser("list", help="show the methods and the data sets")
    add.set_defaults(run=_list)

    add = commands.add_parser("train", help="train a method on images")
    add.add_argument("model", help="a method that `keras-gans list` shows")
    add.add_argument("--data", required=True, help="a named set, a folder of images or an .npz")
    add.add_argument("--data-dir", help="where the files of a named set are")
    add.add_argument("--image-size", type=int, metavar="N", help="default: the images' own, or 64")
    add.add_argument("--channels", type=int, choices=(1, 3), help="convert to grey or colour")
    add.add_argument("--flip", action="store_true", help="mirror half of the images")
    add.add_argument("--skip-bad-images", action="store_true", help="leave out unreadable files")
    add.add_argument(
        "--no-cache", action="store_true",
        help="read the images of a folder or a pack again in every epoch, if memory is too small",
    )  # fmt: skip
    add.add_argument("--epochs", type=int, metavar="N", help="passes over the data")
    add.add_argument("--steps", type=int, metavar="N", help="generator updates, default 5000")
    add.add_argument("--minutes", type=float, metavar="M", help="minutes of training")
    add.add_argument("--batch-size", type=int, default=64, metavar="B", help="default 64")
    add.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    add.add_argument(
        "--learning-rate", type=_rate, metavar="R",
        help='a number, or "paper" for its optimizers; default one that suits minutes of training',
    )  # fmt: skip
    precisions = ("float32", "mixed_bfloat16", "mixed_float16")
    add.add_argument("--precision", choices=precisions, default="float32")
    add.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="options",
        help="an argument of the model's class, such as filters=32; may be repeated",
    )  # fmt: skip
    add.add_argument(
        "--strategy", choices=("none", "mirrored", "multi_worker", "tpu"), default="none",
        help="train on many devices; the batch size is that of all together",
    )  # fmt: skip
    add.add_argument(
        "--sync-batch-norm", action="store_true",
        help="batch normalisation over the batches of all devices together",
    )  # fmt: skip
    add.add_argument("-o", "--output", metavar="DIR", help="default runs/MODEL-DATA")
    add.add_argument("--resume", action="store_true", help="go on with the run in the folder")
    add.add_argument(
        "--checkpoint-steps", type=int, metavar="N",
        help="steps from one checkpoint to the next; default: every 5 minutes",
    )  # fmt: skip
    add.add_argument(
        "--retries", type=int, default=0, metavar="N",
        help="times to go on at half the learning rates after numbers that blow up, default 0",
    )  # fmt: skip
    add.add_argument(
        "--deterministic", action="store_true", help="equal seeds give equal runs bit for bit"
    )
    add.set_defaults(run=_train)

    add = commands.add_parser("data", help="prepare images")
    add = add.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "pack", help="write many image files to a few large ones, which are read faster"
    )
    add.add_argument("source", help="a folder of images, a named set or an .npz")
    add.add_argument("--image-size", type=int, metavar="N", help="default: the images' own")
    add.add_argument("--channels", type=int, choices=(1, 3), help="convert to grey or colour")
    add.add_argument("--skip-bad-images", action="store_true", help="leave out unreadable files")
    add.add_argument("--images-per-shard", type=int, default=10_000, metavar="N", help="10000")
    add.add_argument("-o", "--output", required=True, metavar="DIR", help="a new folder")
    add.set_defaults(run=_pack)

    add = commands.add_parser("sample", help="make images with a trained model")
    add.add_argument("model", help="a run folder, a .keras file or a SavedModel")
    add.add_argument("-n", "--count", type=int, default=64, metavar="N", help="default 64")
    add.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    add.add_argument("--labels", type=int, nargs="+", metavar="K", help="one class, or N of them")
    add.add_argument(
        "-o", "--output", default="grid.png", metavar="PATH",
        help="a picture for a grid, an .npz for arrays, or a folder; default grid.png",
    )  # fmt: skip
    add.set_defaults(run=_sample)

    add = commands.add_parser("evaluate", help="score a generator against real images")
    add.add_argument(
        "run_folder", metavar="RUN", help="what `sample` takes, or a folder or .npz of images"
    )
    add.add_argument("--data", required=True, help="a named set, a folder of images or an .npz")
    add.add_argument("--data-dir", help="where the files of a named set are")
    add.add_argument("--split", help="train (default), test or all")
    add.add_argument("--skip-bad-images", action="store_true", help="leave out unreadable files")
    add.add_argument(
        "--metrics", nargs="+", default=["fid", "kid", "prdc"], metavar="NAME",
        help="fid, kid, is, prdc, swd, ms_ssim, class_balance, memorization, ppl; "
        "default fid kid prdc",
    )  # fmt: skip
    add.add_argument(
        "--embedder", metavar="E",
        help="digits, fashion_mnist, FILE.keras, inception or inception=FILE; default: the data's "
        "own classifier, or else inception",
    )  # fmt: skip
    add.add_argument("--num-images", type=int, default=10_000, metavar="N", help="default 10000")
    add.add_argument("--batch-size", type=int, default=256, metavar="B", help="default 256")
    add.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    add.add_argument("-o", "--output", metavar="DIR", help="default: the run folder")
    add.set_defaults(run=_evaluate)

    add = commands.add_parser("compare", help="put the scores of runs side by side")
    add.add_argument("runs", nargs="+", metavar="RUN", help="folders that `evaluate` wrote to")
    add.set_defaults(run=_compare)

    add = commands.add_parser("train-embedder", help="train a classifier to score images with")
    add.add_argument("--data", required=True, help="a labelled set, a folder of classes or an .npz")
    add.add_argument("--data-dir", help="where the files of a named set are")
    add.add_argument("--image-size", type=int, metavar="N", help="default: the images' own, or 64")
    add.add_argument("--channels", type=int, choices=(1, 3), help="convert to grey or colour")
    add.add_argument("--skip-bad-images", action="store_true", help="leave out unreadable files")
    add.add_argument("--epochs", type=int, metavar="N", help="default: what makes 4000 steps")
    add.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    add.add_argument("-o", "--output", required=True, metavar="FILE", help="a new .keras file")
    add.set_defaults(run=_train_embedder)

    add = commands.add_parser("hype", help="ask people which images are real")
    add.add_argument("model", nargs="?", help="what `sample` takes, or a folder or .npz of images")
    add.add_argument("--data", help="the real images: a named set, a folder or an .npz")
    add.add_argument("--data-dir", help="where the files of a named set are")
    add.add_argument("--skip-bad-images", action="store_true", help="leave out unreadable files")
    add.add_argument(
        "-n", "--count", type=int, default=50, metavar="N",
        help="so many real and so many generated images, default 50",
    )  # fmt: skip
    add.add_argument("--seconds", type=float, metavar="S", help="time per image, default no limit")
    add.add_argument("--seed", type=int, default=0, metavar="S", help="default 0")
    add.add_argument(
        "-o", "--output", default="hype.html", metavar="PATH", help="the page, default hype.html"
    )
    add.add_argument(
        "--answers", nargs="+", metavar="FILE", help="print the error rates of saved answers"
    )
    add.set_defaults(run=_hype)

    add = commands.add_parser("export", help="write a trained generator for other programs")
    add.add_argument("model", help="a run folder or a .keras file")
    add.add_argument("--format", choices=("savedmodel", "onnx", "litert"), default="savedmodel")
    add.add_argument("-o", "--output", required=True, metavar="PATH")
    add.set_defaults(run=_export)
    return parser


def _rate(word):
    if word == "paper":
        return word
    rate = float(word)
    if rate <= 0:
        raise ValueError
    return rate


def _list(arguments):
    from keras_gans.cli.listing import show

    show()


def _train(arguments):
    from keras_gans.cli.train import train

    train(arguments)


def _pack(arguments):
    from keras_gans.cli.data import pack

    pack(arguments)


def _sample(arguments):
    from keras_gans.cli.sample import sample

    sample(arguments)


def _evaluate(arguments):
    from keras_gans.cli.evaluate import evaluate

    evaluate(arguments)


def _compare(arguments):
    from keras_gans.cli.compare import compare

    compare(arguments)


def _train_embedder(arguments):
    from keras_gans.cli.train_embedder import train_embedder

    train_embedder(arguments)


def _hype(arguments):
    from keras_gans.cli.hype import hype

    hype(arguments)


def _export(arguments):
    from keras_gans.cli.export import export

    export(arguments)
