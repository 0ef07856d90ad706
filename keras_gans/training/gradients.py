"""Gradients: the only uses of `tf.GradientTape`."""

import keras
import tensorflow as tf


def minimize(optimizer, variables, objective, limit=None):
    """Takes one step of an optimizer on the variables of one player.

    Only `variables` are watched and changed: the other players are frozen because nothing
    differentiates them. Under `tf.distribute` the Keras optimizer sums gradients over replicas, so
    the loss, a mean over the replica's images, is divided once by the number of replicas.

    Args:
        optimizer: A built `keras.optimizers.Optimizer`.
        variables: The `keras.Variable`s to change.
        objective: Function without arguments that returns a scalar loss.
        limit: What infinite gradients become, with their sign, while NaN becomes 0. A loss scale
            leaves such a step out all the same. Default: None, they stay.
    """
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        loss = optimizer.scale_loss(objective() / _replicas())
    _apply(optimizer, tape.gradient(loss, tensors), variables, limit)


class Recording:
    """Records a network's forward pass, so that a later loss can be pulled back through it.

    The generator's images serve the discriminator's update first and the generator's own update
    afterwards: one forward pass instead of two.

    Args:
        network: A built Keras model.
        inputs: Its inputs.

    Attributes:
        outputs: The network's outputs in training mode, in float32.
    """

    def __init__(self, network, inputs):
        variables = network.trainable_variables
        self._recorded = {id(variable): variable.value for variable in variables}
        tensors = list(self._recorded.values())
        with tf.GradientTape(watch_accessed_variables=False) as self._tape:
            self._tape.watch(tensors)
            # A network of one's own may end in half precision.
            outputs = network(inputs, training=True)
            self.outputs = keras.tree.map_structure(lambda x: tf.cast(x, "float32"), outputs)

    def minimize(self, optimizer, variables, objective, limit=None):
        """Takes one step of an optimizer on the recorded network's player.

        Args:
            optimizer: A built `keras.optimizers.Optimizer`.
            variables: The player's variables. What the objective does with them besides the
                recorded pass, such as a regulariser of the generator, counts too.
            objective: Function from the outputs to a scalar loss.
            limit: See the function `minimize`. Default: None.
        """
        tensors = [self._recorded.get(id(v), v.value) for v in variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([self.outputs, *tensors])
            loss = optimizer.scale_loss(objective(self.outputs) / _replicas())
        pulled_back, *direct = tape.gradient(loss, [self.outputs, *tensors])
        # For an output that the loss does not depend on TensorFlow would take ones.
        pulled_back = keras.tree.map_structure(
            lambda x, gradient: tf.zeros_like(x) if gradient is None else gradient,
            self.outputs,
            pulled_back,
        )
        through = self._tape.gradient(self.outputs, tensors, output_gradients=pulled_back)
        gradients = [_sum(*parts) for parts in zip(through, direct, strict=True)]
        _apply(optimizer, gradients, variables, limit)


class Critic:
    """A discriminator as penalties see it: it remembers its passes, for gradients at their images.

    A penalty at images that the loss has judged already costs no further forward pass.

    Args:
        judge: Function from images (N, ...) to logits (N, ...), or to what has them as `logits`.
        judge_frozen: The same without effect on the discriminator's state, for other images.
            Default: `judge`.
        scale: Factor of the logits while they are differentiated, by which the gradient is divided
            in float32: the loss scale, without which gradients in float16 vanish. Default: None.
    """

    def __init__(self, judge, judge_frozen=None, scale=None):
        self._judge, self._judge_frozen = judge, judge_frozen or judge
        self._scale = scale
        self._passes = []

    def __call__(self, images):
        """Judges images, and remembers the pass."""
        images = tf.convert_to_tensor(images)
        with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
            tape.watch(images)
            judgement = self._judge(images)
            logits = tf.cast(getattr(judgement, "logits", judgement), "float32")
            logits = logits if self._scale is None else logits * self._scale
        self._passes.append((images, tape, logits))
        return judgement

    def gradient(self, images):
        """Returns the gradient of each image's logits with respect to that image, in float32.

        Args:
            images: Float (N, ...). Logits of one image are summed.

        Returns:
            Float32 of the shape of `images`, differentiable.
        """
        known = [one for one in self._passes if one[0] is images]
        if not known:
            other = Critic(self._judge_frozen, scale=self._scale)
            other(images)
            known = other._passes
        images, tape, logits = known[0]
        gradient = tf.cast(tape.gradient(logits, images), "float32")
        return gradient if self._scale is None else gradient / self._scale


def input_gradient(critic, images):
    """Returns the gradient of each image's logits with respect to that image, in float32.

    Args:
        critic: A `Critic`, or a function from images (N, ...) to logits (N, ...).
        images: Float (N, ...). Logits of one image are summed.

    Returns:
        Float32 of the shape of `images`, differentiable.
    """
    return (critic if isinstance(critic, Critic) else Critic(critic)).gradient(images)


def loss_scale(optimizer):
    """Returns the factor by which an optimizer scales its loss, or None if it has none."""
    is_scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return optimizer.dynamic_scale if is_scaled else None


def finite(terms):
    """Returns scalars {name: value} with 0 for those that are not finite.

    A loss scale grows until a gradient overflows; that step is then left out, and must not stay in
    the means that are shown.
    """
    return {name: tf.where(tf.math.is_finite(x), x, 0.0) for name, x in terms.items()}


def _apply(optimizer, gradients, variables, limit):
    if loss_scale(optimizer) is None:
        gradients = gradients if limit is None else _made_finite(gradients, limit)
    elif _replicas() > 1:
        # Keras asks one replica whether all gradients are finite, so all must have the same; it
        # sums them again, and so needs their mean.
        known = [gradient for gradient in gradients if gradient is not None]
        context = tf.distribute.get_replica_context()
        mean = iter(context.all_reduce(tf.distribute.ReduceOp.MEAN, known))
        gradients = [None if gradient is None else next(mean) for gradient in gradients]
    optimizer.apply(gradients, variables)


def _made_finite(gradients, limit):
    known = [tf.convert_to_tensor(gradient) for gradient in gradients if gradient is not None]
    if not known:
        return gradients
    are_finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(x)) for x in known])
    # They nearly always are, and to look is less work than to mend.
    mended = tf.cond(
        are_finite,
        lambda: known,
        lambda: [keras.ops.nan_to_num(x, nan=0.0, posinf=limit, neginf=-limit) for x in known],
    )
    mended = iter(mended)
    return [None if gradient is None else next(mended) for gradient in gradients]


def _sum(one, other):
    # None stands for no dependence.
    return other if one is None else one if other is None else one + other


def _replicas():
    return tf.distribute.get_strategy().num_replicas_in_sync
