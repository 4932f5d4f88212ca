"""The main job is ended at any moment: nothing of it is left, nothing is half written, and the next call goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.stack import ROOT
from tests.end_to_end.conftest import SMALL

pytestmark = pytest.mark.timeout(1800)

PROGRAM = f"""
import datetime as dt, sys
from pathlib import Path
from local import main_job, signals
from local.stack import Options, Stack
signals.install()
home = Path(sys.argv[1])
main_job.run(Stack(Options(home, polygon={SMALL!r})), ["forex"], None, dt.date(2026, 7, 2), 2, home / "out")
"""
LONGEST = 10.0  # seconds from a signal to the end of everything
Moment = Callable[[Path, str], bool]


def says(words: str) -> Moment:
    """The moment at which a line has these words."""
    return lambda home, line: words in line


def written(name: str) -> Moment:
    """The moment at which a file of the home is there."""
    return lambda home, line: (home / name).exists()


MOMENTS = {
    "the database is made": (signal.SIGINT, written("postgres/PG_VERSION")),
    "services start": (signal.SIGTERM, written("run/airflow.json")),
    "Airflow's parts start": (signal.SIGHUP, written("run/scheduler.json")),
    "runs begin": (signal.SIGINT, says("0/1 runs done")),
    "a task lands": (signal.SIGTERM, says("forex in bulk: ")),
    "it is killed": (signal.SIGKILL, says("forex in bulk: ")),
    "it is killed while it starts": (signal.SIGKILL, written("run/airflow.json")),
    "a notebook runs": (signal.SIGHUP, says("forex in bulk: silver")),
    "it stops by itself": (signal.SIGINT, says("Stopping")),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all of these calls, in a folder that no other test run locks; what is left at the end is killed."""
    with tempfile.TemporaryDirectory(prefix="anthill-ending-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        while left := of(Path(folder)):
            for process in left:
                process.kill()


def of(home: Path) -> list[psutil.Process]:
    """Every process whose command, environment or working folder has the home in it."""
    found = []
    for process in psutil.process_iter():
        try:
            known = [*process.cmdline(), *process.environ().values(), process.cwd()]
        except psutil.Error:
            continue
        if process.pid != psutil.Process().pid and any(str(home) in text for text in known):
            found.append(process)
    return found


def call(home: Path) -> subprocess.Popen[str]:
    """The main job over the home."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.parametrize("name", MOMENTS)
def test_a_signal_leaves_nothing(home: Path, name: str) -> None:
    """Within ten seconds, and the process ends as one does that the signal ended."""
    number, reached = MOMENTS[name]
    for old in ("run/airflow.json", "run/scheduler.json"):
        (home / old).unlink(missing_ok=True) if not of(home) else None
    process = call(home)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "Starting" in line
    said = [line]
    while not reached(home, line):
        if "says" in reached.__qualname__:
            line = process.stdout.readline()
            said.append(line)
            assert line, said
        else:
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.01)
    process.send_signal(number)
    sent = time.monotonic()
    process.stdout.close() if number == signal.SIGHUP else said.append(process.stdout.read())
    code = process.wait()
    took = time.monotonic() - sent
    if number == signal.SIGKILL:
        assert code == -signal.SIGKILL
        assert of(home)  # services outlive it; the next call heals
        return
    assert code == 128 + number, said
    assert of(home) == []
    assert took < LONGEST
    assert list(home.rglob("*.partial")) == []
    for file in home.glob("out/*.json"):
        json.loads(file.read_text())


def test_the_next_call_goes_on(home: Path) -> None:
    """After all of that the days come out whole."""
    done = call(home)
    text = done.communicate()[0]
    assert done.returncode == 0, text
    assert of(home) == []
    numbers = json.loads((home / "out" / "summary.json").read_text())
    assert numbers["missing"] == []
    assert "</html>" in (home / "out" / "report.html").read_text()
