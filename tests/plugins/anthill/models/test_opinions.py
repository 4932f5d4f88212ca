"""The forest looks at what has a reason and at nothing else, says why it is silent, and what it said stays said."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
import pytest

from anthill.calendars import market_days
from anthill.lakehouse import statements, tables
from anthill.models import opinions
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.lake import sail as serve

DAYS = market_days("24/7", dt.date(2024, 1, 1), dt.date(2024, 3, 30))
COINS = [f"X:C{number:02}USD" for number in range(30)]
PART = {"daily_prices", "range_variances", "volatility_features", "anomalies"}
DEVIATION = 0.02  # of a day of each of them
LOTS, SPIKE, ODD, NEW = (COINS[3], DAYS[80]), (COINS[5], DAYS[80]), (COINS[7], DAYS[81]), ("X:NEWUSD", DAYS[80])
LATER = (COINS[9], DAYS[80])  # known a day late
FORESTS = find_spec("sklearn") is not None
needs_forest = pytest.mark.skipif(not FORESTS, reason="scikit-learn is not here: make test-models")


def market() -> pl.DataFrame:
    """Bars of quiet coins, three odd in one thing each, one of those without a reason; and a coin of one day."""
    chance, rows = np.random.default_rng(2), []
    for coin in COINS:
        close = 100.0
        for day in DAYS:
            before, opened = close, close * np.exp(0.3 * DEVIATION * chance.standard_normal())
            close = opened * np.exp(0.8 * DEVIATION * chance.standard_normal())
            high, low = (
                max(opened, close) * (1 + 0.004 * chance.random()),
                min(opened, close) * (1 - 0.004 * chance.random()),
            )
            volume = 1000 * np.exp(0.3 * chance.standard_normal()) * (5000 if (coin, day) in (LOTS, ODD) else 1)
            high *= 1.4 if (coin, day) == SPIKE else 1
            rows.append((coin, day, opened, high, low, close, volume, np.log(opened / before), np.log(close / before)))
    rows.append((*NEW, 1.0, 1.1, 0.9, 1.0, 10.0, None, None))
    names = ["ticker", "market_date", "open", "high", "low", "close", "volume", "overnight_return", "day_return"]
    bars = pl.DataFrame(rows, schema=names, orient="row")
    body, reach = (pl.col("close") / pl.col("open")).log(), (pl.col("high") / pl.col("low")).log()
    garman_klass = (reach**2 / 2 - (2 * np.log(2) - 1) * body**2).clip(0)
    return bars.with_columns(
        range_variance=pl.col("overnight_return") ** 2 + garman_klass,
        variance_ewma=pl.when(pl.col("ticker") != NEW[0]).then(pl.lit(DEVIATION**2)),
        days_with_variance=pl.lit(99), is_liquid=pl.lit(True), is_late=pl.lit(False),
    )  # fmt: skip


def fill(lake: Lake, name: str, rows: pl.DataFrame) -> None:
    """Put rows into a table of gold, with NULL in the columns that they have not."""
    lake.spark.createDataFrame(rows.to_arrow()).createOrReplaceTempView("given")
    values = ", ".join(
        f"CAST({column.name if column.name in rows.columns else 'NULL'} AS {column.type}) AS {column.name}"
        for column in statements.columns("gold", "crypto", name)
    )
    lake.spark.sql(f"INSERT INTO dev.gold.crypto_{name} SELECT {values} FROM given")


def flag(lake: Lake, bars: Sequence[tuple[str, dt.date]], reason: str = "volume_unit") -> None:
    """Give these bars a reason."""
    rows = [
        {"ticker": coin, "market_date": day, "reason": reason, "known_on": day, "security": coin} for coin, day in bars
    ]
    fill(lake, "anomalies", pl.DataFrame(rows))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Ninety days of thirty coins, of which some bars have a reason."""
    with serve() as remote:
        lake = Lake(remote, tmp_path_factory.mktemp("opinions"), asset_class="crypto")
        for name in sorted(PART):
            tables.create(lake.spark, statements.path("gold", "crypto", name), "dev")
        bars = market()
        for name in sorted(PART - {"anomalies"}):
            fill(lake, name, bars)
        flag(lake, [LOTS, SPIKE, NEW])
        flag(lake, [SPIKE], "wick")
        yield lake
        lake.close()


def look(lake: Lake, last: dt.date = DAYS[-1], first: dt.date = DAYS[-1], again: bool = False) -> dict[str, Any]:
    """What the job tells of coins; it has nothing of other asset classes."""
    told = opinions.write(lake.spark, "dev", first, last, again)
    none = {"looked_at": 0, "without_opinion": 0}
    assert {name: each for name, each in told.items() if name != "crypto"} == dict.fromkeys(
        ["forex", "indices", "stocks"], none
    )
    found: dict[str, Any] = told["crypto"]
    return found


