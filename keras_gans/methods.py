"""The methods by name: a table that can be read without importing TensorFlow."""

import dataclasses
import difflib

from keras_gans.errors import InputError


@dataclasses.dataclass(frozen=True)
class Method:
    """One method of the zoo.

    Attributes:
        class_name: Name of the model class, public in `keras_gans`.
        module: Module in `keras_gans.models` that holds it: the method's file.
        summary: What sets it apart, in a few words.
        paper: First author and year.
        data: What it trains on: "images", "labelled" images, "unpaired" images of two domains, or
            "pairs" of images.
        rate: Learning rate of all players for minutes of training, the command's default. The
            papers' rates, `compile()`'s, are for hours.
        betas: Adam's decay rates that go with it, or None for the paper's.
        tiny: Arguments that make its networks tiny, for tests.
    """

    class_name: str
    module: str
    summary: str
    paper: str
    data: str = "images"
    rate: float = 1e-3
    betas: tuple | None = None
    tiny: dict = dataclasses.field(default_factory=lambda: {"filters": 4})


METHODS = {
    "gan": Method(
        "GAN", "gan", "fully connected, non-saturating loss", "Goodfellow 2014", rate=2e-4, tiny={}
    ),
    "conditional_gan": Method(
        "ConditionalGAN",
        "conditional_gan",
        "both players see the label",
        "Mirza 2014",
        data="labelled",
    ),
    # StyleGAN2's Adam: after the same number of steps it is nearer to the data than the paper's,
    # whose momentum is 0.5.
    "dcgan": Method(
        "DCGAN",
        "dcgan",
        "convolutions and batch normalisation",
        "Radford 2016",
        rate=2e-3,
        betas=(0.0, 0.99),
    ),
    "lsgan": Method("LSGAN", "lsgan", "least squares loss", "Mao 2017"),
    "sngan": Method("SNGAN", "sngan", "hinge loss, spectral normalisation", "Miyato 2018"),
    "wgan": Method(
        "WGAN",
        "wgan",
        "Wasserstein loss, clipped weights",
        "Arjovsky 2017",
        tiny={"filters": 4, "discriminator_steps": 2},
    ),
    "wgan_gp": Method(
        "WGANGP",
        "wgan_gp",
        "Wasserstein loss, gradient penalty",
        "Gulrajani 2017",
        tiny={"filters": 4, "discriminator_steps": 2},
    ),
    "dragan": Method("DRAGAN", "dragan", "gradient penalty around the data", "Kodali 2017"),
    "r3gan": Method(
        "R3GAN", "r3gan", "relativistic loss, R1 + R2, residual", "Huang 2024", tiny={"width": 4}
    ),
    "acgan": Method(
        "ACGAN", "acgan", "the discriminator classifies", "Odena 2017", data="labelled"
    ),
    "vae": Method("VAE", "vae", "variational autoencoder, no GAN", "Kingma 2014"),
}


def get(name):
    """Returns the method of a name; case, hyphens and underscores do not matter.

    Raises:
        InputError: If there is none; the message has the nearest names.
    """
    plain = {key.replace("_", ""): key for key in METHODS}
    wanted = name.lower().replace("-", "").replace("_", "")
    if wanted in plain:
        return METHODS[plain[wanted]]
    near = difflib.get_close_matches(wanted, plain, n=3, cutoff=0.5)
    near = [plain[key] for key in near] or list(METHODS)
    raise InputError(
        f"A model is one of those that `keras-gans list` shows, such as {', '.join(near)}. "
        f"Received: {name!r}."
    )
