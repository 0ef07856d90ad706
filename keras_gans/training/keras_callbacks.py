"""Which of Keras' own callbacks suit models of several players."""

import keras

from keras_gans.errors import InputError

OURS = "keras_gans.callbacks"

UNSUITED = {
    "LearningRateScheduler": "sets the rate of one optimizer, and this model has one for each "
    f"player: use {OURS}.LearningRateSchedule",
    "ReduceLROnPlateau": "sets the rate of one optimizer, and this model has one for each player: "
    f"use {OURS}.LearningRateSchedule or RateDecay",
    "SwapEMAWeights": "takes the average of one optimizer, and this model has one for each player: "
    "use the average that the model itself keeps (`ema_decay`)",
    "TerminateOnNaN": 'looks at the log "loss" only, and this model has one for each player: use '
    f"{OURS}.DivergenceGuard",
    "BackupAndRestore": "begins the data anew when training goes on: use "
    f"{OURS}.Checkpoint with `resume=True`",
    "OrbaxCheckpoint": "saves the state of one optimizer, and this model has one for each player: "
    f"use {OURS}.Checkpoint, or keras.callbacks.ModelCheckpoint",
}
"""Why a callback does not work here, and what to use instead, by its name in Keras.

Found by training with each. All others work: Callback, CallbackList, CSVLogger, EarlyStopping,
History, LambdaCallback, ModelCheckpoint, ProgbarLogger, RemoteMonitor and TensorBoard, except with
the options below. Subclasses of those in this table are let through, since they may work.
"""


def check_callbacks(callbacks):
    """Refuses callbacks of Keras that would fail, or do nothing, with this package's models.

    By then `keras_gans.callbacks.Score` must have set the modes that it knows.

    Args:
        callbacks: List of callbacks.

    Raises:
        InputError: If one does not work here; the message says what to use instead.
    """
    for callback in callbacks:
        name = type(callback).__name__
        if getattr(keras.callbacks, name, None) is not type(callback):
            continue
        if name == "CallbackList":
            check_callbacks(callback.callbacks)
        reason = UNSUITED.get(name) or _unsuited_option(callback, name)
        if reason:
            raise InputError(f"Keras' {name} {reason}. Received: {name}.")


def _unsuited_option(callback, name):
    """Returns why a callback that works does not do so with its options, or None."""
    if name == "TensorBoard" and callback.write_steps_per_second:
        return "counts the steps of one optimizer: leave out `write_steps_per_second`"
    if name not in ("EarlyStopping", "ModelCheckpoint"):
        return None
    if callback.monitor in ("loss", "val_loss"):
        if name == "EarlyStopping" or callback.save_best_only:
            return (
                f'would wait for a log "{callback.monitor}", which this model does not have: give '
                "`monitor` one that it has, such as the loss of a player, or a score of "
                f"{OURS}.Score"
            )
    elif callback.mode == "auto":
        return f'cannot know whether a low or a high "{callback.monitor}" is better: give `mode`'
    return None
