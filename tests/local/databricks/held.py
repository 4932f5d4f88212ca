"""A notebook that runs until it is let go."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.local.databricks.workspace import Workspace

CODE = """
import os, pathlib, time
place = pathlib.Path({place!r})
(place / "pid.new").write_text(str(os.getpid()))
(place / "pid.new").rename(place / "pid")
while not (place / "go").exists():
    time.sleep(0.01)
(place / "mark").touch()
"""


@dataclass
class Held:
    """A notebook of a workspace that waits; what follows in it are its other cells."""

    workspace: Workspace
    name: str
    then: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Write it."""
        self._place: Path = self.workspace.folder / "held" / self.name
        self._place.mkdir(parents=True)
        self.path = self.workspace.notebook(self.name, CODE.format(place=str(self._place)), *self.then)

    def go(self) -> None:
        """Let all that run it go on."""
        (self._place / "go").touch()

    def process(self) -> psutil.Process:
        """The process that runs it, once one does."""
        while not (self._place / "pid").exists():
            time.sleep(0.01)
        return psutil.Process(int((self._place / "pid").read_text()))

    def survives(self, process: psutil.Process) -> bool:
        """Whether a process goes on to the end, let go after what should have ended it."""
        self.go()
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
        return (self._place / "mark").exists()
