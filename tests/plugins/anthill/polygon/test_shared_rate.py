"""Tasks in processes of their own share one key's rate by the slots of the pool that they hold."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anthill.polygon.hook import share

PLUGINS = Path(__file__).parents[4] / "plugins"
# Says when it is ready, is told until when to call, and prints when each call was let through, on the clock that all
# processes of a machine share.
CALLS = """
import sys, threading, time
from anthill.polygon.rate_limit import Gate
gate, passed = Gate(int(sys.argv[1])), []
print("ready", flush=True)
until = float(sys.stdin.readline())
def work():
    while time.monotonic() < until:
        gate.enter()
        passed.append(time.monotonic())
threads = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print("passed", *passed)
"""


def test_two_processes_stay_within_the_plan_and_use_it() -> None:
    """Three of four slots and one of four, 100 calls a second: no second has more, and 95 % of them are used."""
    rate, seconds = 100, 4.0
    environment = {**os.environ, "PYTHONPATH": str(PLUGINS)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CALLS, str(share(rate * 60, slots, 4))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for slots in (3, 1)
    ]
    for process in started:
        _line(process, "ready")
    begin = time.monotonic()
    for process in started:
        assert process.stdin is not None
        process.stdin.write(f"{begin + seconds}\n")
        process.stdin.flush()
    passed = sorted(float(moment) for process in started for moment in _line(process, "passed"))
    for process in started:
        process.communicate()
    assert all(process.returncode == 0 for process in started)
    assert all(later - earlier >= 0.99 for earlier, later in zip(passed, passed[rate:], strict=False))
    busy = [moment for moment in passed if begin <= moment < begin + seconds]
    assert len(busy) >= 0.95 * rate * (seconds - 1), "a busy machine may cost a second, not more"


def _line(process: subprocess.Popen[str], word: str) -> list[str]:
    """What a process says after a word."""
    assert process.stdout is not None
    return next(line.split()[1:] for line in process.stdout if line.startswith(word))


@pytest.mark.parametrize(
    ("rate", "slots", "of_slots", "part"),
    [(5, 1, 1, 5), (6000, 4, 4, 6000), (6000, 1, 4, 1500), (0, 1, 4, 0), (10, 9, 2, 10), (7, 1, 2, 3)],
)
def test_a_part_is_whole_and_never_more_than_the_rate(rate: int, slots: int, of_slots: int, part: int) -> None:
    """Slots beyond the pool get no more than all of it; no limit stays none."""
    assert share(rate, slots, of_slots) == part


def test_more_slots_than_calls_are_refused() -> None:
    """Nobody could make a call; the message says which option to change."""
    with pytest.raises(ValueError, match=r"5 requests a minute cannot be shared by 8 slots.*pool_slots 5 or fewer"):
        share(5, 1, 8)
