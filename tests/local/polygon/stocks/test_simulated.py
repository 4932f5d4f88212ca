"""The simulated market: plausible, consistent with its splits, and the same from whatever side it is asked."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from local.polygon.markets.clock import Clock
from local.polygon.stocks.announced import ANNOUNCEMENTS
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.simulated_markets import TODAY, simulated

DAYS = [dt.date(2003, 9, 10), dt.date(2008, 10, 10), dt.date(2015, 11, 27), dt.date(2026, 6, 15)]


def session(day: dt.date) -> int:
    """The session of a day that has one."""
    found = simulated().sessions.index(day)
    assert found is not None
    return found


def closes(day: dt.date, *, adjusted: bool = False) -> dict[str, float]:
    """Closing prices by ticker."""
    bars = simulated().day(session(day), adjusted=adjusted, otc=False)
    return dict(zip(bars.tickers.tolist(), bars.c.tolist(), strict=True))


@pytest.mark.parametrize("day", DAYS)
def test_size(day: dt.date) -> None:
    """11,000 stocks are listed on any day, nearly all of them trade, and no ticker is listed twice."""
    listed = simulated().tickers(day, active=True)
    stocks = listed.columns["ticker"][listed.columns["market"] == "stocks"]
    assert len(stocks) == len(set(stocks.tolist())) == 11_000
    traded = simulated().day(session(day), adjusted=False, otc=False)
    assert 10_800 < len(traded) < 11_000
    assert set(traded.tickers.tolist()) < set(stocks.tolist())


@pytest.mark.parametrize("day", DAYS)
def test_bars_are_plausible(day: dt.date) -> None:
    """Highs are highest, lows are lowest, all is positive, and a few stocks make most of the turnover."""
    bars = simulated().day(session(day), adjusted=False, otc=True)
    assert (bars.h >= np.maximum(bars.o, bars.c)).all()
    assert (bars.l <= np.minimum(bars.o, bars.c)).all()
    assert (bars.l > 0).all()
    assert (bars.v > 0).all()
    average = ~np.isnan(bars.vw)
    assert ((bars.l <= bars.vw) & (bars.vw <= bars.h))[average].all()
    turnover = np.sort(bars.v * bars.c)[::-1]
    assert turnover[: len(turnover) // 100].sum() > 0.3 * turnover.sum()


def test_traps_of_the_real_data() -> None:
    """Most volumes are fractional, some are written 7.5e+07, averages and counts may be absent, OTC is marked."""
    bars = simulated().day(session(DAYS[-1]), adjusted=False, otc=True)
    assert 0.4 < (bars.v % 1 != 0).mean() < 0.8
    rows = bars.rows(ticker=True)
    assert any("e+0" in row for row in rows)
    assert any('"vw"' not in row for row in rows)
    assert any('"n"' not in row for row in rows)
    assert sum('"otc":true' in row for row in rows) == bars.otc.sum() > 500


def test_split_in_the_demo_month() -> None:
    """ANTH splits 4 for 1 on 2026-06-15: the raw price falls to a quarter, the adjusted one goes on."""
    before, after = dt.date(2026, 6, 12), dt.date(2026, 6, 15)
    assert closes(after)["ANTH"] / closes(before)["ANTH"] == pytest.approx(0.25, rel=0.08)
    assert closes(after, adjusted=True)["ANTH"] / closes(before, adjusted=True)["ANTH"] == pytest.approx(1, rel=0.08)


def test_prices_move_as_their_splits_say() -> None:
    """Around every split of a year the raw price changes by its ratio, but for those told wrongly by the script."""
    splits = simulated().splits
    year = np.flatnonzero((splits.columns["execution_date"] > 20250700) & (splits.columns["execution_date"] < 20260701))
    checked = 0
    told_wrongly = {row.ticker for row in ANNOUNCEMENTS.splits}
    for row in splits.write(year[~np.isin(splits.columns["ticker"][year], list(told_wrongly))]):
        at = session(dt.date.fromisoformat(row["execution_date"]))
        raw = simulated().days(row["ticker"], at - 1, at, adjusted=False)
        even = simulated().days(row["ticker"], at - 1, at, adjusted=True)
        if len(raw) == 2:
            checked += 1
            assert raw.c[1] / raw.c[0] / (even.c[1] / even.c[0]) == pytest.approx(
                row["split_from"] / row["split_to"], rel=1e-3
            )
            assert 0.6 < even.c[1] / even.c[0] < 1.7
    assert checked > 60


def test_adjustment_knows_the_splits_until_today_only() -> None:
    """Before the split nothing is adjusted for it, and its day is still in the future."""
    early = SimulatedStocks(7, Clock(dt.date(2026, 6, 12)))
    bars = early.days("ANTH", session(dt.date(2026, 6, 12)), session(dt.date(2026, 6, 12)), adjusted=True)
    assert bars.c[0] == closes(dt.date(2026, 6, 12))["ANTH"]


def test_the_past_does_not_depend_on_today() -> None:
    """As-traded bars are the same in a market that knows more years."""
    other = SimulatedStocks(7, Clock(dt.date(2019, 3, 1)))
    at = session(DAYS[2])
    assert other.day(at, adjusted=False, otc=True).rows(ticker=True) == simulated().day(
        at, adjusted=False, otc=True
    ).rows(ticker=True)


def test_another_seed_is_another_market() -> None:
    """The seed decides."""
    other = SimulatedStocks(8, Clock(TODAY), stocks=60, otc=0)
    same = SimulatedStocks(7, Clock(TODAY), stocks=60, otc=0)
    assert other.day(100, adjusted=False, otc=False).rows(ticker=True) != same.day(100, adjusted=False, otc=False).rows(
        ticker=True
    )


def test_a_range_is_made_of_the_grouped_days() -> None:
    """The bars of one ticker equal its rows in the whole market's days, but for the time of day."""
    tickers = simulated().tickers(TODAY, active=True).columns["ticker"][::997]
    at = session(dt.date(2026, 6, 15))
    for ticker in tickers.tolist():
        alone = simulated().days(ticker, at, at, adjusted=True)
        among = simulated().day(at, adjusted=True, otc=True)
        among = among.take(among.tickers == ticker)
        assert len(alone) == len(among)
        assert [row.partition(',"t"')[0] for row in alone.rows(ticker=True)] == [
            row.partition(',"t"')[0] for row in among.rows(ticker=True)
        ]


