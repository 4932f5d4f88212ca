"""Anomalies: each reason just beyond its threshold and just within, when it is known, and what became of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import pytest

from anthill.calendars import market_days
from anthill.lakehouse import statements
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.oracle_anomalies import Bar, far_range, far_volume, forecast, usual_volume

DAYS = market_days("24/7", dt.date(2024, 1, 1), dt.date(2024, 2, 14))[:44]
PAST, DAY, NEXT = DAYS[:42], DAYS[42], DAYS[43]
BEYOND, WITHIN = 1.0001, 0.9999
Event = tuple[Bar, Bar]  # of the day, and of the one after
SHAPES = {"wild": 0.02, "calm": 0.002}


def past(shape: str) -> list[Bar]:
    """Closes that swing by a step, with ranges and volumes that swing too; one day is far wilder than all others."""
    step, close, bars = SHAPES[shape], 100.0, []
    for at in range(len(PAST)):
        opened = close
        close = 100.0 * math.exp(step * ((at * 7) % 5 - 2))
        reach = math.exp(step * (0.5 + 0.1 * (at % 7)))
        if at == 30:
            reach = math.exp(30 * step)
        bars.append(Bar(opened, max(opened, close) * reach, min(opened, close) / reach, close, 1000.0 + 50 * (at % 9)))
    return bars


def moved(bars: list[Bar], by: float, back: float = 0.0, volume: float = 1000.0) -> Event:
    """A close so far from the one before in logarithms, the next day at such a part of it."""
    base = bars[-1].close
    close, after = base * math.exp(by), base * math.exp(by * back)
    one = Bar(base, max(base, close) * 1.0001, min(base, close) * 0.9999, close, volume)
    return one, Bar(close, max(close, after) * 1.0001, min(close, after) * 0.9999, after, 1010.0)


def spiked(bars: list[Bar], log_range: float, part: float) -> Event:
    """A bar with this log range, such a part of which lies above open and close; the rest is the body."""
    base = bars[-1].close
    opened, low = base, base * math.exp(-log_range * (1 - part))
    return Bar(opened, base * math.exp(log_range * part), low, low, 1000.0), Bar(low, base * 1.01, low, base, 1010.0)


def stale(bars: list[Bar], flat: bool = False) -> Event:
    """The last bar again, twice; or one that stood still all day."""
    last = Bar(*[bars[-1].close] * 4, 1000.0) if flat else bars[-1]
    return last, last


Case = tuple[str, Callable[[list[Bar]], Event], dict[str, Callable[[list[Bar]], float]]]
BACK, RATIO, LINE = "comes_back", "split_ratio", "jump"


def of(by: float) -> Callable[[list[Bar]], float]:
    """A simple return, as the size of what comes back."""
    return lambda _: math.exp(by) - 1


CASES: dict[str, Case] = {
    # Five forecast deviations, a tenth, and three quarters undone.
    "BACK5": ("wild", lambda b: moved(b, 5 * forecast(b) * BEYOND),
              {BACK: lambda b: math.exp(5 * forecast(b) * BEYOND) - 1}),
    "BACK4": ("wild", lambda b: moved(b, 5 * forecast(b) * WITHIN), {}),
    "BACKDOWN": ("wild", lambda b: moved(b, -5 * forecast(b) * BEYOND),
                 {BACK: lambda b: math.exp(-5 * forecast(b) * BEYOND) - 1}),
    "SMALL": ("calm", lambda b: moved(b, 0.1 * WITHIN), {}),
    "LARGE": ("calm", lambda b: moved(b, 0.1 * BEYOND), {BACK: of(0.1 * BEYOND)}),
    "UNDONE": ("calm", lambda b: moved(b, 0.15, back=0.25 * WITHIN), {BACK: of(0.15)}),
    "STAYED": ("calm", lambda b: moved(b, 0.15, back=0.25 * BEYOND), {}),
    # Fifteen deviations, and a fifth of the price.
    "JUMP15": ("wild", lambda b: moved(b, 15 * forecast(b) * BEYOND, back=1.0), {LINE: lambda b: 15 * BEYOND}),
    "JUMP14": ("wild", lambda b: moved(b, 15 * forecast(b) * WITHIN, back=1.0), {}),
    "FIFTH": ("calm", lambda b: moved(b, 0.2 * BEYOND, back=1.0), {LINE: lambda b: 0.2 * BEYOND / forecast(b)}),
    "NOFIFTH": ("calm", lambda b: moved(b, 0.2 * WITHIN, back=1.0), {}),
    # A range beyond six deviations, half of it on one side, a tenth at least.
    "WICK": ("wild", lambda b: spiked(b, far_range(b) * BEYOND, 0.9),
             {"wick": lambda b: math.exp(far_range(b) * BEYOND * 0.9) - 1}),
    "NOWICK": ("wild", lambda b: spiked(b, far_range(b) * WITHIN, 0.9), {}),
    "HALF": ("calm", lambda b: spiked(b, 0.21, 0.5 * BEYOND),
             {"wick": lambda b: math.exp(0.21 * 0.5 * BEYOND) - 1, BACK: of(-0.21 * (1 - 0.5 * BEYOND))}),
    "NOHALF": ("calm", lambda b: spiked(b, 0.21, 0.5 * WITHIN), {BACK: of(-0.21 * (1 - 0.5 * WITHIN))}),
    "TENTH": ("calm", lambda b: spiked(b, 0.15, 0.1 * BEYOND / 0.15), {"wick": lambda b: math.exp(0.1 * BEYOND) - 1}),
    "NOTENTH": ("calm", lambda b: spiked(b, 0.15, 0.1 * WITHIN / 0.15), {}),
    # Twenty times the median volume at a quiet price.
    "LOTS": ("wild", lambda b: moved(b, 0.01, volume=math.exp(usual_volume(b) + far_volume(b) * BEYOND)),
             {"volume_unit": lambda b: math.exp(far_volume(b) * BEYOND)}),
    "SHARES": ("wild", lambda b: moved(b, 0.01, volume=math.exp(usual_volume(b) + far_volume(b) * WITHIN)), {}),
    "FEWER": ("wild", lambda b: moved(b, 0.01, volume=math.exp(usual_volume(b) - far_volume(b) * BEYOND)),
              {"volume_unit": lambda b: math.exp(-far_volume(b) * BEYOND)}),
    "NEWS": ("wild", lambda b: moved(b, 5 * forecast(b) * BEYOND, back=1.0, volume=1e6), {}),
    "NONEWS": ("wild", lambda b: moved(b, 5 * forecast(b) * WITHIN, back=1.0, volume=1e6),
               {"volume_unit": lambda b: 1e6 / math.exp(usual_volume(b))}),
    "STALE": ("wild", stale, {}),  # of the day it is the second alike
    "FLAT": ("wild", lambda b: stale(b, flat=True), {}),
    "QUIET": ("wild", lambda b: moved(b, 0.01), {}),
}  # fmt: skip
BANDS = {"X:USDTUSD": (1.01, None), "X:USDCUSD": (0.98999, 0.98999 / 0.99 - 1)}  # from 0.99 to 1.01, ends included


def rows(day: dt.date) -> list[dict[str, Any]]:
    """The bars of a day as the source gives them."""
    found = []
    for name, (shape, event, _) in CASES.items():
        bars = past(shape)
        one = bars[PAST.index(day)] if day in PAST else event(bars)[day == NEXT]
        found.append(sent(f"X:{name}USD", one))
    for ticker, (close, _) in BANDS.items():
        at = close if day == DAY else 1.0
        found.append(sent(ticker, Bar(1.0, max(1.0, at) + 0.001, min(1.0, at) - 0.001, at, 1000.0 + DAYS.index(day))))
    return found


def sent(ticker: str, bar: Bar) -> dict[str, Any]:
    """A bar as the API writes it."""
    average = (bar.high + bar.low) / 2
    return {"T": ticker, **dict(zip("ohlcv", bar, strict=True)), "vw": average, "n": 9}


def expected() -> dict[tuple[str, str], float]:
    """Size by ticker and reason, of the day."""
    found = {}
    for name, (shape, _, reasons) in CASES.items():
        for reason, size in reasons.items():
            found[f"X:{name}USD", reason] = size(past(shape))
    for ticker, (_, size) in BANDS.items():
        if size is not None:
            found[ticker, "peg_broken"] = size
    return found


def told(lake: Lake, day: dt.date = DAY) -> pl.DataFrame:
    """The anomalies of a day."""
    return lake.table("gold.crypto_anomalies").filter(market_date=day)


def sizes(frame: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Size by ticker and reason."""
    return {(row["ticker"], row["reason"]): row["size"] for row in frame.iter_rows(named=True)}


