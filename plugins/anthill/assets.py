"""The assets of Airflow's graph: each bronze dataset and each table of silver and gold, by the words of its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

if TYPE_CHECKING:
    from airflow.sdk import Context


def bronze(asset_class: str, dataset: str) -> Asset:
    """A dataset as the source gave it."""
    return _asset("bronze", asset_class, dataset)


def silver(asset_class: str, dataset: str) -> Asset:
    """A dataset's typed rows."""
    return _asset("silver", asset_class, dataset)


def gold(asset_class: str, table: str) -> Asset:
    """A table that analysts query; others may schedule on it."""
    return _asset("gold", asset_class, table)


def tell(context: Context, facts: dict[str, dict[str, Any]]) -> None:
    """Put facts, by the last word of its name, on the event of each asset that the task updates."""
    events = context["outlet_events"]
    for asset in context["task"].outlets:
        if isinstance(asset, Asset):
            events[asset].extra = facts.get(asset.name.rpartition(".")[2], {})


def _asset(layer: str, asset_class: str, name: str) -> Asset:
    # A URI with a scheme would load every provider's handlers, and boto3 with them, whenever a DAG file is parsed.
    return Asset(name=f"{layer}.{asset_class}.{name}", group=layer)
