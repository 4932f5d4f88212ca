"""The job `models`: trains, rolls back, copies what was reviewed, or forecasts and gives an opinion on anomalies."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from anthill.models import features, forecasts, opinions, reviewed, training
from anthill.models.registry import Held, ModelError, Registry

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(
    spark: SparkSession,
    *,
    catalog: str,
    action: str,
    market_date_from: str,
    market_date_to: str,
    model: str,
    experiment: str,
    version: str = "",
) -> dict[str, Any]:
    """Do what is asked for; `version` is the one to roll back to, `model` and `experiment` are the bundle's."""
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    registry = Registry(model, experiment)
    result: dict[str, Any] = {"asset_class": "", "from": market_date_from, "to": market_date_to, "action": action}
    match action:
        case "train":
            registry.must_be_deployed()  # before the hours of reading and fitting
            panels = {name: features.history(spark, catalog, name, last) for name in features.asset_classes()}
            return result | training.train(registry, panels)
        case "roll_back":
            registry.roll_back(version)
            return result | {"champion": version, "pinned": version}
        case "copy":
            return result | {"challenger": registry.take(reviewed.load())}
    again = action == "rescore"
    result |= score(spark, catalog, registry, first, last, again)
    return result | {"opinions": opinions.write(spark, catalog, first, last, again)}


def score(
    spark: SparkSession, catalog: str, registry: Registry, first: dt.date, last: dt.date, again: bool = False
) -> dict[str, Any]:
    """Forecast the days that have features and no forecast, `again` those that have one, too.

    A model that cannot be had is no failure: the rows say why there is no forecast, and the next run makes it.
    """
    champion, why = _champion(registry)
    now = dt.datetime.now(dt.UTC)
    told: dict[str, Any] = {}
    beaten = []
    for name in features.asset_classes():
        rows = features.read(spark, catalog, name, first, last)
        done = features.forecast_days(spark, catalog, name)
        days = {day for day in rows.column("market_date").to_pylist() if again or day not in done}
        if not days:
            told[name] = {"days": 0, "why": "every day with features has a forecast"}
            if not rows.num_rows:
                told[name]["why"] = (
                    f"there are no features from {first} to {last}: no market day, or gold has not got it"
                )
        else:
            found = forecasts.of(name, _on(rows, days), champion, why, now)
            features.replace_forecasts(spark, catalog, name, days, found)
            missing = found.column("variance").null_count
            told[name] = {"days": len(days), "rows": found.num_rows, "without_forecast": missing}
        if rows.num_rows and (line := forecasts.beaten(features.judged(spark, catalog, name, last))):
            beaten.append(f"{name}: {line}")
    version = champion.version if champion else None
    return {"forecasts": told, "model_version": version, "no_model": why, "beaten": beaten}


def _champion(registry: Registry) -> tuple[Held | None, str]:
    try:
        return registry.champion(), ""
    except ModelError as error:
        return None, f"no model: {error}"


def _on(rows: Any, days: set[dt.date]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows.column("market_date"), pa.array(sorted(days), pa.date32())))