def load(lake: Lake, days: Iterable[dt.date]) -> None:
    """Bars of these days from the source to gold."""
    asked = list(days)
    for day in asked:
        lake.put("grouped_daily", day, rows(day))
    lake.silver(asked[0], asked[-1])
    lake.quality(asked[0], asked[-1], datasets="grouped_daily")
    lake.gold(asked[0], asked[-1])


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_each_reason_at_its_threshold_and_the_life_of_an_anomaly(lake: Lake) -> None:
    """On its day, on the next one, and after the source has corrected it."""
    lake.only("anomalies")
    right = expected()
    load(lake, [*PAST, DAY])
    on_the_day = {key: size for key, size in right.items() if key[1] != BACK}
    assert set(sizes(told(lake))) == set(on_the_day)
    assert sizes(told(lake)) == pytest.approx(on_the_day)
    assert told(lake)["known_on"].unique().to_list() == [DAY]
    bars = {name: past(shape) for name, (shape, _, _) in CASES.items()}
    for row in told(lake).filter(pl.col("reason") != "peg_broken").iter_rows(named=True):
        assert row["forecast"] == pytest.approx(forecast(bars[row["ticker"][2:-3]]))

    load(lake, [NEXT])
    assert set(sizes(told(lake))) == set(right)
    assert sizes(told(lake)) == pytest.approx(right)
    known = told(lake).filter(reason=BACK)["known_on"].unique().to_list()
    assert (known, told(lake).filter(pl.col("reason") != BACK)["known_on"].unique().to_list()) == ([NEXT], [DAY])
    assert sizes(told(lake, NEXT)) == {("X:STALEUSD", "same_bar"): 3.0}
    assert told(lake)["corrected_at"].null_count() == len(right)
    assert {uri.rpartition("/")[2] for uri in told(lake)["source_uri"]} == {"r000001.jsonl.gz"}

    calm = past("calm")
    given = {"X:LARGEUSD": moved(calm, 0.01)[0], "X:FIFTHUSD": moved(calm, 0.25, back=1.0)[0]}
    mended = [sent(row["T"], given[row["T"]]) if row["T"] in given else row for row in rows(DAY)]
    lake.put("grouped_daily", DAY, mended)
    lake.run(DAY)
    after = told(lake)
    right["X:FIFTHUSD", LINE] = 0.25 / forecast(calm)  # other values, as strange: it stands by them
    assert sizes(after) == pytest.approx(right)  # it is told what had been there
    gone = after.filter(pl.col("corrected_at").is_not_null())
    assert gone.select("ticker", "reason").rows() == [("X:LARGEUSD", BACK)]
    assert gone["source_uri"].item().endswith(f"date={DAY}/r000001.jsonl.gz")
    others = after.filter(pl.col("corrected_at").is_null())
    assert {uri.rpartition("/")[2] for uri in others["source_uri"]} == {"r000002.jsonl.gz"}


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_a_gap_in_minutes_of_a_day_that_has_all_others(lake: Lake) -> None:
    """15 minutes without a bar, wherever they are; 14 are none, nor is a pair that trades in 8 minutes of 10."""
    lake.only("anomalies", datasets=("minute_bars",))
    midnight = int(dt.datetime.combine(DAY, dt.time(), dt.UTC).timestamp())
    gaps = {
        "X:GAPUSD": range(600, 615),
        "X:FULLUSD": range(600, 614),
        "X:LATEUSD": range(20),
        "X:EARLYUSD": range(1410, 1440),
    }
    held = {ticker: [at for at in range(1440) if at not in gap] for ticker, gap in gaps.items()}
    held["X:THINUSD"] = [at for at in range(1440) if at not in range(600, 640) and at % 5]
    prices = dict.fromkeys("ohlcv", 1.0)
    bodies = [
        {"ticker": ticker, "results": [{"t": (midnight + at * 60) * 1000} | prices for at in minutes]}
        for ticker, minutes in held.items()
    ]
    lake.put("grouped_daily", DAY, rows(DAY))
    lake.put_bodies("minute_bars", DAY, bodies, sum(map(len, held.values())))
    lake.silver(DAY)
    lake.quality(DAY, datasets="grouped_daily,minute_bars")
    lake.gold(DAY)
    gapped = told(lake).filter(reason="minute_gap")
    assert sizes(gapped) == {
        (t, "minute_gap"): float(n) for t, n in (("X:GAPUSD", 15), ("X:LATEUSD", 20), ("X:EARLYUSD", 30))
    }
    assert all("/minute_bars/" in uri for uri in gapped["source_uri"])
    assert (
        not set(sizes(told(lake))) - set(sizes(gapped)) - {("X:USDCUSD", "peg_broken")}
    )  # a day alone has nothing to compare with


