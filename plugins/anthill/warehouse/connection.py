"""The warehouse that Airflow asks, by a connection of its own: the jobs' principal may use none."""

from __future__ import annotations

from airflow.sdk.exceptions import AirflowNotFoundException

from anthill import settings
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace

_PATIENCE = 20.0  # seconds without a byte: a person looks at a page
_HELP = (
    "make it, of the type Databricks, with the token of who may use a warehouse and read silver and quality, and "
    '"http_path" as /sql/1.0/warehouses/<id> in its extra; or use `anthill trace`, which asks with your own rights'
)


def warehouse(conn_id: str = "databricks_reader") -> Warehouse:
    """The warehouse of the connection's `http_path`, as the Databricks provider's own SQL hook reads it."""
    from airflow.providers.databricks.hooks.databricks import DatabricksHook

    hook = DatabricksHook(conn_id, caller="Trace")
    try:
        path = str(hook.databricks_conn.extra_dejson.get("http_path", ""))
    except AirflowNotFoundException:
        raise QueryError(f"there is no connection {conn_id}: {_HELP}") from None
    if not path:
        raise QueryError(f"the connection {conn_id} names no warehouse: {_HELP}")
    workspace = Workspace(str(hook._endpoint_url("")), lambda: str(hook._get_token(raise_error=True)), _PATIENCE)  # type: ignore[no-untyped-call]
    return Warehouse(workspace, settings.catalog(), path.rpartition("/")[2])
