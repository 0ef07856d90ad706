"""Spectral normalisation of a layer's kernel."""

import keras
from keras import ops

from keras_gans.errors import InputError


@keras.saving.register_keras_serializable("keras_gans")
class SpectralNormalization(keras.layers.Wrapper):
    """Divides the kernel of a layer by its largest singular value in the forward pass.

    The raw kernel W is what is trained and saved. Each forward pass uses W / sigma(W), where
    sigma = u'Wv for W as a matrix of (inputs, outputs), and the gradient passes through sigma. The
    vectors u and v are state: `power_iteration` moves them one step. The engine calls it once per
    update of a network, so that all passes of one update see the same weights.

    `keras.layers.SpectralNormalization` differs: it overwrites the kernel with W / sigma at every
    training call.

    Args:
        layer: A layer with a kernel, such as Dense or Conv2D.
        build_iterations: Power iterations when the layer is built, so that sigma is right from the
            first step. Default: 20.

    Reference: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018,
    algorithm 1.
    """

    def __init__(self, layer, build_iterations=20, **kwargs):
        super().__init__(layer, **{"dtype": getattr(layer, "dtype_policy", None)} | kwargs)
        self.build_iterations = build_iterations

    def build(self, input_shape=None):
        """Builds the wrapped layer and the two singular vectors."""
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise InputError(
                "SpectralNormalization wraps layers that have a kernel. "
                f"Received: {self.layer.__class__.__name__}."
            )
        outputs = self.layer.kernel.shape[-1]
        inputs = self.layer.kernel.shape.num_elements() // outputs
        for name, size in (("u", inputs), ("v", outputs)):
            start = keras.initializers.RandomNormal(seed=0)
            variable = self.add_weight((size,), start, trainable=False, name=name)
            setattr(self, name, variable)
        self.power_iteration(self.build_iterations)

    def _matrix(self):
        return ops.reshape(ops.cast(self.layer.kernel.value, "float32"), (-1, self.v.shape[0]))

    def power_iteration(self, iterations=1):
        """Moves u and v some steps towards the singular vectors of the largest singular value."""
        kernel, u, v = self._matrix(), self.u.value, self.v.value
        for _ in range(iterations):
            v = _normalize(ops.matmul(u, kernel))
            u = _normalize(ops.matmul(kernel, v))
        self.u.assign(u)
        self.v.assign(v)

    def sigma(self):
        """Returns the estimate u'Wv of the kernel's largest singular value, a scalar."""
        return ops.sum(self.u * ops.matmul(self._matrix(), self.v))

    def call(self, inputs):
        """Calls the layer with its kernel divided by sigma."""
        kernel = self.layer.kernel
        # In float32 as sigma is; the layer casts it as it does its own kernel.
        normalized = [(kernel, ops.cast(kernel.value, "float32") / self.sigma())]
        with keras.StatelessScope(normalized, initialize_variables=False):
            return self.layer(inputs)

    def compute_output_shape(self, input_shape):
        """Returns the wrapped layer's output shape."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self):
        """Returns the constructor's arguments."""
        return {**super().get_config(), "build_iterations": self.build_iterations}


def _normalize(vector):
    return vector / (ops.norm(vector) + 1e-12)


def power_iteration(network):
    """Moves the singular vectors of all `SpectralNormalization` layers of a network one step."""
    for layer in network._flatten_layers():
        if isinstance(layer, SpectralNormalization):
            layer.power_iteration()
