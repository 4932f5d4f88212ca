"""What a run of tests has started ends with it, killed or not: `python -m tests.leftovers PID FOLDER` waits for that.

It is known by its environment: whatever else becomes of a process, that is its parent's, and names the run's folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
MARK = "ANTHILL_TESTS"  # in the environment of every process of a run: the folder that goes with it


def folder() -> str:
    """A folder for this process, below that of its run; the first process of a run has its end watched."""
    if MARK not in os.environ:
        run = tempfile.mkdtemp(prefix="anthill-tests-")
        command = [sys.executable, "-m", __name__, str(os.getpid()), run]
        silent = subprocess.DEVNULL  # a pipe that the run writes to ends with it
        subprocess.Popen(command, cwd=ROOT, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)
        os.environ[MARK] = run
    return tempfile.mkdtemp(dir=os.environ[MARK])


def of(run: str) -> Iterator[psutil.Process]:
    """The processes of a run that are still there."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == run and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def end(run: str) -> None:
    """Kill all that a run has left, and what that starts meanwhile, and remove its folder."""
    while found := list(of(run)):
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1)
    shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.suppress(psutil.Error):
        psutil.Process(int(sys.argv[1])).wait()
    end(sys.argv[2])
