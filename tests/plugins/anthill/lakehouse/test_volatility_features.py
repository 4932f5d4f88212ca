"""Variances by range and what a forecast may know: what the definitions say, and nothing that came later."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days, session_open, shift
from anthill.lakehouse.logic import Logic
from tests.plugins.anthill.lakehouse import oracle_ranges as oracle
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAYS = market_days("XNYS", dt.date(2022, 1, 3), dt.date(2024, 1, 31))[:304]
KNOWN = DAYS[:300]  # what is loaded before anything is restated
Bars = Mapping[dt.date, list[dict[str, Any]]]


def walk(days: list[dt.date]) -> Bars:
    """Three indices: one with wild ranges and a day of rest, one with holes and a wild open, one short."""
    chance = random.Random(5)
    closes, found = {"I:WILD": 4000.0, "I:HOLES": 20.0, "I:SHORT": 0.9}, {}
    for at, day in enumerate(days):
        rows = []
        for name, before in closes.items():
            quiet = name == "I:WILD" and at == 150
            spread = 1e-5 if quiet else 0.002 + 0.02 * chance.random() ** 4
            opened = before * math.exp(0 if quiet else chance.gauss(0, 0.004))
            close = closes[name] = opened * math.exp(chance.gauss(0, spread))
            high, low = max(opened, close) * (1 + spread), min(opened, close) * (1 - spread)
            if name == "I:WILD" and at in (100, 280):
                high *= 3
            if name == "I:HOLES" and at in (50, 51, 200):
                opened = high * 1.4  # its body is longer than its range
            if (name == "I:HOLES" and (at % 7 == 3 or 120 <= at < 145)) or (name == "I:SHORT" and at < 290):
                continue
            rows.append({"T": name, "o": opened, "h": high, "l": low, "c": close})
        found[day] = rows
    return found


def put(lake: Lake, bars: Bars, asof: Mapping[dt.date, dt.datetime] | None = None) -> None:
    """Commit what the source answered: an hour after the close, unless at another moment."""
    for day, rows in bars.items():
        bodies = [
            {"ticker": row["T"], "results": [{**{key: row[key] for key in "ohlc"}, "t": _at(day)}]} for row in rows
        ]
        moment = (asof or {}).get(day) or session_open("XNYS", day) + dt.timedelta(hours=8)
        lake.put_bodies("daily_bars", day, bodies, len(bodies), asof=moment.isoformat())


def _at(day: dt.date) -> int:
    return int(session_open("XNYS", day).timestamp() * 1000)


def run(lake: Lake, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Silver, quality and gold."""
    lake.silver(first, last)
    lake.quality(first, last, datasets="daily_bars")
    counts: dict[str, Any] = lake.gold(first, last)["tables"]
    return counts


def assert_is(held: pl.DataFrame, wanted: pl.DataFrame, names: tuple[str, ...]) -> None:
    """Cell by cell to 1e-9 of what it is, and NULL where the other has it."""
    key = ["ticker", "market_date"]
    wanted = wanted.rename({"security": "ticker"})
    assert_frame_equal(
        held.sort(key).select(*key, *names), wanted.sort(key).select(*key, *names), **FRAMES | {"abs_tol": 1e-18}
    )


