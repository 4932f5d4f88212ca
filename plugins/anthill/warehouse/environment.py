"""The warehouse that the environment's variables name: those of Databricks' own tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import ClientCredentials, Workspace

HELP = (
    "set DATABRICKS_HOST, DATABRICKS_WAREHOUSE_ID and DATABRICKS_TOKEN (or DATABRICKS_CLIENT_ID and "
    "DATABRICKS_CLIENT_SECRET), and ANTHILL_CATALOG if it is not dev; `make up` prints those of the local stack"
)


def warehouse(catalog: str = "", given: Mapping[str, str] = os.environ) -> Warehouse:
    """The warehouse of whoever asks; QueryError that names the variables which are missing."""
    host, warehouse_id = given.get("DATABRICKS_HOST", ""), given.get("DATABRICKS_WAREHOUSE_ID", "")
    if not warehouse_id:
        warehouse_id = given.get("DATABRICKS_HTTP_PATH", "").rpartition("/")[2]
    token: str | Callable[[], str] = given.get("DATABRICKS_TOKEN", "")
    address = host if "://" in host else f"https://{host}"
    client, secret = given.get("DATABRICKS_CLIENT_ID", ""), given.get("DATABRICKS_CLIENT_SECRET", "")
    if not token and client and secret:
        token = ClientCredentials(address, client, secret)
    if not host or not warehouse_id or not token:
        raise QueryError(f"it is not said which Databricks warehouse to ask: {HELP}")
    return Warehouse(Workspace(address, token), catalog or given.get("ANTHILL_CATALOG", "dev"), warehouse_id)
