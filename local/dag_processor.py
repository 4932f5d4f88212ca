"""Airflow's DAG processor on one machine: it parses a file when that changed, and all when a declaration or SQL did."""

from __future__ import annotations

from pathlib import Path

from airflow.cli.commands import dag_processor_command
from airflow.dag_processing.manager import DagFileInfo, DagFileProcessorManager

from anthill.include import include_dir


class Manager(DagFileProcessorManager):
    """Airflow's manager parses a DAG file again once it was written; these are made of what lies in include/, too."""

    _seen: dict[Path, int] | None = None

    def claim_priority_files(self) -> list[DagFileInfo]:
        """What people asked for, and every DAG file where include/ was written since it was last looked at."""
        asked = super().claim_priority_files()
        now, seen = _written(include_dir()), self._seen
        self._seen = now
        return asked if seen in (None, now) else [*asked, *self._file_stats]


def install() -> None:
    """Let Airflow's command use this manager."""
    dag_processor_command.DagFileProcessorManager = Manager  # type: ignore[misc]


def _written(folder: Path) -> dict[Path, int]:
    """When each file below a folder was last written (ns)."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