@pytest.mark.parametrize(
    ("by", "forecast", "size"),
    [
        (-math.log(2) - 0.04 * WITHIN, 0.02, 2 * math.exp(0.04 * WITHIN)),  # within two forecasts of 2 for 1
        (-math.log(2) - 0.04 * BEYOND, 0.02, None),
        (math.log(10) + 0.05 * WITHIN, 0.03, math.exp(-0.05 * WITHIN) / 10),  # 1 for 10, and never more than 5 %
        (math.log(10) + 0.05 * BEYOND, 0.03, None),
        (-math.log(1.5), math.log(1.5) / 8 * WITHIN, 1.5),  # beyond eight forecasts
        (-math.log(1.5), math.log(1.5) / 8 * BEYOND, None),
        (-math.log(2), None, None),  # without a forecast nothing is far
    ],
)
def test_the_ratio_of_a_split(lake: Lake, by: float, forecast: float | None, size: float | None) -> None:
    """Of stocks: the price moved by a ratio of splits to within two forecasts and 5 %, beyond eight forecasts."""
    expression = statements.code(statements.path("gold", "anomalies", "split_ratio"))
    expected = "CAST(NULL AS DOUBLE)" if forecast is None else f"CAST({forecast!r} AS DOUBLE)"
    values = f"CAST({by!r} AS DOUBLE) AS log_return, {expected} AS forecast, CAST({math.exp(by)!r} AS DOUBLE) AS close"
    of_day = f"SELECT {values}, CAST(1 AS DOUBLE) AS base, DATE'2024-01-02' AS market_date"
    ((found,),) = lake.spark.sql(f"SELECT {expression} AS found FROM ({of_day})").collect()
    assert (found and found["size"]) == (size and pytest.approx(size))
