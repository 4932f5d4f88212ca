"""A DAG run that the demo follows."""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """A DAG run that the demo has started, and what a person calls it."""

    dag: str
    run: str
    name: str
