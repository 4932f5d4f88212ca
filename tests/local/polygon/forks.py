"""Servers forked from one process that has imported everything: `python -m tests.local.polygon.forks` is that process.

What it forks runs the command line of `local.polygon` as a process of its own does, without the seconds of imports.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Fork:
    """A process with its output in a folder: `out`, and at its end `exit` with its code."""

    pid: int
    folder: Path

    def runs(self) -> bool:
        """Whether it has not ended."""
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def stop(self) -> None:
        """End it, and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        while self.runs():
            time.sleep(0.01)

    def output(self) -> str:
        """What it has printed, errors included."""
        return (self.folder / "out").read_text()

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        while self.runs():
            time.sleep(0.01)
        return int((self.folder / "exit").read_text())


def start(folder: Path, *arguments: str) -> Fork:
    """Start a server with these arguments."""
    parent = _parent()
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps([str(folder), *arguments]) + "\n")
    parent.stdin.flush()
    return Fork(int(parent.stdout.readline()), folder)


@cache
def _parent() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __name__]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # what is to be forked has no threads
    parent = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(parent.kill)
    return parent


def _serve(folder: str, *arguments: str) -> None:
    from local.polygon.__main__ import main

    out = os.open(f"{folder}/out", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        sys.argv[1:] = arguments
        code = main()
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    Path(folder, "exit").write_text(str(code))
    os._exit(code)


if __name__ == "__main__":
    import local.polygon.__main__  # noqa: F401 once, for all the forks
    from local.polygon.markets import sessions

    for calendar in (sessions.xnys, sessions.forex_week, sessions.every_day):
        calendar(2027)  # of a server whose clock is set in 2026, as most are

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(*json.loads(line))
        print(child, flush=True)
