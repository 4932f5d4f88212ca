"""Market days are right from 2003 to the end of next year."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill import calendars, exchange

FIRST = dt.date(2003, 1, 2)
LAST = dt.date(dt.datetime.now(dt.UTC).year + 1, 12, 31)
days = st.dates(FIRST + dt.timedelta(days=10), LAST - dt.timedelta(days=10))


def test_it_reaches_from_2003_to_the_end_of_next_year() -> None:
    """The first market day is the source's, the last one lies in next year's last week."""
    known = calendars.market_days("XNYS", dt.date(2000, 1, 1), dt.date(2100, 1, 1))
    assert known[0] == FIRST
    assert LAST - dt.timedelta(days=4) <= known[-1] <= LAST


@pytest.mark.parametrize(
    "closed",
    ["2004-06-11", "2006-12-25", "2007-01-02", "2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09", "2026-06-19"],
)
def test_holidays_and_unscheduled_closures_are_no_market_days(closed: str) -> None:
    """Funerals, a hurricane and holidays that are weekdays."""
    day = dt.date.fromisoformat(closed)
    assert not calendars.is_market_day("XNYS", day)
    with pytest.raises(calendars.NotAMarketDayError, match=f"{closed} is no market day of XNYS.*around it"):
        calendars.require_market_day("XNYS", day)


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("2014-06-06", "2014-06-06T20:00+00:00"),  # summer: 16:00 New York
        ("2014-01-02", "2014-01-02T21:00+00:00"),  # winter
        ("2014-07-03", "2014-07-03T17:00+00:00"),  # early close before Independence Day
        ("2025-11-28", "2025-11-28T18:00+00:00"),  # early close after Thanksgiving
    ],
)
def test_closes_follow_daylight_saving_and_early_closes(day: str, close: str) -> None:
    """A close is UTC and knows the season and the short sessions."""
    assert calendars.session_close("XNYS", dt.date.fromisoformat(day)) == dt.datetime.fromisoformat(close)


def test_a_year_has_its_known_number_of_sessions() -> None:
    """The exchange's own counts."""
    counts = {
        year: len(calendars.market_days("XNYS", dt.date(year, 1, 1), dt.date(year, 12, 31)))
        for year in (2004, 2014, 2024, 2025)
    }
    assert counts == {2004: 252, 2014: 252, 2024: 252, 2025: 250}


@given(days, st.integers(-20, 20).filter(bool))
def test_a_shift_crosses_exactly_that_many_sessions(day: dt.date, sessions: int) -> None:
    """Between a day and its shift lie as many market days as asked for."""
    moved = calendars.shift("XNYS", day, sessions)
    known = calendars.market_days("XNYS", FIRST, LAST)
    if moved in (known[0], known[-1]):  # held there: so many sessions there are at most
        reached = calendars.market_days("XNYS", *sorted((day, moved)))
        assert len(reached) <= abs(sessions) + 1
        return
    one = dt.timedelta(days=1)
    between = (day + one, moved) if sessions > 0 else (moved, day - one)
    assert calendars.is_market_day("XNYS", moved)
    assert len(calendars.market_days("XNYS", *between)) == abs(sessions)


@given(days)
def test_neighbours_enclose_a_day(day: dt.date) -> None:
    """The market day on or before, and the one on or after, are the day itself exactly when the market trades."""
    before, after = calendars.previous_market_day("XNYS", day), calendars.next_market_day("XNYS", day)
    assert before is not None
    assert after is not None
    assert before <= day <= after
    assert (before == after == day) == calendars.is_market_day("XNYS", day)


def test_a_day_outside_the_calendar_is_told_so() -> None:
    """The message has the calendar's ends."""
    with pytest.raises(calendars.NotAMarketDayError, match="outside the XNYS calendar, which runs from 2003-01-02"):
        calendars.session_close("XNYS", dt.date(1999, 1, 4))


