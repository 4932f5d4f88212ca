"""A database as Airflow's connection says: `<asset class>_default`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg2
from airflow.providers.postgres.hooks.postgres import PostgresHook

from anthill.dataset import Dataset
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.follower import Follower
from anthill.sources.postgres.slot import PREFIX
from anthill.sources.postgres.source import PostgresSource


class Hook(PostgresHook):
    """The provider's, with its extras and tokens of IAM, over psycopg2.

    It takes psycopg 3 where both are there, which hands out rows one by one, at five times the CPU.
    """

    _arguments: Mapping[str, Any] = {}
    ignored_extra_options = PostgresHook.ignored_extra_options | {"slot"}

    def opened(self, **arguments: Any) -> Any:
        """A connection, with arguments of psycopg2's beside those of Airflow's connection."""
        self._arguments = arguments
        return self.get_conn()

    def _create_connection(self, conn_args: dict[str, Any]) -> Any:
        return psycopg2.connect(**conn_args, **self._arguments)


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = "") -> PostgresSource:
    """The tables of one cut, all of them in the mode that they declare; slots share no rate here."""
    tables = [each for each in datasets if isinstance(each, PostgresDataset)]
    hook = Hook(conn_id or f"{tables[0].asset_class}_default")
    known = hook.get_connection(hook.postgres_conn_id)
    where = f"postgres://{known.host or 'local'}:{known.port or 5432}/{known.schema or ''}"
    place = hook.opened, tables, hook.postgres_conn_id, where
    if slot := slot_of(tables, hook):
        return Follower(*place, slot=slot)
    return PostgresSource(*place)


def slot_of(datasets: Iterable[Dataset], hook: Hook) -> str:
    """The slot by which an asset class follows its database; "" where its tables are read whole."""
    table = next(each for each in datasets if isinstance(each, PostgresDataset))
    if table.mode != "changes":
        return ""
    return str(hook.get_connection(hook.postgres_conn_id).extra_dejson.get("slot") or PREFIX + table.asset_class)


def requests_per_minute() -> int:
    """Nothing limits how often a database is asked."""
    return 0
