"""Forecasts of volatility against the mean of 20 days: on a simulated market, on a real year, and what they cost."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import os
import resource
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from anthill.calendars import market_days, shift
from anthill.include import include_dir
from anthill.lakehouse import statements
from anthill.models import panel as panels
from anthill.models.estimators import Boosted, Estimator, Har, Mean20
from anthill.models.evaluation import qlike, walk_forward, whole
from anthill.models.panel import Panel
from local.polygon.markets.clock import Clock
from local.polygon.stocks.simulated import SimulatedStocks

SHARED = Path(os.environ.get("ANTHILL_SHARED", "/work/shared")) / "market-history"
SQL = include_dir() / "sql/gold"


def cpu() -> float:
    """Seconds of this process and its threads, Sail's among them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def features(spark: Any, bars: pa.Table, calendar: str, first: dt.date, last: dt.date) -> pa.Table:
    """Bars through gold's own SQL; `opened` and `closed` are columns of them where wealth is not the price."""
    days = market_days(calendar, shift(calendar, first, -1), last)
    numbered = {"market_date": days, "session": np.arange(len(days), dtype=np.int32)}
    opens = [dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(days=9) for day in days]
    stamps = pa.array(opens, pa.timestamp("us", "UTC"))
    spark.createDataFrame(pa.table({**numbered, "next_opens_at": stamps})).createOrReplaceTempView("market_days")
    spark.createDataFrame(pa.table({"market_date": days, "asof": stamps})).createOrReplaceTempView("answers")
    spark.createDataFrame(bars).createOrReplaceTempView("bars")
    words = {"days": f"market_date >= DATE'{first}'", "first": f"DATE'{days[0]}'", "last": f"DATE'{last}'"}
    file = SQL / "range_variances.sql"
    found = spark.sql(statements.filled(f"WITH {statements.code(file)} SELECT * FROM clipped", file, "dev", **words))
    spark.createDataFrame(found.toArrow()).createOrReplaceTempView("variances")
    file = SQL / "volatility_features.sql"
    text = statements.filled(f"WITH {statements.code(file)} SELECT * FROM described", file, "dev", **words)
    table: pa.Table = spark.sql(text).toArrow()
    return table


def simulated(securities: int, years: int) -> tuple[pa.Table, dt.date, dt.date]:
    """Bars of the simulated market's shares, adjusted for splits; turnover is close * volume all the same."""
    days = market_days("XNYS", dt.date(2021, 1, 4), dt.date(2020 + years, 12, 31))
    market = SimulatedStocks(7, Clock(days[-1]), stocks=securities, otc=0)
    place = {day: at for at, day in enumerate(market.sessions.days)}
    parts = [market.day(place[day], adjusted=True, otc=False) for day in days]
    columns = {
        "ticker": np.concatenate([part.tickers for part in parts]),
        "market_date": np.repeat(np.array(days, "datetime64[D]"), [len(part) for part in parts]),
    }
    for name, field in {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}.items():
        columns[name] = np.concatenate([getattr(part, field) for part in parts]).astype(float)
    return _bars(columns), days[0], days[-1]


def real(name: str) -> tuple[pa.Table, dt.date, dt.date]:
    """Bars of the real year, with the splits and the cash of their days."""
    rows = _rows(f"{name}_daily")
    columns: dict[str, Any] = {"ticker": [row["ticker"] for row in rows]}
    columns["market_date"] = np.array([row["date"] for row in rows], "datetime64[D]")
    for price in ("open", "high", "low", "close", "volume"):
        columns[price] = np.array([float(row[price]) for row in rows])
    kept: dict[str, dict[str, float]] = defaultdict(dict)
    if name == "stocks":
        closes = {(row["ticker"], row["date"]): float(row["close"]) for row in rows}
        for row in _rows("stock_splits"):
            kept[row["ticker"]][row["last_day_before"]] = 1 / float(row["new_shares_per_old"])
        for row in _rows("stock_dividends"):
            if close := closes.get((row["ticker"], row["last_day_before"])):
                days = kept[row["ticker"]]
                last = row["last_day_before"]
                days[last] = days.get(last, 1.0) * (1 - float(row["cash_amount"]) / close)
    factor = [
        float(np.prod([part for last, part in kept[ticker].items() if str(day) <= last] or [1.0]))
        for ticker, day in zip(columns["ticker"], columns["market_date"], strict=True)
    ]
    if name == "forex":
        columns["volume"][:] = np.nan
    return _bars(columns, np.array(factor)), columns["market_date"].min().item(), columns["market_date"].max().item()