def test_forex_trades_from_sunday_to_friday() -> None:
    """Its days are UTC days; a week opens and closes at 17:00 New York, in either season."""
    week = calendars.market_days("forex", dt.date(2026, 6, 6), dt.date(2026, 6, 13))
    assert [day.weekday() for day in week] == [6, 0, 1, 2, 3, 4]
    assert calendars.session_open("forex", dt.date(2026, 6, 7)) == dt.datetime(2026, 6, 7, 21, tzinfo=dt.UTC)
    assert calendars.session_open("forex", dt.date(2026, 1, 4)) == dt.datetime(2026, 1, 4, 22, tzinfo=dt.UTC)
    assert calendars.session_close("forex", dt.date(2026, 6, 12)) == dt.datetime(2026, 6, 12, 21, tzinfo=dt.UTC)
    assert calendars.session_close("forex", dt.date(2026, 6, 8)) == dt.datetime(2026, 6, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(("calendar", "days"), [("24/7", 366), ("forex", 314), ("XNYS", 252)])
def test_the_days_of_a_leap_year(calendar: str, days: int) -> None:
    """Crypto never rests, forex on Saturdays."""
    assert len(calendars.market_days(calendar, dt.date(2024, 1, 1), dt.date(2024, 12, 31))) == days


@pytest.mark.parametrize(
    ("calendar", "moment", "day"),
    [
        ("XNYS", "2014-06-06T13:29+00:00", "2014-06-05"),  # a minute before the open
        ("XNYS", "2014-06-06T13:30+00:00", "2014-06-06"),
        ("XNYS", "2014-06-08T12:00+00:00", "2014-06-06"),  # over the weekend
        ("24/7", "2014-06-07T23:59+00:00", "2014-06-07"),
        ("forex", "2026-06-07T20:59+00:00", "2026-06-05"),  # Sunday before the open
        ("forex", "2026-06-07T21:00+00:00", "2026-06-07"),
    ],
)
def test_the_present_market_day_is_the_last_that_has_opened(calendar: str, moment: str, day: str) -> None:
    """What the source says now is about that day."""
    assert calendars.present_market_day(calendar, dt.datetime.fromisoformat(moment)) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("calendar", ["XNYS", "24/7", "forex"])
def test_sessions_follow_one_another(calendar: str) -> None:
    """Each opens before it closes, and not before the one before has closed."""
    days = calendars.market_days(calendar, dt.date(2020, 1, 1), dt.date(2026, 12, 31))
    times = [(calendars.session_open(calendar, day), calendars.session_close(calendar, day)) for day in days]
    assert all(opens < closes for opens, closes in times)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(times))


@given(st.sets(st.sampled_from(calendars.market_days("XNYS", dt.date(2024, 1, 1), dt.date(2024, 3, 31)))))
def test_ranges_hold_exactly_the_days(days: set[dt.date]) -> None:
    """No market day within a range is missing, none outside is in, and no two ranges could be one."""
    found = calendars.ranges("XNYS", days)
    assert [day for bounds in found for day in calendars.market_days("XNYS", *bounds)] == sorted(days)
    for before, after in itertools.pairwise(found):
        assert calendars.shift("XNYS", before[1], 1) < after[0]


def test_a_shift_is_held_at_the_calendars_ends() -> None:
    """From a day off the next market day is one session later, the last one a session earlier; none is none."""
    known = calendars.market_days("XNYS", FIRST, LAST)
    friday, saturday, monday = (dt.date(2014, 6, day) for day in (6, 7, 9))
    shifted = [calendars.shift("XNYS", saturday, sessions) for sessions in (-2, -1, 0, 1, 2)]
    assert shifted == [dt.date(2014, 6, 5), friday, monday, monday, dt.date(2014, 6, 10)]
    assert [calendars.shift("XNYS", friday, sessions) for sessions in (-1, 0, 1)] == [
        dt.date(2014, 6, 5),
        friday,
        monday,
    ]
    assert calendars.shift("XNYS", known[1], -5) == known[0]
    assert calendars.shift("XNYS", known[-2], 5) == known[-1]
    assert calendars.shift("XNYS", dt.date(1990, 1, 1), 1) == known[0]
    assert calendars.shift("XNYS", dt.date(2100, 1, 1), -1) == known[-1]
    assert calendars.shift("XNYS", dt.date(2100, 1, 1), 0) == known[-1]


