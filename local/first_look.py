"""What a new user of `make up` finds: where to sign in, and some market days to look at."""

from __future__ import annotations

from anthill import catalog
from local import connections, demo
from local.stack import Stack
from local.summary import bronze_objects

_ASSET_CLASS, _DAYS = "forex", 10  # small, and whole in a minute or two


def land(stack: Stack) -> bool:
    """Start a backfill of a few days where the lake is empty; whether it was."""
    # Whoever brings a key, a bucket or a workspace of their own decides what is fetched into it.
    if connections.brought() or any(bronze_objects(stack, name) for name in catalog.asset_classes()):
        return False
    api = stack.api()
    api.wait_for_dag("market_backfill")
    api.patch("/dags/market_backfill", {"is_paused": False})
    demo.backfill(api, _ASSET_CLASS, demo.days_asked(_ASSET_CLASS, None, stack.last_day, _DAYS))
    return True


def text(stack: Stack, landing: bool) -> str:
    """What to open, and what to type next."""
    base = stack.addresses.airflow
    lines = [
        f"Open       {base}/plugin/coverage   what is landed, and what is missing",
        "Sign-in    no password: everyone who reaches this address is admin, so it listens on this machine only",
        f"Terminal   .venv/bin/anthill --url {base} doctor   (then: coverage, gaps, backfill)",
    ]
    if "databricks" not in connections.brought():
        where = f"DATABRICKS_HOST={stack.addresses.databricks} DATABRICKS_TOKEN={connections.READER}"
        lines.append(
            f"Tables     export {where} DATABRICKS_WAREHOUSE_ID=local   (for `anthill export`, `anthill.read`)"
        )
    if landing:
        lines.append(f"Now        {_DAYS} market days of {_ASSET_CLASS} are being loaded, for a first look")
    return "\n".join(lines)
