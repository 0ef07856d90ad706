import contextlib
import resource


@contextlib.contextmanager
def files_up_to(size):
    """Lets no file grow beyond `size` bytes; writing more then fails as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