def test_market_days_hold_both_ends() -> None:
    """A Friday to a Monday is two days; the other way round it is none."""
    friday, monday = dt.date(2014, 6, 6), dt.date(2014, 6, 9)
    assert calendars.market_days("XNYS", friday, monday) == [friday, monday]
    assert calendars.market_days("XNYS", friday, friday) == [friday]
    assert calendars.market_days("XNYS", monday, friday) == []
    assert calendars.is_market_day("XNYS", friday)
    assert calendars.require_market_day("XNYS", friday) == friday


def test_beyond_its_ends_a_calendar_has_no_neighbours() -> None:
    """On the side where it ends."""
    known = calendars.market_days("24/7", FIRST, LAST)
    before, after = dt.date(2002, 12, 31), LAST + dt.timedelta(days=1)
    assert (calendars.previous_market_day("24/7", before), calendars.next_market_day("24/7", after)) == (None, None)
    assert calendars.next_market_day("24/7", before) == dt.date(2003, 1, 1)
    assert calendars.previous_market_day("24/7", after) == known[-1] == LAST


def test_a_day_off_is_told_with_its_neighbours() -> None:
    """A day outside the calendar, on either side, with its ends."""
    weekend = "2014-06-07 is no market day of XNYS: the market days around it are 2014-06-06 and 2014-06-09"
    with pytest.raises(calendars.NotAMarketDayError, match=weekend):
        calendars.session_open("XNYS", dt.date(2014, 6, 7))
    known = calendars.market_days("XNYS", FIRST, LAST)
    for day in (dt.date(2003, 1, 1), dt.date(2100, 1, 4)):
        outside = f"{day} is outside the XNYS calendar, which runs from 2003-01-02 to {known[-1]}"
        with pytest.raises(calendars.NotAMarketDayError, match=outside):
            calendars.require_market_day("XNYS", day)
    moment = dt.datetime(2003, 1, 2, 14, 29, tzinfo=dt.UTC)
    early = "2003-01-02 14:29:00.* lies before the XNYS calendar, which begins on 2003-01-02"
    with pytest.raises(calendars.NotAMarketDayError, match=early):
        calendars.present_market_day("XNYS", moment)
    assert calendars.present_market_day("XNYS", moment + dt.timedelta(minutes=1)) == dt.date(2003, 1, 2)


def test_coins_trade_from_midnight_to_midnight() -> None:
    """UTC; a forex day within the week too, and its Friday ends with New York's."""
    saturday, monday, friday = dt.date(2026, 6, 6), dt.date(2026, 6, 8), dt.date(2026, 6, 12)
    midnight = dt.datetime(2026, 6, 6, tzinfo=dt.UTC)
    assert calendars.session_open("24/7", saturday) == midnight
    assert calendars.session_close("24/7", saturday) == midnight + dt.timedelta(days=1)
    assert calendars.session_open("forex", monday) == midnight + dt.timedelta(days=2)
    assert calendars.session_open("forex", friday) == midnight + dt.timedelta(days=6)
    assert calendars.session_close("forex", dt.date(2026, 1, 9)) == dt.datetime(2026, 1, 9, 22, tzinfo=dt.UTC)
    assert calendars.session_open("XNYS", dt.date(2026, 1, 5)) == dt.datetime(2026, 1, 5, 14, 30, tzinfo=dt.UTC)


def test_ranges_are_parted_by_a_market_day_only() -> None:
    """In order, whatever the order they come in; a weekend and a day named twice part nothing."""
    days = [dt.date(2014, 6, day) for day in (11, 9, 6, 5, 6, 13)]
    assert calendars.ranges("XNYS", days) == [
        (dt.date(2014, 6, 5), dt.date(2014, 6, 9)),
        (dt.date(2014, 6, 11), dt.date(2014, 6, 11)),
        (dt.date(2014, 6, 13), dt.date(2014, 6, 13)),
    ]
    assert calendars.ranges("XNYS", []) == []


def test_threads_that_want_a_calendar_at_once_load_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs a tenth of a second, and a landing has sixteen threads."""
    loaded: list[str] = []
    load = exchange.load

    def counted(name: str) -> exchange.Exchange:
        loaded.append(name)
        return load(name)

    monkeypatch.setattr(exchange, "load", counted)
    together = threading.Barrier(4)

    def wanted(_: int) -> int:
        together.wait()
        return len(calendars._load("XNYS", 2012).days)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(wanted, range(4)))) == 1
    assert loaded == ["XNYS"]