def said(lake: Lake) -> dict[tuple[str, dt.date], dict[str, Any]]:
    """The rows of the table."""
    rows = lake.table("gold.anomaly_opinions").to_dicts()
    return {(row["ticker"], row["market_date"]): row for row in rows}


def test_where_there_can_be_no_forest_the_rows_say_why(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few days with bars, and no scikit-learn; the job goes on, and the next one makes up for it."""
    early = (COINS[0], DAYS[15])
    flag(lake, [early])
    assert look(lake, last=DAYS[16]) == {"looked_at": 1, "without_opinion": 1}
    reason = "no forest: 16 of the 66 market days have bars of which something was expected; it needs 20"
    assert said(lake)[early]["reason"] == reason
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    assert look(lake) == {"looked_at": 3, "without_opinion": 3}
    reasons = {row["reason"] for bar, row in said(lake).items() if bar != early}
    assert reasons == {"no forest: scikit-learn is not installed here: the group `models` has it"}


@needs_forest
def test_each_reason_has_an_opinion_and_nothing_else_has(lake: Lake) -> None:
    """What is as odd and has no reason is no alarm; what was odd is named first; a new coin says why not."""
    assert look(lake) == {"looked_at": 3, "without_opinion": 1}
    rows = {bar: row for bar, row in said(lake).items() if bar[1] > DAYS[20]}
    assert set(rows) == {LOTS, SPIKE, NEW}
    assert rows[LOTS]["features"].split(", ")[0] == "volume"
    assert set(rows[SPIKE]["features"].split(", ")) == {"wick", "range", "forecast_error"}
    assert rows[SPIKE]["less_isolated"] > 0.99
    assert rows[LOTS]["less_isolated"] > 0.9
    assert 0.45 < rows[LOTS]["score"] < rows[SPIKE]["score"] < 1
    young = rows[NEW]
    assert (young["score"], young["less_isolated"], young["features"]) == (None, None, None)
    assert young["reason"] == "too short a history: nothing was expected of the day before it came"


@needs_forest
def test_what_was_said_stays_until_it_is_asked_for_again(lake: Lake) -> None:
    """Another reason of that day, known later, has an opinion beside it."""
    look(lake)
    before = said(lake)
    flag(lake, [LATER], "comes_back")
    assert look(lake) == {"looked_at": 2, "without_opinion": 1}
    after = said(lake)
    assert {bar: after[bar] for bar in (LOTS, SPIKE)} == {bar: before[bar] for bar in (LOTS, SPIKE)}
    assert after[LATER]["less_isolated"] < before[LOTS]["less_isolated"]
    again = look(lake, first=DAYS[80], again=True)
    assert again == {"looked_at": 4, "without_opinion": 1}
    repeated = said(lake)
    assert repeated[LOTS]["made_at"] > before[LOTS]["made_at"]
    assert repeated[LOTS]["score"] == before[LOTS]["score"], "the same bars grow the same forest"


@needs_forest
def test_what_a_forest_is_given_is_what_it_means(lake: Lake) -> None:
    """By the definitions, of each bar, from the prices themselves."""
    given = pl.DataFrame(opinions._bars(lake.spark, "dev", "crypto", DAYS[24:])).sort("ticker", "market_date")
    bars = market().filter(pl.col("ticker") != NEW[0]).sort("ticker", "market_date")
    top, bottom = pl.max_horizontal("open", "close"), pl.min_horizontal("open", "close")
    usual = pl.col("volume").log().rolling_mean(20).shift(1).over("ticker")
    wanted = bars.with_columns(
        move=pl.col("day_return") / DEVIATION, gap=pl.col("overnight_return") / DEVIATION,
        range=(pl.col("high") / pl.col("low")).log() / DEVIATION,
        wick=pl.max_horizontal((pl.col("high") / top).log(), (bottom / pl.col("low")).log()) / DEVIATION,
        volume=pl.col("volume").log() - usual,
        forecast_error=(pl.col("range_variance") / DEVIATION**2).log(), repeated=pl.lit(0.0),
    ).filter(pl.col("market_date") >= DAYS[24])  # fmt: skip
    assert given.select("ticker", "market_date").equals(wanted.select("ticker", "market_date"))
    for name in opinions.FEATURES:
        np.testing.assert_allclose(given[name], wanted[name], rtol=1e-9, atol=1e-12, err_msg=name)
