"""How TensorFlow starts in the command: without its log, and with threads that suit few cores."""

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
import tempfile


@contextlib.contextmanager
def quiet_and_quick():
    """Silences the start of TensorFlow, wherever in the block it comes, and sets its threads.

    On few cores it is quicker to run operations side by side than to split each one up: those of a
    training step are small, and those of an embedder come from several batches at once.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if os.cpu_count() <= 4:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", str(os.cpu_count()))
    finder = _QuietTensorFlow()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _QuietTensorFlow(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as usual, and holds back what is written while it is imported.

    Its libraries write their first lines whatever TF_CPP_MIN_LOG_LEVEL says.
    """

    def find_spec(self, name, path, target=None):
        """Returns TensorFlow's spec, or None for any other module; see `importlib`."""
        spec = (
            importlib.machinery.PathFinder.find_spec(name, path) if name == "tensorflow" else None
        )
        if spec:
            execute = spec.loader.exec_module

            def exec_module(module):
                with stderr_held_back():
                    execute(module)

            spec.loader.exec_module = exec_module
        return spec


@contextlib.contextmanager
def stderr_held_back():
    """Keeps what the process writes to its descriptor 2, and shows it only if the block fails."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except Exception:
            kept.seek(0)
            os.write(shown, kept.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
