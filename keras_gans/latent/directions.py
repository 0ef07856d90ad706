"""Directions in the space of latents along which one thing changes."""

import dataclasses

import keras
import numpy as np

from keras_gans.checks import check_labels, check_numbers, check_whole_numbers
from keras_gans.data.arrays import NPZ_ERRORS
from keras_gans.errors import InputError
from keras_gans.files import whole_file
from keras_gans.latent.spaces import sample, space_of

BATCH = 256
"""Images at a time."""


@dataclasses.dataclass(frozen=True, eq=False)
class Direction:
    """A direction in z or w.

    Attributes:
        vector: float32 (d,), of length 1.
        name: What changes along it.
        space: "z" or "w".
        deviation: Standard deviation of latents along it, which a strength of 1 is.
    """

    vector: np.ndarray
    name: str
    space: str = "z"
    deviation: float = 1.0

    def __post_init__(self):
        """Brings the vector to length 1."""
        vector = np.asarray(self.vector, "float64")
        length = np.linalg.norm(vector)
        if vector.ndim != 1 or not np.isfinite(length) or length == 0:
            raise InputError(
                "A direction is a vector (d,) of finite numbers that are not all 0. "
                f"Received: shape {vector.shape}, length {length:g}."
            )
        if self.space not in ("z", "w"):
            raise InputError(f'A direction is in "z" or "w". Received: {self.space!r}.')
        object.__setattr__(self, "vector", (vector / length).astype("float32"))

    def move(self, latents, strength, layers=None):
        """Returns latents that were moved along the direction.

        Args:
            latents: NumPy (N, d), or styles (N, layers, d).
            strength: How far, in standard deviations; a number, or one for each latent (N,).
            layers: A `slice` of the layers whose styles move. Default: None, all.

        Returns:
            NumPy float32 of the same shape.

        Raises:
            InputError: If the latents have another size.
        """
        moved = np.array(latents, "float32")
        if moved.ndim not in (2, 3) or moved.shape[-1] != len(self.vector):
            raise InputError(
                f"The direction {self.name!r} moves latents (N, {len(self.vector)}). "
                f"Received: shape {moved.shape}."
            )
        steps = np.asarray(strength, "float32")
        if steps.shape not in ((), (len(moved),)):
            raise InputError(
                f"`strength` is a number, or one for each of {len(moved)} latents. "
                f"Received: shape {steps.shape}."
            )
        steps = np.broadcast_to(steps, len(moved))
        steps = (steps * self.deviation)[:, None] * self.vector
        if moved.ndim == 2:
            return moved + steps
        moved[:, slice(None) if layers is None else layers] += steps[:, None]
        return moved

    def keeping(self, others, latents=None):
        """Returns what is left of the direction when what other directions move is taken away.

        The projection on the space that is orthogonal to all of them: to first order their
        attributes then stay as they are (InterFaceGAN's conditional manipulation).

        Args:
            others: A list of `Direction`.
            latents: NumPy (N, d), to measure the new deviation on. Default: None, it stays.

        Raises:
            InputError: If nothing is left, or another one is of another space or size.
        """
        for other in others:
            if other.space != self.space or len(other.vector) != len(self.vector):
                raise InputError(
                    f"Directions of one space and size can be told apart. Received: {self.name!r} "
                    f"in {self.space} and {other.name!r} in {other.space}."
                )
        if not others:
            return self
        basis = np.stack([other.vector for other in others], axis=1)
        # Of others that are nearly alike, what is not more than rounding counts for nothing.
        left = self.vector - basis @ np.linalg.lstsq(basis, self.vector, rcond=1e-4)[0]
        if np.linalg.norm(left) < 1e-3:
            raise InputError(
                f"The direction {self.name!r} is made of those that are to be kept. Received: "
                f"{', '.join(other.name for other in others)}."
            )
        deviation = self.deviation if latents is None else deviation_along(latents, left)
        return dataclasses.replace(self, vector=left, deviation=deviation)

    def save(self, path):
        """Writes the direction to an .npz file."""
        with whole_file(path) as file:
            np.savez(file, **dataclasses.asdict(self))

    @classmethod
    def load(cls, path):
        """Reads a direction that `save` wrote.

        Raises:
            InputError: If the file holds none.
        """
        try:
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
                found = {field.name: file[field.name] for field in dataclasses.fields(cls)}
        except NPZ_ERRORS as error:
            raise InputError(
                f"A direction is an .npz file that `Direction.save` wrote. Received: {path} "
                f"({error})."
            ) from error
        words = {name: str(found[name]) for name in ("name", "space")}
        return cls(found["vector"], **words, deviation=float(found["deviation"]))


