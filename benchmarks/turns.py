"""Timing side by side: on a noisy machine only what takes turns in one run can be compared."""

import time


def in_turns(functions, rounds):
    """Times functions that take turns, after a round that is not counted, in which they compile.

    Args:
        functions: {name: function without arguments}.
        rounds: Rounds that are counted.

    Returns:
        {name: list of seconds, one for each round}.
    """
    seconds = {name: [] for name in functions}
    for turn in range(rounds + 1):
        for name, function in functions.items():
            started = time.perf_counter()
            function()
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return seconds
