"""One process of the local stack: started with a log of its own, watched until it answers, stopped for certain."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

TERM_PATIENCE = 20.0  # seconds: scheduler and triggerer take several to end


class ServiceError(RuntimeError):
    """A service did not start or died; the message has the end of its log."""


@dataclass
class Service:
    """A command with its environment; `health` is a URL that answers below 500 when it is ready."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    folder: Path  # holds <name>.log and <name>.json, the record that a later start finds it by
    cwd: Path
    health: str | None = None
    fds: Sequence[int] = ()  # open files that it inherits
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """Where it writes."""
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it in a process group of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                list(self.command),
                env=dict(self.env),
                cwd=self.cwd,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.fds,
            )
        remember(self.folder / f"{self.name}.json", psutil.Process(self.child.pid))

    def wait(self, patience: float = 90.0) -> None:
        """Return when it is ready; ServiceError when it dies or takes too long."""
        end = time.monotonic() + patience
        while True:
            self.check()
            if self.health is None or _answers(self.health):
                return
            if time.monotonic() > end:
                raise ServiceError(
                    f"{self.name} did not answer at {self.health} within {patience:.0f} s\n{self.tail()}"
                )
            time.sleep(0.1)

    def check(self) -> None:
        """ServiceError when the process has ended."""
        if self.child is not None and (code := self.child.poll()) is not None:
            raise ServiceError(f"{self.name} ended with exit code {code}\n{self.tail()}")

    def tail(self) -> str:
        """The end of its log."""
        return tail(self.log)


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for an error's text."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"--- the end of {log} ---", *text[-lines:]])


def remember(record: Path, process: psutil.Process) -> None:
    """Write down who a process is, for a later start or stop to find."""
    record.write_text(json.dumps({"pid": process.pid, "started": process.create_time()}))


def find(folder: Path) -> dict[str, psutil.Process]:
    """The processes that earlier starts recorded in the folder and that still run, by service name."""
    found = {}
    for record in sorted(folder.glob("*.json")):
        with contextlib.suppress(psutil.Error, ValueError, KeyError):
            known = json.loads(record.read_text())
            process = psutil.Process(known["pid"])
            # A process id is used again: only the same start time makes it the same process.
            if abs(process.create_time() - known["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE:
                found[record.stem] = process
    return found


def stop(processes: Sequence[psutil.Process]) -> None:
    """Ask the processes and all their children to end, then kill what is left."""
    children: list[psutil.Process] = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            children += process.children(recursive=True)
    # A parent ends its children itself, in good order; what it leaves is ended after it.
    left = [*_end(processes, TERM_PATIENCE), *_end(children, TERM_PATIENCE / 10)]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=5)


def _end(processes: Sequence[psutil.Process], patience: float) -> list[psutil.Process]:
    """Ask processes to end; those that have not when the patience is over."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    alive: list[psutil.Process] = psutil.wait_procs(processes, timeout=patience)[1]
    return alive


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int, variable: str) -> int:
    """The port itself; ServiceError that names who has it when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServiceError(f"port {port} is taken{_owner(port)}: give another one, {variable}=<port>") from error
    return port


def _owner(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1] == port and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def clean_environment() -> dict[str, str]:
    """This process's environment without what would slow Python down or lead it astray."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return {name: value for name, value in os.environ.items() if name not in dropped}