def fit_direction(latents, labels, name, space="z"):
    """Returns the direction in which an attribute is told apart best, by a line.

    The normal of the plane that a logistic regression puts between latents of images with the
    attribute and without.

    Args:
        latents: NumPy (N, d).
        labels: Whether each image has the attribute, 0 or 1 (N,).
        name: Name of the attribute.
        space: "z" or "w", where the latents are from. Default: "z".

    Raises:
        InputError: If the shapes do not fit, or all images have the attribute, or none.

    Reference: Shen et al., "Interpreting the Latent Space of GANs for Semantic Face Editing"
    (InterFaceGAN), 2020, which fits support vector machines to the surest images of each kind.
    """
    from sklearn.linear_model import LogisticRegression

    latents, labels = np.asarray(latents, "float64"), np.asarray(labels).astype(int)
    if latents.ndim != 2 or labels.shape != latents.shape[:1]:
        raise InputError(
            "A direction is fitted to latents (N, d) and labels (N,). "
            f"Received: {latents.shape} and {labels.shape}."
        )
    share = labels.mean()
    if set(np.unique(labels)) != {0, 1}:
        raise InputError(
            f"A direction needs images with {name!r} and without, of labels 1 and 0. "
            f"Received: a share of {share:.1%} with it."
        )
    spread = latents.std(axis=0) + 1e-12
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)
    model.fit(latents / spread, labels)
    vector = model.coef_[0] / spread
    return Direction(vector, name, space, deviation_along(latents, vector))


def deviation_along(latents, vector):
    """Returns the standard deviation of latents (N, d) along a vector (d,), a float."""
    vector = np.asarray(vector, "float64")
    return float((np.asarray(latents) @ (vector / np.linalg.norm(vector))).std())


def sefa(gan, count=5):
    """Returns the directions that change most of what the latent first becomes.

    The eigenvectors of A^T A with the largest eigenvalues, for the weights A of the first layer, or
    of all maps from styles w to the layers of a StyleGAN or StyleGAN2. It takes no images.

    Args:
        gan: A model with latents.
        count: Number of directions. Default: 5.

    Returns:
        A list of `Direction`, the strongest first; in w where there is one.

    Raises:
        InputError: If there are not so many, or the first layer is no product of matrices.

    Reference: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", 2021.
    """
    space, weights = _first_weights(gan)
    check_whole_numbers(1, weights.shape[0], count=count)
    values, vectors = np.linalg.eigh(weights @ weights.T)
    order = np.argsort(-values)[:count]
    latents = sample(gan, 2000, space)
    names = (f"sefa {number}" for number in range(count))
    return [
        Direction(vectors[:, k], name, space, deviation_along(latents, vectors[:, k]))
        for k, name in zip(order, names, strict=True)
    ]


def _first_weights(gan):
    """Returns the space and the weights (d, outputs) of all layers that take its latents."""
    space, network = space_of(gan), gan.average_generator
    if space == "w":
        # Of a network that grows, what is at work.
        blocks = getattr(network, "blocks", None)
        parts = [network] if blocks is None else blocks[: network.level + 1]
        parts = [layer for part in parts for layer in part._flatten_layers()]
        layers = [layer.affine.layer for layer in parts if hasattr(layer, "affine")]
    else:
        # What makes a generator conditional is around it, and takes latents and labels.
        inner = [layer for layer in network.layers if isinstance(layer, keras.Model)]
        layers = _first_layers(inner[0] if inner else network)
    if not layers:
        raise InputError(
            "No layer of the generator is a product of matrices with the latents. "
            f"Received: {network.name}."
        )
    kernels = [np.asarray(layer.kernel) for layer in layers]
    # Those of transposed convolutions have their inputs last.
    kernels = [k if k.ndim == 2 else k.reshape(-1, k.shape[-1]).T for k in kernels]
    if len(kernels) > 1:
        # Each row of a layer's map counts alike, whatever the layer's width.
        kernels = [kernel / np.linalg.norm(kernel, axis=0) for kernel in kernels]
    kernels = np.concatenate(kernels, axis=1)
    return space, kernels if space == "w" else kernels[: gan.latent_dim]


