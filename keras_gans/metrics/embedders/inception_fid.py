"""The embedder of FID: the Inception network of 2015 with its own weights."""

from pathlib import Path

import keras
from keras import ops

from keras_gans.errors import InputError
from keras_gans.files import keras_home
from keras_gans.metrics.embedders.base import Embedder, float32_policy
from keras_gans.metrics.embedders.inception_network import inception_network, set_weights
from keras_gans.metrics.embedders.resize import check_mode, resize
from keras_gans.metrics.embedders.state_dict import file_sha256, read_state_dict

ENDING = "-6726825d.pth"
FILE = f"pt_inception-2015-12-05{ENDING}"
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


class InceptionV3FID(Embedder):
    """Features and logits of the 2015 Inception, on which papers report FID, KID and IS.

    2,048 features, the last pool's, and 1,008 logits. The logits lack the bias, as in the original
    inception score and in torch-fidelity's `logits_unbiased`.

    Args:
        weights: Path of a PyTorch state dict with pytorch-fid's keys. PyTorch is not needed and no
            code in the file is run. A file whose name ends in the official one's
            "-6726825d.pth" must be that file; any other name is read without this check, and its
            scores are comparable with papers' only if the content is the official one's. None
            (default): the official file in the folder `models` of the Keras cache, downloaded if
            it is not there.
        resize: The tool whose way to 299x299 pixels is taken: "torch_fidelity" (default), "clean"
            or "pytorch_fid", see `keras_gans.metrics.embedders.resize`. The network's input is
            (x - 128) / 128, and x / 127.5 - 1 with "pytorch_fid", as that tool has it.
        batch_size: Images in a batch. Default: 32.

    Raises:
        InputError: If an argument is out of its range, the file cannot be found, downloaded or
            read, it is not the one that its name says, or an array in it is missing or has another
            shape.

    Example:
        >>> embed = InceptionV3FID("pt_inception-2015-12-05-6726825d.pth")
        >>> embed(images).shape
        (64, 2048)

    Reference: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017, section 2, with
    the weights that pytorch-fid converted from TensorFlow's.
    """

    def __init__(self, weights=None, resize="torch_fidelity", batch_size=32):
        check_mode(resize)
        path = _download() if weights is None else Path(weights)
        state = read_state_dict(path)
        sha256 = file_sha256(path)
        if path.name.endswith(ENDING) and sha256 != SHA256:
            raise InputError(
                f"A file named ...{ENDING} must have the SHA-256 {SHA256}; give other weights "
                f"another name. Received: {path}, SHA-256 {sha256}."
            )
        with float32_policy():
            self.network = inception_network()
        try:
            set_weights(self.network, state)
        except InputError as error:
            raise InputError(
                "A weights file must hold the 2015 Inception with pytorch-fid's keys. "
                f"Received: {path}, SHA-256 {sha256}: {error}"
            ) from error
        super().__init__(
            "InceptionV3 of 2015",
            2048,
            num_classes=1008,
            resize=resize,
            weights_sha256=sha256,
            comparable_with_papers=sha256 == SHA256,
            batch_size=batch_size,
        )

    def forward(self, images):
        """See `Embedder`."""
        pixels = resize(ops.cast(images, "float32"), self.resize)
        scaled = pixels / 127.5 - 1 if self.resize == "pytorch_fid" else (pixels - 128) / 128
        return self.network(scaled, training=False)


def _download():
    """Returns the official file in the Keras cache."""
    cache = keras_home()
    try:
        return Path(
            keras.utils.get_file(
                FILE, URL, cache_subdir="models", file_hash=SHA256, cache_dir=cache
            )
        )
    # Keras raises a plain Exception if there is no network.
    except Exception as error:
        raise InputError(
            f"The weights of the 2015 Inception must be in the Keras cache, as "
            f"{cache / 'models' / FILE}, or the network must reach {URL}; or pass the file as "
            f"`weights` (`--embedder inception=FILE`). Received: {error}."
        ) from error
