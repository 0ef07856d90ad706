"""What TensorFlow reads from the environment when it starts."""

import os


def quiet_and_quick():
    """Silences TensorFlow's start, and suits its threads to few cores.

    There it is quicker to run operations side by side than to share each one out: those of a
    training step are small, and those of an embedder come from several batches at once.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.cpu_count() <= 4:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", str(os.cpu_count()))
