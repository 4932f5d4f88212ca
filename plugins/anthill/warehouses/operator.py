"""The tasks that bring a star from gold into a warehouse: a version of it, then the load of the newest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.warehouses.versions import Versions


class OfVersions(BaseOperator):
    """What both tasks are given: whose star it is, the connection that it comes or goes by, and S3's."""

    template_fields: Sequence[str] = ()
    ui_color = "#d9d5ec"

    def __init__(self, *, asset_class: str, conn_id: str, aws_conn_id: str = "aws_consumption", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asset_class, self.conn_id, self.aws_conn_id = asset_class, conn_id, aws_conn_id

    def versions(self) -> Versions:
        """The star's versions in gold's zone."""
        from anthill.bronze.connections import s3_client
        from anthill.warehouses.versions import Versions

        return Versions(s3_client(self.aws_conn_id), settings.gold_bucket(), self.asset_class)


class KeepVersion(OfVersions):
    """Reads the star's tables of gold and names them as a version in gold's zone; returns the version's number."""

    def __init__(self, *, conn_id: str = "databricks_reader", **kwargs: Any) -> None:
        super().__init__(conn_id=conn_id, **kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read, put, and name; the same rows again are the same version."""
        from anthill import catalog
        from anthill.task import run_of
        from anthill.warehouse.connection import warehouse
        from anthill.warehouses import star

        with _errors():
            versions = self.versions()
            version, new = star.keep(warehouse(self.conn_id), catalog.load(self.asset_class), versions, run_of(context))
        where = versions.uri(version.number)
        self.log.info("%s %s", where, "is new" if new else "has these very rows already")
        rows = {name: part.rows for name, part in version.tables.items()}
        return {"version": version.number, "uri": where, "new": new, "rows": rows}


class LoadVersion(OfVersions):
    """Loads the newest version into the warehouse; returns what that changed. As new a version there is left alone."""

    def __init__(self, *, conn_id: str = "warehouse_default", **kwargs: Any) -> None:
        super().__init__(conn_id=conn_id, **kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        """Look which version is the newest, and load it whole or not at all."""
        from anthill import catalog
        from anthill.sources.postgres.connection import Hook
        from anthill.warehouses import star
        from anthill.warehouses.database import Database

        with _errors():
            versions = self.versions()
            if (version := versions.newest()) is None:
                raise AirflowException(f"gold's zone has no version of {self.asset_class}: clear the task before this")
            hook = Hook(self.conn_id)
            known = hook.get_connection(self.conn_id)
            where = f"postgres://{known.host or 'local'}:{known.port or 5432}/{known.schema or ''}"
            database = Database(hook.get_conn, self.asset_class, where)
            loaded = database.load(version, star.keys_of(catalog.load(self.asset_class)), versions.rows)
        said = "is loaded" if loaded.written else "was there"
        self.log.info("version %s of %s %s: %s", loaded.number, self.asset_class, said, loaded.changed)
        return {
            "version": loaded.number,
            "written": loaded.written,
            "rows": loaded.rows,
            "changed": loaded.changed,
        }


@contextmanager
def _errors() -> Iterator[None]:
    """The room's errors as Airflow's."""
    from anthill.task import airflow_errors
    from anthill.warehouse.errors import QueryError

    try:
        with airflow_errors():
            yield
    except QueryError as error:
        raise AirflowException(str(error)) from None
