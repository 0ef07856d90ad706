"""Metrics that need the model and not only its images."""

from keras_gans.errors import InputError
from keras_gans.metrics.entries.base import Meaning, Metric


class PathLength(Metric):
    """Perceptual path length in z: "ppl"; of a StyleGAN or StyleGAN2 in w too: "ppl_w".

    Over `num_images` paths. The source must be a GAN, since its images alone do not tell their
    latents. See `keras_gans.metrics.perceptual_path_length`.
    """

    name = "ppl"
    meanings = (
        Meaning(
            "ppl",
            "Perceptual path length",
            "low",
            "How abruptly images change as the latent moves; a low value means smooth changes.",
        ),
        Meaning(
            "ppl_w",
            "Perceptual path length in w",
            "low",
            "How abruptly images change as the style moves; a low value means smooth changes.",
        ),
    )
    needs = frozenset({"embedder"})
    in_papers = False  # They take features of another network.

    def check(self, fake, real, embedder):
        """See `Metric`."""
        super().check(fake, real, embedder)
        if not hasattr(getattr(fake, "model", None), "latents_of"):
            raise InputError(
                '"ppl" needs a GAN, its run folder or its .keras file as the source. '
                f"Received: {fake.name}."
            )
        size = getattr(getattr(embedder, "network", None), "image_shape", fake.shape)
        if tuple(size) != fake.shape:
            raise InputError(
                f'"ppl" needs images of the classifier\'s shape {tuple(size)}. '
                f"Received: {fake.shape}."
            )

    def compute(self, sides):
        """See `Metric`."""
        from keras import ops

        from keras_gans.data.prepare import floats_on_white
        from keras_gans.metrics.path_length import perceptual_path_length

        model, embedder = sides.fake.model, sides.embedder

        def features(images):
            images = floats_on_white(images) if images.shape[-1] == 4 else images
            pixels = 127.5 * (images + 1)
            if images.shape[-1] == 1 and embedder.channels == 3:
                pixels = ops.repeat(pixels, 3, axis=-1)
            return embedder.forward(pixels)["features"]

        def of_prior(normal):
            return model.from_normal(ops.convert_to_tensor(normal))

        options = {"num_samples": sides.fake.count, "seed": sides.seed, "verbose": sides.verbose}
        options["num_classes"] = model.num_classes
        in_z = perceptual_path_length(
            lambda normal, labels=None: model(of_prior(normal), labels=labels),
            features,
            model.latent_dim,
            **options,
        )
        if not hasattr(model, "synthesize"):
            return {"ppl": in_z}
        in_w = perceptual_path_length(
            model.synthesize,
            features,
            model.latent_dim,
            mapping=lambda normal, labels=None: model.map(of_prior(normal), labels),
            **options,
        )
        return {"ppl": in_z, "ppl_w": in_w}

    def settings(self, sides):
        """See `Metric`."""
        classes = ", each class in turn" if sides.fake.num_classes else ""
        return f"{sides.fake.count} full paths, epsilon 1e-4{classes}"
