"""The methods by name: a table that can be read without importing TensorFlow."""

import dataclasses
import difflib

from keras_gans.errors import InputError

LARGE = 48
"""Images from this side on have settings of their own."""

FEW = 5000
"""Fewer images are learned by heart by the time that large networks need."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the command sets for minutes of training; `compile()`, as the papers, for hours.

    Attributes:
        rate: Learning rate of all players, or "paper" for the paper's optimizers.
        betas: Adam's decay rates that go with it, or None for the paper's.
        batch_size: Images in a batch.
        options: Arguments of the model's class.
    """

    rate: float | str = 1e-3
    betas: tuple | None = None
    batch_size: int = 64
    options: dict = dataclasses.field(default_factory=dict)


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
        small: `Settings` of points and of images below 48 pixels.
        large: `Settings` of other images, or None for the same.
        few: Whether fewer than `FEW` images are augmented, unless one says otherwise, as the
            method's authors do. A DCGAN of few faces gains from ADA in as many steps and loses by
            DiffAugment, one of few emoji loses: see benchmarks/README.md.
        tiny: Arguments that make its networks tiny, for tests.
    """

    class_name: str
    module: str
    summary: str
    paper: str
    data: str = "images"
    small: Settings = Settings()
    large: Settings | None = None
    few: bool = False
    tiny: dict = dataclasses.field(default_factory=lambda: {"filters": 4})

    def settings(self, side):
        """Returns the `Settings` for images of a side in pixels; of points it is 2."""
        return self.large if side >= LARGE and self.large else self.small


# Measured side by side at equal time. StyleGAN2's Adam is nearer to the data after the same number
# of steps than the paper's, whose momentum is 0.5. R3GAN's loss and its two penalties learn large
# images better than the paper's, see benchmarks/candidates.py.
DCGAN = {
    "small": Settings(2e-3, (0.0, 0.99)),
    "large": Settings(1e-3, (0.0, 0.99), 32, {"loss": "relativistic"}),
}

METHODS = {
    "gan": Method(
        "GAN",
        "gan",
        "fully connected, non-saturating loss",
        "Goodfellow 2014",
        small=Settings(2e-4),
        tiny={},
    ),
    "conditional_gan": Method(
        "ConditionalGAN",
        "conditional_gan",
        "both players see the label",
        "Mirza 2014",
        data="labelled",
        **DCGAN,
    ),
    "dcgan": Method(
        "DCGAN", "dcgan", "convolutions and batch normalisation", "Radford 2016", **DCGAN
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
    "progressive_gan": Method(
        "ProgressiveGAN",
        "progressive_gan",
        "grows from 4 pixels, Wasserstein loss, gradient penalty",
        "Karras 2018",
        small=Settings("paper", batch_size=32),
        tiny={"filters": 4, "max_filters": 8, "fade_images": 4, "stable_images": 16},
    ),
    "stylegan": Method(
        "StyleGAN",
        "stylegan",
        "styles and noise at every layer",
        "Karras 2019",
        small=Settings("paper", batch_size=32),
        tiny={
            "filters": 4,
            "max_filters": 8,
            "mapping_layers": 2,
            "fade_images": 4,
            "stable_images": 16,
        },
    ),
    "stylegan2": Method(
        "StyleGAN2",
        "stylegan2",
        "styles, modulated kernels, smooth paths",
        "Karras 2020",
        few=True,
        small=Settings("paper", batch_size=32),
        large=Settings(
            5e-3,
            (0.0, 0.99),
            16,
            {
                "loss": "relativistic",
                "gamma": 1,
                "path_weight": 0,
                "mixing": 0,
                "max_filters": 256,
                "half_sizes": 9,
                "bounded": True,
            },
        ),
        tiny={"filters": 4, "max_filters": 8, "mapping_layers": 2, "path_every": 2},
    ),
    "acgan": Method(
        "ACGAN", "acgan", "the discriminator classifies", "Odena 2017", data="labelled"
    ),
    "infogan": Method(
        "InfoGAN",
        "infogan",
        "codes that can be read from the image, no labels",
        "Chen 2016",
        tiny={"filters": 4, "noise_dim": 3, "categories": (3,), "continuous": 1},
    ),
    "projection_gan": Method(
        "ProjectionGAN",
        "projection_gan",
        "labels as a product, residual networks",
        "Miyato 2018",
        data="labelled",
        small=Settings(1e-3, (0.0, 0.9), 32, {"filters": 16, "discriminator_steps": 1}),
        tiny={"filters": 4, "max_filters": 4, "discriminator_steps": 1, "attention": 8},
    ),
    "cycle_gan": Method(
        "CycleGAN",
        "cycle_gan",
        "two translators and back again, no pairs",
        "Zhu 2017",
        data="unpaired",
        small=Settings(2e-4, batch_size=1),
        tiny={"filters": 4, "blocks": 1, "depth": 1},
    ),
    "pix2pix": Method(
        "Pix2Pix",
        "pix2pix",
        "a translator learned from pairs",
        "Isola 2017",
        data="pairs",
        small=Settings(2e-4, batch_size=1),
        tiny={"filters": 2, "depth": 3, "noisy": 1, "patch_depth": 1},
    ),
    "gaugan": Method(
        "GauGAN",
        "gaugan",
        "label maps become images, with a style",
        "Park 2019",
        data="pairs",
        small=Settings("paper", batch_size=4),
        tiny={
            "labels": 5,
            "latent_dim": 4,
            "filters": 2,
            "doublings": 1,
            "blocks": 0,
            "hidden": 4,
            "patch_depth": 1,
            "scales": 1,
        },
    ),
    "vae": Method("VAE", "vae", "variational autoencoder, no GAN", "Kingma 2014"),
}


def get(name):
    """Returns the method of a name, see `key`."""
    return METHODS[key(name)]


def key(name):
    """Returns the table's name of a method; case, hyphens and underscores do not matter.

    Raises:
        InputError: If there is none; the message has the nearest names.
    """
    plain = {key.replace("_", ""): key for key in METHODS}
    wanted = name.lower().replace("-", "").replace("_", "")
    if wanted in plain:
        return plain[wanted]
    near = difflib.get_close_matches(wanted, plain, n=3, cutoff=0.5)
    near = [plain[key] for key in near] or list(METHODS)
    raise InputError(
        f"A model is one of those that `keras-gans list` shows, such as {', '.join(near)}. "
        f"Received: {name!r}."
    )
