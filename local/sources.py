"""Sources beside the market, served where they are asked for: each by the module `local/<asset class>/served.py`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import psutil

from anthill import catalog

if TYPE_CHECKING:
    from anthill.warehouse.warehouse import Warehouse
    from local.airflow_api import AirflowApi
    from local.demo import Progress
    from local.service import Service
    from local.stack import Stack

_HERE = Path(__file__).parent


class Started(NamedTuple):
    """What a source brings into the stack."""

    connections: Mapping[str, str]  # Airflow's, as variables: AIRFLOW_CONN_…
    services: Sequence[Service]  # not started yet; one is named as the source
    processes: Mapping[str, psutil.Process] = {}  # that run already, by name; of a PostgreSQL it ends in `postgres`


class Source(Protocol):
    """What the module of a source has."""

    DAGS: Sequence[str]  # that are off at first: turned on where the source is served
    QUERY: str  # the first thing to ask of its gold

    @staticmethod
    def start(home: Path, run: Path) -> Started:
        """Serve it from what lies in its folder under `home`; records and logs are under `run`."""

    @staticmethod
    def take(stack: Stack, api: AirflowApi, progress: Progress) -> dict[str, Any]:
        """Take it through its DAGs to gold; `tables` has rows by layer and table, `missing` what is not there."""

    @staticmethod
    def lines(numbers: Mapping[str, Any]) -> list[str]:
        """Its numbers as sentences."""


def names() -> list[str]:
    """Every source that can be asked for."""
    return sorted(path.parent.name for path in _HERE.glob("*/served.py"))


def of(name: str) -> Source:
    """A source's module."""
    return importlib.import_module(f"local.{name}.served")  # type: ignore[return-value]


def tables(warehouse: Warehouse, name: str) -> dict[str, dict[str, int]]:
    """Rows of a source's tables of silver and gold."""
    declared = catalog.load(name)
    wanted = {"silver": declared.datasets, "gold": declared.gold}
    found: dict[str, dict[str, int]] = {}
    for layer, of_it in wanted.items():
        there = {table["name"] for table in warehouse.listed(layer)}
        counts = [
            f"SELECT '{table}' AS name, count(*) AS rows FROM {layer}.{table}"
            for table in (f"{name}_{each}" for each in of_it)
            if table in there
        ]
        found[layer] = (
            {row["name"]: row["rows"] for row in warehouse.records(" UNION ALL ".join(counts))} if counts else {}
        )
    return found


def dags(sources: Sequence[str]) -> list[str]:
    """The DAGs of some sources."""
    return [dag for name in sources for dag in of(name).DAGS]
