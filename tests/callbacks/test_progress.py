import pytest

from keras_gans.callbacks import Budget
from keras_gans.cli.progress import Progress


@pytest.mark.parametrize("players", [["generator", "discriminator"], ["autoencoder"]])
def test_the_bar_shows_the_mean_loss_of_every_player(tiny, fit, players, capsys):
    budget = Budget(steps=4)
    progress = Progress(budget)
    history = fit(tiny(players), [budget, progress], epochs=9).history
    losses = (f"{player} {history[f'{player}_loss'][-1]:.3f}" for player in players)
    assert progress.bar.postfix == f"step 4: {', '.join(losses)}"
    assert progress.bar.n == 100
    assert progress.bar.postfix in capsys.readouterr().err
