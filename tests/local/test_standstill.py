"""What is at work is waited for however long it takes; only what does nothing stands still."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from local import standstill
from local.standstill import Standstill, family

WORKS = "import sys\nprint(flush=True)\nfor line in sys.stdin:\n    sum(range(5_000_000)); print(flush=True)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORKS!r}])"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(standstill, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as the test says."""
    return Clock(monkeypatch)


@pytest.fixture(params=[WORKS, PARENT], ids=["itself", "its child"])
def worker(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process that works a little for each line that it is given."""
    with subprocess.Popen(
        [sys.executable, "-c", request.param], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        for member in family(psutil.Process(process.pid)):
            member.kill()


def work(worker: subprocess.Popen[str]) -> None:
    """Let it work, and wait until it has."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("\n")
    worker.stdin.flush()
    worker.stdout.readline()


def test_what_uses_cpu_goes_on_and_what_does_not_stands_still(clock: Clock, worker: subprocess.Popen[str]) -> None:
    """By the processes' own accounts, whatever the clock says; and again once it rests."""
    still = Standstill(lambda: family(psutil.Process(worker.pid)))
    assert still.seconds(None) == 0
    clock.now += 100
    assert still.seconds(None) == 100
    work(worker)
    clock.now += 1000
    assert still.seconds(None) == 0
    clock.now += 130
    assert still.seconds(None) == 130


def test_what_writes_goes_on(clock: Clock) -> None:
    """Another sign is progress, the same one is none."""
    still = Standstill(list)
    assert still.seconds("a") == 0
    clock.now += 50
    assert still.seconds("b") == 0
    clock.now += 7
    assert still.seconds("b") == 7


def test_what_idles_stands_still(clock: Clock, worker: subprocess.Popen[str]) -> None:
    """Up to the bound it is waiting, not work: the same CPU is much in a second, and little in a day."""
    still = Standstill(lambda: family(psutil.Process(worker.pid)), idle=0.02)
    assert still.seconds(None) == 0
    work(worker)
    clock.now += 86_400
    assert still.seconds(None) == 86_400
    work(worker)
    work(worker)
    still = Standstill(lambda: family(psutil.Process(worker.pid)), idle=0.02)
    still.seconds(None)
    work(worker)
    clock.now += 0.1
    assert still.seconds(None) == 0


def test_a_process_that_is_gone_is_no_error(clock: Clock) -> None:
    """It does nothing any more."""
    process = psutil.Popen([sys.executable, "-c", ""])
    process.wait()
    still = Standstill(lambda: [process])
    still.seconds(None)
    clock.now += 5
    assert still.seconds(None) == 5
    assert family(process) == []


def test_the_clock_of_the_machine_is_the_default() -> None:
    """Without a clock of a test's own."""
    still = Standstill(list)
    still.seconds(None)
    time.sleep(0.01)
    assert 0 < still.seconds(None) < 60
