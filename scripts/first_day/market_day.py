"""The first market day: a DAG of an asset class is on, and a day of it went through."""

from __future__ import annotations

from anthill import catalog
from scripts.first_day.delivered import succeeded
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError


def turned_on(place: Place) -> str:
    """Somebody has turned an asset class on: after a first delivery all are paused."""
    if not (found := _on(place)):
        raise MissingError("the DAGs of all asset classes are paused, as they are at first")
    return ", ".join(found)


def went_through(place: Place) -> str:
    """A market day of an asset class that is on has succeeded."""
    found = _on(place)
    for asset_class in found:
        if count := succeeded(place, asset_class):
            return f"runs of {asset_class} that succeeded: {count}"
    command = f"make market-day ENV={place.environment} ASSET={found[0]}"
    raise MissingError(f"no market day of {', '.join(found)} has succeeded", command)


def _on(place: Place) -> list[str]:
    ours = catalog.asset_classes()
    return sorted(d["dag_id"] for d in place.airflow.all("/dags", "dags") if d["dag_id"] in ours and not d["is_paused"])
