"""Sessions of the New York Stock Exchange."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from local.polygon.markets.sessions import every_day, forex_week, xnys

SESSIONS = xnys(2027)


def test_reach() -> None:
    """Sessions run from the first day of history to the end of the last year."""
    assert SESSIONS.days[0] == dt.date(2003, 9, 10)
    assert SESSIONS.days[-1] == dt.date(2027, 12, 31)
    assert SESSIONS.last_until(dt.date(2003, 9, 9)) == -1
    assert SESSIONS.next_from(dt.date(2028, 1, 1)) == len(SESSIONS.days)


@pytest.mark.parametrize("day", ["2026-06-19", "2026-07-03", "2012-10-29", "2007-01-02", "2025-01-09", "2026-06-20"])
def test_no_session(day: str) -> None:
    """Holidays, storms, days of mourning and weekends have no session."""
    assert SESSIONS.index(dt.date.fromisoformat(day)) is None


@pytest.mark.parametrize(("day", "minutes"), [("2025-11-28", 210), ("2024-07-03", 210), ("2026-06-18", 390)])
def test_early_closes(day: str, minutes: int) -> None:
    """A session before a holiday may last until 13:00 only."""
    session = SESSIONS.index(dt.date.fromisoformat(day))
    assert session is not None
    assert SESSIONS.minutes[session] == minutes


@pytest.mark.parametrize("day", ["2026-01-15", "2026-06-15"])
def test_clock_times_follow_daylight_saving(day: str) -> None:
    """Midnight and 16:00 are New York's in winter and in summer."""
    wanted = dt.date.fromisoformat(day)
    session = SESSIONS.index(wanted)
    assert session is not None
    for moment, hour in ((SESSIONS.midnights[session], 0), (SESSIONS.stamps[session], 16)):
        assert moment == dt.datetime.combine(wanted, dt.time(hour), ZoneInfo("America/New_York")).timestamp() * 1000


@pytest.mark.parametrize(("day", "hour"), [("2026-01-15", 5), ("2026-06-15", 4)])
def test_days_around_the_clock(day: str, hour: int) -> None:
    """Foreign exchange has New York's midnights and coins those of UTC; both stamps end the UTC day."""
    wanted = dt.date.fromisoformat(day)
    begin = dt.datetime.combine(wanted, dt.time(), dt.UTC).timestamp() * 1000
    for sessions, offset in ((forex_week(2027), hour), (every_day(2027), 0)):
        session = sessions.index(wanted)
        assert session is not None
        assert sessions.midnights[session] == sessions.opens[session] == begin + offset * 3_600_000
        assert sessions.stamps[session] == begin + 86_400_000 - 1
        assert sessions.minutes[session] == 1440
