"""A copy of the checkout to run tests in, and everything that they start, ended with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parents[2]
MARK = "ANTHILL_MUTANTS_MARK"
MOST_BYTES = 6 << 30  # a mutant that fills the memory is stopped before the machine is


class StoppedError(Exception):
    """Somebody wants no more of it."""


class TooMuchError(Exception):
    """What ran took more time or memory than it may; the message says which."""


def tracked(root: Path) -> list[str]:
    """The files of a checkout as they lie there, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return sorted(name for name in set(done.stdout.split("\0")) if name and (root / name).is_file())


@dataclass
class Checkout:
    """A copy under a folder of its own, removed at the end with every process that was started in it."""

    root: Path
    home: Path
    mark: str

    def pytest(self, *arguments: str, limit: float, stop: threading.Event, **environment: str) -> tuple[int, str]:
        """Run tests in the copy: the exit code and what they said."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments]
        temporary = self.home / "tmp"
        temporary.mkdir(exist_ok=True)
        paths = (self.root / "plugins", self.root, HERE)
        own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "TMPDIR": str(temporary), MARK: self.mark}
        own["ANTHILL_LONG"] = "1"  # a room's long tests notice, too
        output = self.home / "output"
        try:
            with output.open("wb") as stream:
                running = subprocess.Popen(
                    command,
                    cwd=self.root,
                    env={"ANTHILL_SHARED": str(HERE.parent / "shared"), **os.environ, **own, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for who started the mutants
                )
                self._wait(running, limit, stop)
            return running.returncode, output.read_text(errors="replace")
        finally:
            self.sweep()
            shutil.rmtree(temporary, ignore_errors=True)

    def _wait(self, running: subprocess.Popen[bytes], limit: float, stop: threading.Event) -> None:
        until = time.monotonic() + limit
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.3)
                return
            if stop.is_set():
                raise StoppedError
            if time.monotonic() > until:
                raise TooMuchError(f"more than {limit:.0f} s")
            if memory(running.pid) > MOST_BYTES:
                raise TooMuchError(f"more than {MOST_BYTES >> 30} GB")

    @contextmanager
    def changed(self, file: str, text: str) -> Iterator[None]:
        """The file with another text, for a while."""
        path = self.root / file
        original, times = path.read_bytes(), path.stat()
        path.write_text(text)
        os.utime(path, (times.st_atime, times.st_mtime + 10))  # compiled code is known by its source's time and size
        try:
            yield
        finally:
            path.write_bytes(original)
            os.utime(path, (times.st_atime, times.st_mtime))

    def sweep(self) -> None:
        """End what was started in the copy and is still there, in whatever session."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == self.mark:
                    process.kill()
                    process.wait(10)


def memory(pid: int) -> int:
    """What a process and its children hold, bytes."""
    held = 0
    with contextlib.suppress(psutil.Error):
        for process in (leader := psutil.Process(pid), *leader.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                held += process.memory_info().rss
    return held


@contextmanager
def checkout(root: Path, files: Sequence[str]) -> Iterator[Checkout]:
    """A copy of some files of a checkout."""
    with tempfile.TemporaryDirectory(prefix="anthill-mutants-", ignore_cleanup_errors=True) as home:
        copied = Path(home) / "checkout"
        for name in files:
            (copied / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copied / name)
        made = Checkout(copied, Path(home), uuid.uuid4().hex)
        try:
            yield made
        finally:
            made.sweep()