def truth(bars: Bars) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the definitions say of these bars: the variances, and the features."""
    rows = [{"security": row["T"], "market_date": day, **_prices(row)} for day, some in bars.items() for row in some]
    variances = oracle.ranges(pl.DataFrame(rows), DAYS)
    return variances, oracle.features(variances, DAYS)


def _prices(row: Mapping[str, float]) -> dict[str, float]:
    prices = {"open": row["o"], "high": row["h"], "low": row["l"], "close": row["c"]}
    return prices | {"opened": row["o"], "closed": row["c"]}


@pytest.fixture(scope="module")
def template(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """300 days of indices, each answered on its evening."""
    lake = Lake(sail, tmp_path_factory.mktemp("ranges"), asset_class="indices")
    lake.only("volatility_features")
    put(lake, walk(DAYS[:300]))
    run(lake, KNOWN[0], KNOWN[-1])
    yield lake
    lake.close()


def test_variances_and_features_are_what_the_definitions_say(template: Lake) -> None:
    """Through holes, wild ranges, a body beyond its range and a short history; all of it known in time."""
    variances, features = truth(walk(KNOWN))
    held = template.table("gold.indices_range_variances")
    assert_is(held, variances, oracle.RANGES)
    assert (held["range_variance"] > held["clipped_variance"]).any()
    assert (held["range_variance"] < held["clipped_variance"]).any()
    assert (held["session_variance"] == 0).any()
    described = template.table("gold.indices_volatility_features")
    assert_is(described, features, oracle.FEATURES)
    assert not described["is_late"].any()
    assert described["is_liquid"].all()  # an index has no turnover
    last = described.filter(market_date=KNOWN[-1]).sort("ticker")
    assert last["ticker"].to_list() == ["I:HOLES", "I:SHORT", "I:WILD"]
    year = variances.filter(pl.col("market_date") >= KNOWN[-252], pl.col("clipped_variance").is_not_null())
    counts = dict(year.group_by("security").len().rows())
    assert last["days_with_variance"].to_list() == [counts.get(name, 0) for name in last["ticker"]] != [252] * 3
    assert last["variance_22d"].is_null().to_list() == [False, True, False]
    evening = (session_open("XNYS", KNOWN[-1]) + dt.timedelta(hours=8)).replace(tzinfo=None)
    assert {value.replace(tzinfo=None) for value in last["known_at"]} == {evening}


def test_nothing_that_comes_later_changes_what_was_known(copied: Lake) -> None:
    """Later days and a restated one: the rows before them stand, those after them have it."""
    before = copied.table("gold.indices_volatility_features").sort("ticker", "market_date")
    bars = dict(walk(DAYS))
    restated = [{**row, "h": row["h"] * 1.05, "l": row["l"] * 0.97} for row in bars[DAYS[298]]]
    bars[DAYS[298]] = restated
    put(copied, {day: bars[day] for day in DAYS[300:]})
    put(copied, {DAYS[298]: restated}, {DAYS[298]: session_open("XNYS", DAYS[300]) + dt.timedelta(hours=8)})
    run(copied, DAYS[298], DAYS[303])
    held = copied.table("gold.indices_volatility_features").sort("ticker", "market_date")
    assert_frame_equal(held.filter(pl.col("market_date") < DAYS[300]), before)
    variances, features = truth(bars)
    assert_is(copied.table("gold.indices_range_variances"), variances, oracle.RANGES)
    later = features.filter(pl.col("market_date") >= DAYS[300])
    assert_is(held.filter(pl.col("market_date") >= DAYS[300]), later, oracle.FEATURES)
    assert not held["is_late"].any()


def test_who_tries_to_know_more_is_marked_or_left_as_he_was(copied: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day restated a week later: asked for by itself it stands; computed again by another SQL it says so."""
    bars = dict(walk(DAYS))
    wrong = {DAYS[299]: [{**row, "h": row["h"] * 1.5} for row in bars[DAYS[299]]]}
    week = session_open("XNYS", DAYS[303])
    before = copied.table("gold.indices_volatility_features").sort("ticker", "market_date")
    put(copied, wrong, {DAYS[299]: week})
    assert run(copied, DAYS[299], DAYS[299])["volatility_features"]["days"] == 0
    assert_frame_equal(copied.table("gold.indices_volatility_features").sort("ticker", "market_date"), before)
    logic = Logic.__init__

    def other(self: Logic, *given: Any) -> None:
        logic(self, *given)
        self.digest = f"other {self.digest}"

    monkeypatch.setattr(Logic, "__init__", other)
    copied.gold(DAYS[298], DAYS[299])
    held = copied.table("gold.indices_volatility_features").filter(pl.col("market_date") >= DAYS[298])
    assert dict(held.select("market_date", "is_late").unique().rows()) == {DAYS[298]: False, DAYS[299]: True}
    moved = held.filter(market_date=DAYS[299]).join(before, on=["ticker", "market_date"])
    assert (moved["variance_1d"] != moved["variance_1d_right"]).any()


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_a_day_that_came_late_is_as_if_known_and_marked(lake: Lake) -> None:
    """Landed days later: its row has nothing of the days after it, and says that nobody knew it in time."""
    lake.only("volatility_features")
    days, bars = DAYS[:40], walk(DAYS[:40])
    put(lake, {day: bars[day] for day in days if day != days[35]})
    run(lake, days[0], days[-1])
    put(lake, {days[35]: bars[days[35]]}, {days[35]: session_open("XNYS", shift("XNYS", days[35], 3))})
    run(lake, days[35], days[35])
    _, features = truth(bars)
    held = lake.table("gold.indices_volatility_features")
    on = held.filter(market_date=days[35])
    assert_is(on, features.filter(market_date=days[35]), oracle.FEATURES)
    assert on["is_late"].all()
    assert not held.filter(pl.col("market_date") != days[35])["is_late"].any()


@pytest.mark.long
@pytest.mark.long
def test_a_night_has_the_cash_and_the_split_of_its_day(lake: Lake) -> None:
    """What a holder owns does not jump on an ex-date, and a later split changes nothing before it."""
    lake.only("volatility_features")
    days = DAYS[:16]
    split = {"id": "s", "ticker": "AAA", "execution_date": str(days[14]), "split_from": 1, "split_to": 4}
    paid = {"id": "d", "ticker": "AAA", "ex_dividend_date": str(days[12]), "cash_amount": 5.0, "currency": "USD"}
    for at, day in enumerate(days):
        close = (100.0 if at < 12 else 95.0) / (4 if at >= 14 else 1)
        bars = [bar("AAA", close, o=close, h=close, l=close)]
        lake.put_day(day, bars, [split] if at == 14 else (), [paid] if at == 12 else ())
    lake.run(days[0], days[13])
    early = lake.table("gold.stocks_range_variances").sort("market_date")
    lake.run(days[14], days[-1])
    held = lake.table("gold.stocks_range_variances").sort("market_date")
    assert held["overnight_return"].to_list()[1:] == pytest.approx([0.0] * 15, abs=1e-12)
    assert_frame_equal(held.head(14), early, abs_tol=1e-12)
    assert not held["is_liquid"].any()  # 100,000 USD a day
