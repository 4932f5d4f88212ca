"""Halts, days without a trade, auctions and changes of the exchange."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.markets.bars import Bars
from tests.local.polygon.simulated_markets import asked_on, played


def april(day: int) -> int:
    """The session of a day of the script's month."""
    found = played().sessions.index(dt.date(2026, 4, day))
    assert found is not None
    return found


def minutes(ticker: str, session: int) -> tuple[Bars, Bars, np.ndarray]:
    """A ticker's day, its minutes, and how many minutes after the opening each of them begins."""
    day, found = (find(ticker, session, session, adjusted=False) for find in (played().days, played().minutes))
    return day, found, (found.t - played().sessions.opens[session]) // 60_000


def test_a_halt_of_days() -> None:
    """HALTS is listed but has no bar and no minute on three sessions, then falls by a third over night."""
    bars = played().days("HALTS", april(13), april(17), adjusted=False)
    assert np.searchsorted(played().sessions.midnights, bars.t).tolist() == [april(13), april(17)]
    assert bars.o[1] / bars.c[0] == pytest.approx(0.67, rel=0.2)
    for session in (april(14), april(15), april(16)):
        assert not len(minutes("HALTS", session)[1])
        grouped = played().day(session, adjusted=False, otc=True)
        assert "HALTS" not in grouped.tickers
    listed = played().tickers(dt.date(2026, 4, 15), active=True)
    assert "HALTS" in listed.columns["ticker"]


def test_a_halt_of_hours() -> None:
    """On the 20th it trades before 10:00 and from 12:00 on, and the minutes still make the day."""
    day, found, at = minutes("HALTS", april(20))
    assert not ((at >= 30) & (at < 150)).any()
    assert at[0] == 0
    assert 150 in at or at[at >= 150].min() < 160
    assert at[-1] == 389
    assert (found.o[0], found.c[-1], found.h.max(), found.l.min()) == (day.o[0], day.c[0], day.h[0], day.l[0])
    assert found.v.sum() == pytest.approx(day.v[0])
    assert (found.h >= np.maximum(found.o, found.c)).all()
    assert (found.l <= np.minimum(found.o, found.c)).all()


def test_a_day_without_volume() -> None:
    """ZEROV has a bar at the close before, with a volume of 0 and nothing that trades would make."""
    bars = played().days("ZEROV", april(14), april(16), adjusted=False)
    assert [bars.o[1], bars.h[1], bars.l[1], bars.c[1]] == [bars.c[0]] * 4
    (row,) = [row for row in played().day(april(15), adjusted=False, otc=False).rows(ticker=True) if "ZEROV" in row]
    assert '"v":0,' in row
    assert '"n"' not in row
    assert '"vw"' not in row
    assert (bars.v[[0, 2]] > 0).all()
    assert not len(minutes("ZEROV", april(15))[1])


@pytest.mark.parametrize("date", [dt.date(2026, 4, 15), dt.date(2025, 11, 28)])
def test_the_auction_is_the_close(date: dt.date) -> None:
    """AUCTN closes in the minute that begins at the close, early or not; minutes before and after add volume."""
    session = played().sessions.next_from(date)
    day, found, at = minutes("AUCTN", session)
    close = int(played().sessions.minutes[session])
    assert found.c[at == close].tolist() == day.c.tolist()
    assert found.c[at == close - 1] != day.c
    assert found.v[at == close] > 5 * np.median(found.v)
    assert 5 < (at < 0).sum() < 30
    assert 5 < (at > close).sum() < 30
    assert found.v.sum() == pytest.approx(day.v[0], abs=1e-3)
    inside = (at >= 0) & (at <= close)
    assert (found.h[inside].max(), found.l[inside].min()) == (day.h[0], day.l[0])
    assert found.o[at == 0].tolist() == day.o.tolist()
    assert (np.diff(found.t) > 0).all()
    assert (found.h >= np.maximum(found.o, found.c)).all()


def test_minutes_outside_come_when_they_are_over() -> None:
    """At eight in the morning there is nothing, at nine there are some."""
    session = april(15)
    with asked_on(dt.date(2026, 4, 15), dt.time(8)) as market:
        assert not len(market.minutes("AUCTN", session, session, adjusted=False))
    with asked_on(dt.date(2026, 4, 15), dt.time(9)) as market:
        early = market.minutes("AUCTN", session, session, adjusted=False)
    assert len(early) > 2
    assert early.rows(ticker=True) == minutes("AUCTN", session)[1].take(np.arange(len(early))).rows(ticker=True)


def test_exchanges_are_left_and_gained() -> None:
    """FALLS goes over the counter as FALLQ on the day on which UPLSF comes from there as UPLST; prices go on."""
    for day, there, elsewhere in ((16, "FALLS", "UPLSF"), (17, "UPLST", "FALLQ")):
        table = played().tickers(dt.date(2026, 4, day), active=True)
        rows = {row["ticker"]: row for row in table.write(np.arange(len(table)))}
        assert (rows[there]["market"], "primary_exchange" in rows[there]) == ("stocks", True)
        assert (rows[elsewhere]["market"], "primary_exchange" in rows[elsewhere]) == ("otc", False)
        assert (table.columns["market"] == "stocks").sum() == 300
        bars = played().day(april(day), adjusted=False, otc=False).tickers
        assert there in bars
        assert elsewhere not in bars
        whole = played().day(april(day), adjusted=False, otc=True)
        assert whole.otc[whole.tickers == elsewhere].all()
    for old, new in (("FALLS", "FALLQ"), ("UPLSF", "UPLST")):
        closes = [
            played().days(*each, adjusted=False).c[0]
            for each in ((old, april(16), april(16)), (new, april(17), april(17)))
        ]
        assert closes[1] / closes[0] == pytest.approx(1, rel=0.08)
