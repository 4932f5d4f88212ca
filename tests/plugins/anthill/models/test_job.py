"""The job over tables: forecasts of every security or why there is none, made up for, made again, and judged."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from anthill import catalog
from anthill.calendars import market_days
from anthill.lakehouse import statements, tables
from anthill.models import job, reviewed
from anthill.models.estimators import Mean20
from anthill.models.features import asset_classes
from anthill.models.forecaster import Forecaster
from anthill.models.registry import Held, ModelError
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.lake import sail as serve
from tests.plugins.anthill.models.simulated import features

DAYS = market_days("XNYS", dt.date(2022, 1, 3), dt.date(2026, 12, 31))[:60]


class Named:
    """A registry of one champion, or of none and why."""

    def __init__(self, champion: Held | str) -> None:
        self._champion = champion

    def champion(self) -> Held:
        """As MLflow's, which test_registry asks."""
        if isinstance(self._champion, str):
            raise ModelError(self._champion)
        return self._champion


def champion(version: str, *names: str) -> Any:
    """The mean of 20 days as a champion that has learned these asset classes."""
    forecaster = Forecaster("mean")
    for name in names:
        forecaster.learn(name, Mean20(), np.array([0.5, 1.0, 2.0]))
    return Named(Held(version, forecaster))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Features of two indices on sixty days, and none of anything else."""
    with serve() as remote:
        lake = Lake(remote, tmp_path_factory.mktemp("forecasts"), asset_class="indices")
        tables.create(lake.spark, statements.path("gold", "indices", "volatility_features"), "dev")
        held = features(2, 60)
        more = {"is_late": pa.array([False] * 120), "known_at": pa.nulls(120, pa.timestamp("us", "UTC"))}
        for name, column in more.items():
            held = held.append_column(name, column)
        lake.spark.createDataFrame(held).createOrReplaceTempView("held")
        names = [c.name for c in statements.columns("gold", "indices", "volatility_features")]
        kinds = {"days_with_variance": "BIGINT", "is_liquid": "BOOLEAN"}
        given = ", ".join(f"CAST({name} AS {kinds[name]})" if name in kinds else name for name in names)
        lake.spark.sql(
            f"INSERT INTO dev.gold.indices_volatility_features ({', '.join(names)}) SELECT {given} FROM held"
        )
        yield lake
        lake.close()


def score(lake: Lake, registry: Any, first: dt.date, last: dt.date, again: bool = False) -> dict[str, Any]:
    """Forecast some days; what is told of indices, and the rest."""
    return job.score(lake.spark, "dev", registry, first, last, again)


def rows(lake: Lake) -> pl.DataFrame:
    """All forecasts."""
    return lake.table("gold.volatility_forecasts").sort("market_date", "ticker")


def test_what_has_ranges_has_features() -> None:
    """Options' contracts live for weeks, the economy has no prices."""
    assert asset_classes() == ["crypto", "forex", "indices", "stocks"]
    assert all("range_variances" in catalog.load(name).gold for name in asset_classes())


def test_the_file_of_what_was_reviewed_is_whole() -> None:
    """A version has the evaluation that was seen, or there is none yet."""
    told = reviewed.load()
    assert bool(told.version) == bool(told.evaluation) == (told.qlike_ratio is not None)


def test_days_without_a_model_say_why_and_are_made_up_for(lake: Lake) -> None:
    """MLflow is down for a day; the next run forecasts that day, too, and leaves alone what is there."""
    down = score(lake, Named("MLflow does not give it: down"), DAYS[50], DAYS[51])
    assert down["forecasts"]["indices"] == {"days": 2, "rows": 4, "without_forecast": 4}
    assert down["no_model"] == "no model: MLflow does not give it: down"
    assert set(rows(lake)["reason"]) == {down["no_model"]}
    assert score(lake, champion("7", "indices"), DAYS[50], DAYS[51])["model_version"] == "7"
    there = rows(lake)
    assert there["reason"].null_count() == there.height == 4
    truth = features(2, 60).to_pandas().set_index(["ticker", "market_date"])["squared_return_20d"]
    wanted = [truth[ticker, day] for ticker, day in there.select("ticker", "market_date").rows()]
    np.testing.assert_allclose(there["variance"], wanted, rtol=1e-12)
    np.testing.assert_allclose(there["volatility"], np.sqrt(wanted), rtol=1e-12)
    assert there["forecast_date"].to_list() == [DAYS[51], DAYS[51], DAYS[52], DAYS[52]]
    assert score(lake, champion("8", "indices"), DAYS[50], DAYS[51])["forecasts"]["indices"]["days"] == 0
    assert set(rows(lake)["model_version"]) == {"7"}
    score(lake, champion("8", "indices"), DAYS[50], DAYS[51], again=True)
    assert set(rows(lake)["model_version"]) == {"8"}


def test_a_closed_market_and_a_short_history_are_told(lake: Lake) -> None:
    """A weekend has no rows and says so; ten days of history have a reason each."""
    weekend = score(lake, champion("7", "indices"), dt.date(2022, 1, 8), dt.date(2022, 1, 9))["forecasts"]
    assert "no market day, or gold has not got it" in weekend["indices"]["why"]
    assert "no market day, or gold has not got it" in weekend["stocks"]["why"]
    short = score(lake, champion("7", "indices"), DAYS[9], DAYS[9])["forecasts"]["indices"]
    assert short == {"days": 1, "rows": 2, "without_forecast": 2}
    said = rows(lake).filter(market_date=DAYS[9])["reason"]
    assert set(said) == {"too short a history: 10 of 252 market days have a variance, 22 are needed"}


def test_a_champion_that_loses_to_the_mean_for_20_days_is_told(lake: Lake) -> None:
    """By what came of its own forecasts; the mean itself loses to nobody."""
    assert score(lake, champion("7", "indices"), DAYS[30], DAYS[59], again=True)["beaten"] == []
    worse = Forecaster("off")
    worse.learn("indices", Tenfold(), np.array([0.5, 1.0, 2.0]))
    (line,) = score(lake, Named(Held("9", worse)), DAYS[30], DAYS[59], again=True)["beaten"]
    assert line.startswith(f"indices: from {DAYS[39]} to {DAYS[58]} the mean of 20 days had a QLIKE of ")


class Tenfold(Mean20):
    """Ten times too much."""

    def predict(self, panel: Any) -> Any:
        """Off by the factor."""
        return super().predict(panel) * 10


@pytest.mark.parametrize("action", ["score", "rescore"])
def test_the_job_hands_back_what_it_was_asked(lake: Lake, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days and action; without MLflow the rows say so, and the job ends well."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    days = {"market_date_from": str(DAYS[58]), "market_date_to": str(DAYS[58])}
    names = {"model": "dev.gold.volatility", "experiment": "/Users/deployer/anthill-volatility"}
    told = job.run(lake.spark, catalog="dev", action=action, **names, **days)
    assert (told["from"], told["to"], told["action"]) == (str(DAYS[58]), str(DAYS[58]), action)
    assert told["opinions"]["indices"] == {"looked_at": 0, "without_opinion": 0}
    assert told["no_model"] == "no model: MLflow is not installed here: the group `models` has it"
