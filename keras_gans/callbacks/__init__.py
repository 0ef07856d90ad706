"""Callbacks that show, guard and steer training."""

from keras_gans.callbacks.budget import Budget
from keras_gans.callbacks.checkpoint import Checkpoint
from keras_gans.callbacks.divergence_guard import DivergenceGuard
from keras_gans.callbacks.history_log import HistoryLog
from keras_gans.callbacks.history_plot import HistoryPlot
from keras_gans.callbacks.learning_rate_schedule import LearningRateSchedule, linear_decay
from keras_gans.callbacks.rate_decay import RateDecay
from keras_gans.callbacks.sample_grid import SampleGrid
from keras_gans.callbacks.score import Score

__all__ = [
    "Budget",
    "Checkpoint",
    "DivergenceGuard",
    "HistoryLog",
    "HistoryPlot",
    "LearningRateSchedule",
    "RateDecay",
    "SampleGrid",
    "Score",
    "linear_decay",
]