def test_minutes_make_the_day() -> None:
    """Minute bars open, close, peak and trade as their day does, within the session's minutes."""
    for ticker, day in (("ANTH", dt.date(2026, 6, 15)), ("AAPL", dt.date(2015, 11, 27)), ("COLN", dt.date(2026, 6, 9))):
        at = session(day)
        whole, minutes = (find(ticker, at, at, adjusted=False) for find in (simulated().days, simulated().minutes))
        assert (minutes.o[0], minutes.c[-1]) == (whole.o[0], whole.c[0])
        assert (minutes.h.max(), minutes.l.min()) == (whole.h[0], whole.l[0])
        assert minutes.v.sum() == pytest.approx(whole.v[0])
        assert (minutes.h >= np.maximum(minutes.o, minutes.c)).all()
        assert (minutes.l <= np.minimum(minutes.o, minutes.c)).all()
        assert simulated().sessions.opens[at] <= minutes.t[0] < minutes.t[-1] < simulated().sessions.closes[at]
        assert (np.diff(minutes.t) % 60_000 == 0).all()


def test_early_closes_are_quiet() -> None:
    """Half a session trades about half as much."""
    volume = [simulated().day(session(dt.date(2025, 11, day)), adjusted=False, otc=False).v.sum() for day in (26, 28)]
    assert 0.3 < volume[1] / volume[0] < 0.7


def test_instruments_come_and_go() -> None:
    """A year sees listings and delistings, symbol changes that keep the FIGI, and tickers that come back as others."""
    before, after = (
        simulated().tickers(dt.date(2025, 6, 2), active=True),
        simulated().tickers(dt.date(2026, 6, 2), active=True),
    )
    old, new = (
        {row["composite_figi"]: row["ticker"] for row in table.write(np.arange(len(table))) if "composite_figi" in row}
        for table in (before, after)
    )
    assert 300 < len(set(old) - set(new)) < 1500
    assert 300 < len(set(new) - set(old)) < 1500
    renamed = {figi for figi in set(old) & set(new) if old[figi] != new[figi]}
    assert 20 < len(renamed) < 500
    gone = simulated().tickers(dt.date(2026, 6, 2), active=False)
    recycled = set(gone.columns["ticker"].tolist()) & set(new.values())
    assert len(recycled) > 100
    rows = gone.write(np.arange(0, len(gone), 50))
    assert all(not row["active"] and row["delisted_utc"] <= "2026-06-02" for row in rows)


def test_formica_changes_its_symbol_in_the_demo_month() -> None:
    """FRMC is FMCA from 2026-06-16 on, and no day has both or none."""
    days = [day for day in simulated().sessions.days if dt.date(2026, 6, 10) <= day <= dt.date(2026, 6, 22)]
    for day in days:
        found = {"FRMC", "FMCA"} & set(closes(day))
        assert found == ({"FRMC"} if day < dt.date(2026, 6, 16) else {"FMCA"})


def test_anomalies_in_the_demo_month() -> None:
    """The scripted jumps are there: far beyond what the stock does on other days."""
    days = [day for day in simulated().sessions.days if dt.date(2026, 6, 1) <= day <= dt.date(2026, 6, 30)]
    for ticker, jump_day in (("MNDB", "2026-06-10"), ("QUEN", "2026-06-18"), ("FRGE", "2026-06-25")):
        moves = {b: abs(np.log(closes(b)[ticker] / closes(a)[ticker])) for a, b in pairwise(days)}
        assert max(moves, key=lambda day: moves[day]) == dt.date.fromisoformat(jump_day)
        assert sorted(moves.values())[-1] > 3 * sorted(moves.values())[-2]


def test_two_in_five_pay_each_quarter() -> None:
    """About 40 % of the stocks pay quarterly, amounts are positive and small beside the price."""
    table = simulated().dividends
    dates = table.columns["ex_dividend_date"]
    quarter = np.flatnonzero((dates >= 20260301) & (dates <= 20260529) & (table.columns["frequency"] == 4))
    listed = simulated().tickers(dt.date(2026, 4, 15), active=True)
    stocks = set(listed.columns["ticker"][listed.columns["market"] == "stocks"].tolist())
    payers = {row["ticker"] for row in table.write(quarter)} & stocks
    assert 0.35 < len(payers) / len(stocks) < 0.45
    prices = closes(dt.date(2026, 4, 15))
    rows = [row for row in table.write(quarter) if row["ticker"] in prices]
    yields = np.array([row["cash_amount"] / prices[row["ticker"]] for row in rows])
    assert 0.001 < np.median(yields) < 0.02
    assert (table.columns["cash_amount"] > 0).all()