def _rows(name: str) -> list[dict[str, str]]:
    with gzip.open(SHARED / f"{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def _bars(columns: Mapping[str, Any], factor: Any = 1.0) -> pa.Table:
    turnover = columns["close"] * columns["volume"]
    prices = {name: columns[name] for name in ("ticker", "market_date", "open", "high", "low", "close")}
    wealth = {"opened": columns["open"] * factor, "closed": columns["close"] * factor}
    unknown = np.zeros(len(turnover), dtype=np.int32)
    amounts = pa.array(turnover, mask=~np.isfinite(turnover))
    return pa.table({**prices, "security": prices["ticker"], **wealth, "turnover": amounts, "unknown": unknown})


def compare(title: str, asset_class: str, held: Panel, kinds: Mapping[str, type]) -> None:
    """QLIKE of each kind as a part of the mean's over the walk-forward, by year."""
    losses, _ = walk_forward(asset_class, held, kinds)
    rows = sum(loss.rows for loss in losses if loss.model == next(iter(kinds)))
    for kind in kinds:
        quarters = [loss for loss in losses if loss.model == kind]
        base = {loss.quarter: loss.qlike for loss in losses if loss.model == "mean_20d"}
        better = sum(loss.qlike < base[loss.quarter] for loss in quarters)
        ratio = whole(losses, kind)
        print(f"{title:24} {kind:8} {ratio:.3f} of the 20-day mean, {better}/{len(quarters)} quarters, {rows:,} rows")


def of_the_year(title: str, held: Panel) -> None:
    """The second half of a year by what was fitted to the first, with the standard error over its days."""
    known = held.where(held.whole & np.isfinite(held.next_variance) & np.isfinite(held.columns["squared_return_20d"]))
    days = np.unique(known.days)
    middle = days[len(days) // 2]
    before, asked = known.where(known.days < days[len(days) // 2 - 1]), known.where(known.days >= middle)
    _, at = np.unique(asked.days, return_inverse=True)
    counts = np.bincount(at)
    daily = {}
    models: dict[str, Estimator] = {"har": Har().fit(before), "mean": Mean20()}
    for name, model in models.items():
        daily[name] = np.bincount(at, qlike(asked.next_variance, model.predict(asked))) / counts
    ratio = daily["har"].mean() / daily["mean"].mean()
    apart = daily["har"] - ratio * daily["mean"]
    error = apart.std(ddof=1) / np.sqrt(len(apart)) / daily["mean"].mean()
    print(
        f"{title:24} har      {ratio:.3f} +- {error:.3f} of the 20-day mean, {len(asked):,} rows on {len(apart)} days"
    )


def cost(securities: int, sessions: int) -> None:
    """CPU of HAR alone on so many rows of noise: eight fits and two years scored, and one day."""
    chance = np.random.default_rng(1)
    size = securities * sessions
    columns = {
        name: chance.gamma(2, 1e-4, size) for name in panels.FEATURES if name.startswith(("variance", "squared"))
    }
    columns |= {"return_1d": chance.standard_normal(size) / 100, "is_liquid": np.ones(size)}
    days = np.repeat(np.array(market_days("XNYS", dt.date(2021, 1, 4), dt.date(2026, 12, 31))[:sessions]), securities)
    tickers = np.full(size, "x", object)
    held = Panel(tickers, days.astype("datetime64[D]"), columns, chance.gamma(2, 1e-4, size), np.full(size, 1e-4))
    began = cpu()
    walk_forward("stocks", held, {"har": Har})
    print(f"HAR, {securities:,} x {sessions:,}: walk-forward of 8 quarters {cpu() - began:.1f} CPU s")
    model = Har().fit(held.where(held.quarters < held.quarters.max()))
    began = cpu()
    model.predict(held.where(held.days == held.days.max()))
    print(f"HAR, {securities:,} securities: one day scored {cpu() - began:.2f} CPU s")


def main(arguments: Iterable[str] | None = None) -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--securities", type=int, default=500)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--only", choices=["simulated", "real", "cost"])
    asked = parser.parse_args(None if arguments is None else list(arguments))
    if asked.only in (None, "cost"):
        cost(11_000, 1_256)
    if asked.only == "cost":
        return
    from pyspark.sql import SparkSession

    from tests.plugins.anthill.lakehouse.lake import sail

    with sail() as remote:
        spark = SparkSession.builder.remote(remote).create()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        if asked.only in (None, "simulated"):
            bars, first, last = simulated(asked.securities, asked.years)
            began = cpu()
            held = panels.of(features(spark, bars, "XNYS", first, last))
            print(f"features of {bars.num_rows:,} rows by gold's SQL: {cpu() - began:.1f} CPU s")
            compare("simulated stocks", "stocks", held, {"har": Har, "boosted": Boosted})
        if asked.only in (None, "real"):
            if not SHARED.is_dir():
                print(f"skipped, the real year: {SHARED} is not here (ANTHILL_SHARED)")
                return
            for name, calendar in (("stocks", "XNYS"), ("forex", "forex"), ("crypto", "24/7")):
                bars, first, last = real(name)
                of_the_year(f"real {name}, {first:%Y}", panels.of(features(spark, bars, calendar, first, last)))


if __name__ == "__main__":
    main()
