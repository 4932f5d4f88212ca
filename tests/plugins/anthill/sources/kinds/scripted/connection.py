"""The script that tests have put here."""

from __future__ import annotations

from collections.abc import Iterable

from anthill.sources.scripted.source import Script, ScriptedSource

from anthill.dataset import Dataset

SCRIPTS: list[Script] = []  # the last one answers


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = "scripted_default") -> ScriptedSource:
    """The last script."""
    return ScriptedSource(SCRIPTS[-1], conn_id)


def requests_per_minute(conn_id: str = "scripted_default") -> int:
    """Nothing limits a script."""
    return 0
