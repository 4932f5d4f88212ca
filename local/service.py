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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from local import patience, whole_file
from local.standstill import Standstill, family

MARK = "ANTHILL_STACK"  # in the environment of every process of a stack: the folder of its records


class ServiceError(RuntimeError):
    """A service did not start, died or stands still; the message has the end of its log."""


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
    child: subprocess.Popen[bytes] | psutil.Process | None = field(default=None, init=False)
    standstill: Standstill = field(init=False)

    def __post_init__(self) -> None:
        self.standstill = Standstill(self._processes)

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
                # Without the second one a process that names itself writes over its environment.
                env={**self.env, MARK: str(self.folder), "SPT_NOENV": "1"},
                cwd=self.cwd,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.fds,
            )
        remember(self.folder / f"{self.name}.json", psutil.Process(self.child.pid))

    def wait(self) -> None:
        """Return when it is ready, however long it works on it; ServiceError when it dies or stands still."""
        while True:
            self.check()
            if self.health is None or _answers(self.health):
                return
            time.sleep(0.1)

    def check(self) -> None:
        """ServiceError when the process has ended, or has done nothing for long and does not answer either."""
        if self.child is None:
            return
        if (ended := self._ended()) is not None:
            raise ServiceError(f"{self.name} ended{ended}\n{self.tail()}")
        size = self.log.stat().st_size if self.log.exists() else 0
        still = self.standstill.seconds(size)
        if still > patience.STANDSTILL and not (self.health and _answers(self.health)):
            raise ServiceError(
                f"{self.name} (process {self.child.pid}) stands still: it has used no CPU and written nothing for "
                f"{still:.0f} s, and is ended\n{self.tail()}"
            )

    def _ended(self) -> str | None:
        """How the process ended; None while it runs."""
        if isinstance(self.child, subprocess.Popen):
            return None if (code := self.child.poll()) is None else f" with exit code {code}"
        return None if self.child is not None and self.child.is_running() else ""

    def _processes(self) -> list[psutil.Process]:
        """Its process; those that came of it are looked for only where that one seems to rest."""
        with contextlib.suppress(psutil.Error):
            if self.child is not None:
                process = psutil.Process(self.child.pid)
                return family(process) if self.standstill.rests > patience.STANDSTILL / 4 else [process]
        return []

    def tail(self) -> str:
        """The end of its log."""
        return tail(self.log)


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for an error's text."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"--- the end of {log} ---", *text[-lines:]])


def remember(record: Path, process: psutil.Process) -> None:
    """Write down who a process is, for a later start or stop to find."""
    whole_file.write(record, json.dumps({"pid": process.pid, "started": process.create_time()}))


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


@contextlib.contextmanager
def marked(folder: Path) -> Iterator[None]:
    """What is started in the block belongs to the stack whose records lie in the folder."""
    os.environ[MARK] = str(folder)
    try:
        yield
    finally:
        del os.environ[MARK]


def left(folder: Path) -> list[psutil.Process]:
    """Every process that a start over the folder has begun, recorded or not."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def stop(processes: Sequence[psutil.Process], longest: float = patience.WRITING) -> None:
    """Ask the processes to end, then kill what is left of them and of all that came of them."""
    children = [child for process in processes for child in family(process)[1:]]
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
            process.resume()  # one that was stopped would not hear of it
    _wait(processes, longest)  # a parent ends its children itself, in good order
    kill([*processes, *children, *(child for process in processes for child in family(process))])


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes that still run, and wait until they are gone."""
    there = [process for process in set(processes) if _runs(process)]
    for process in there:
        with contextlib.suppress(psutil.Error):
            process.kill()
    _wait(there, 1.0)


def _wait(processes: Iterable[psutil.Process], longest: float) -> None:
    """Return when they have ended, or after so many seconds."""
    end = time.monotonic() + longest
    there = list(processes)
    while (there := [process for process in there if _runs(process)]) and time.monotonic() < end:
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended; one that nobody has taken note of has."""
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


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
        with urllib.request.urlopen(url, timeout=min(30.0, patience.STANDSTILL)):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def clean_environment() -> dict[str, str]:
    """This process's environment without what would slow Python down or lead it astray."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return {name: value for name, value in os.environ.items() if name not in dropped}