def _first_layers(network):
    """Returns the layers with a kernel that take a network's first input, be it normalised."""
    reached, found = {id(network.inputs[0])}, []
    for layer in network.layers:
        if not reached & {id(tensor) for tensor in keras.tree.flatten(layer.input)}:
            continue
        layer = getattr(layer, "layer", layer)  # An equalised one.
        if hasattr(layer, "kernel"):
            found.append(layer)
        elif not layer.weights:
            reached.add(id(layer.output))
    return found


def ganspace(gan, count=5, samples=5000, seed=0):
    """Returns the directions in which many latents, or what becomes of them, differ most.

    The principal components of styles w; without styles those of the images, as far as they are
    linear in z.

    Args:
        gan: A model with latents.
        count: Number of directions, at most the latents' size. Default: 5.
        samples: Number of latents, at least twice their size. Default: 5,000.
        seed: Int. Default: 0.

    Returns:
        A list of `Direction`, the largest first.

    Reference: Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", 2020. Ours:
    without styles the images stand for the features of a layer.
    """
    space = space_of(gan)
    check_whole_numbers(2 * gan.latent_dim, samples=samples)
    latents = sample(gan, samples, space, seed)
    check_whole_numbers(1, latents.shape[1], count=count)
    if space == "w":
        centred = latents - latents.mean(axis=0)
        _, _, vectors = np.linalg.svd(centred, full_matrices=False)
    else:
        z = np.asarray(latents, "float64")
        z -= z.mean(axis=0)
        # The part of the images that is linear in z, and its strongest inputs; images at a time,
        # which all together may not fit into memory.
        products = 0.0
        for start in range(0, samples, BATCH):
            images = gan.images_of(latents[start : start + BATCH])
            products += z[start : start + BATCH].T @ images.reshape(len(images), -1)
        # Codes of several kinds always add up to 1, so there may be no inverse.
        slopes = np.linalg.lstsq(z.T @ z, products, rcond=1e-10)[0]
        vectors = np.linalg.svd(slopes, full_matrices=False)[0].T
    return [
        Direction(v, f"component {k}", space, deviation_along(latents, v))
        for k, v in enumerate(vectors[:count])
    ]


def edit(gan, latents, direction, strength, layers=None, labels=None):
    """Returns images of latents that were moved along a direction.

    Args:
        gan: A model with latents.
        latents: NumPy (N, latent_dim); of a direction in w also styles (N, layers, d).
        direction: A `Direction`.
        strength: See `Direction.move`.
        layers: See `Direction.move`; only of directions in w. Default: None.
        labels: Of a conditional model, see `generate`. Default: every class in turn.

    Returns:
        NumPy uint8 (N, height, width, channels).

    Raises:
        InputError: If the direction is of another model's latents, or an argument is out of range.
    """
    space = space_of(gan, direction.space)
    if space == "z" and layers is not None:
        raise InputError(f"Only directions in w move some `layers`. Received: {direction.name!r}.")
    if space == "z":
        return gan.images_of(direction.move(latents, strength), labels)
    latents = np.asarray(latents, "float32")
    if latents.ndim == 2:
        styles = np.asarray(gan.map(latents, check_labels(len(latents), labels, gan.num_classes)))
    else:
        styles = latents
    styles = direction.move(styles, strength, layers)
    return gan.images_of_styles(styles)


def strip(gan, latents, direction, strengths=(-3, -2, -1, 0, 1, 2, 3), **options):
    """Returns images of latents at several strengths of a direction, side by side.

    Args:
        gan: See `edit`.
        latents: See `edit`.
        direction: See `edit`.
        strengths: A list of K numbers. Default: from -3 to 3.
        **options: See `edit`.

    Returns:
        NumPy uint8 (N, K, height, width, channels).
    """
    if not len(strengths):
        raise InputError("`strengths` are at least one. Received: none.")
    for strength in strengths:
        check_numbers(-1e6, strengths=strength)
    columns = [edit(gan, latents, direction, strength, **options) for strength in strengths]
    return np.stack(columns, axis=1)
