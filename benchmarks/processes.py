"""CPU of a command and of all that it starts, by part: processes are looked at many times a second."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.05  # seconds
# What a command line tells of its process; a fork that nothing names has the part of its parent.
PARTS = {
    r"local\.databricks\.zygote": "notebooks and statements",
    r"local\.databricks": "workspace",
    r"local\.aws|ministack": "S3 emulator",
    r"local\.polygon": "market simulator",
    r"postgres": "PostgreSQL",
    r"airflow task (runner|supervisor)|airflow worker": "tasks",
    r"airflow api.server|api_server": "API server",
    r"local\.scheduler|airflow scheduler": "scheduler",
    r"local\.airflow_parts": "Airflow, loaded once",
    r"dag.processor": "DAG processor",
    r"triggerer": "triggerer",
    r"db migrate|db\.migrate": "database's tables",
    r"-m local|local\.__main__": "the command itself",
    r"\bpip\b|\buv\b|-m venv|make|ensurepip|compileall": "set-up",
}


@dataclass
class Process:
    """One process: which part it belongs to, and its CPU seconds when it was last looked at."""

    part: str
    own: float
    reaped: float  # of children that ended and were waited for
    parent: tuple[int, int] | None
    command: str = ""


@dataclass
class Watch:
    """All processes that descend from one, while they live and after."""

    root: int
    seen: dict[tuple[int, int], Process] = field(default_factory=dict)

    def look(self) -> None:
        """Look at every process of the machine once."""
        now = {pid: stat for pid in _pids() if (stat := _stat(pid))}
        family = {pid: (pid, int(stat[19])) for pid, stat in now.items()}
        for pid in sorted(now):
            stat, key = now[pid], family[pid]
            parent = family.get(int(stat[1]))
            known = self.seen.get(key)
            if known is None and pid != self.root and parent not in self.seen:
                continue
            own, reaped = (int(stat[11]) + int(stat[12])) / _TICK, (int(stat[13]) + int(stat[14])) / _TICK
            if known is None:
                above = self.seen[parent].part if parent in self.seen else "set-up"
                command = _command(pid)
                self.seen[key] = Process(_part(command) or above, own, reaped, parent, command)
                continue
            known.own, known.reaped = own, reaped
            command = _command(pid)
            if command and command != known.command:
                known.command = command
                known.part = _part(command) or known.part

    def seconds(self) -> Counter[str]:
        """CPU seconds by part; what ended between two looks counts for the part that waited for it."""
        found: Counter[str] = Counter()
        children: Counter[tuple[int, int]] = Counter()
        for process in self.seen.values():
            found[process.part] += process.own
            if process.parent is not None:
                children[process.parent] += process.own + process.reaped
        for key, process in self.seen.items():
            found[process.part] += max(0.0, process.reaped - children[key])
        return found

    def processes(self) -> Counter[str]:
        """How many processes of each part were seen."""
        return Counter(process.part for process in self.seen.values())


def run(command: list[str], folder: Path, environment: Mapping[str, str], log: Path) -> tuple[Watch, float]:
    """Run a command to its end; its processes and the wall seconds it took. An error where it fails."""
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=out, stderr=out)
        watch = Watch(process.pid)
        while process.poll() is None:
            watch.look()
            time.sleep(_LOOK_EVERY)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {process.returncode}: see {log}")
    return watch, time.monotonic() - started


def _part(command: str) -> str:
    return next((part for pattern, part in PARTS.items() if re.search(pattern, command)), "")


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
