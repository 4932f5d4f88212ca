"""Sessions of an exchange out of include/calendars are those that the library exchange_calendars has."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import exchange_calendars
import pytest

from anthill import calendars, exchange
from anthill.include import include_dir

NAMES = sorted(file.stem for file in (include_dir() / "calendars").iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_each_session_is_the_librarys(name: str) -> None:
    """Day, open and close of each from the source's first year on, summer time and early closes included."""
    known = exchange.load(name)
    schedule = exchange_calendars.get_calendar(name, start=str(known.first), end=str(known.last)).schedule
    expected = zip(schedule.index, schedule["open"], schedule["close"], strict=True)
    assert list(known.sessions(known.last)) == [
        (day.date(), opens.to_pydatetime(), closes.to_pydatetime()) for day, opens, closes in expected
    ]


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (dt.date(2004, 6, 11), None, None),  # mourning for President Reagan
        (dt.date(2012, 10, 29), None, None),  # hurricane Sandy
        (dt.date(2025, 1, 9), None, None),  # mourning for President Carter
        (dt.date(2026, 11, 27), "14:30", "18:00"),  # the day after Thanksgiving
        (dt.date(2026, 7, 2), "13:30", "20:00"),
    ],
)
def test_what_the_exchange_has_announced(day: dt.date, opens: str | None, closes: str | None) -> None:
    """Closures by the exchange's own word, and hours in UTC of a summer and of a winter day."""
    found = {each: (f"{first:%H:%M}", f"{last:%H:%M}") for each, first, last in exchange.load("XNYS").sessions(day)}
    assert found.get(day) == ((opens, closes) if opens else None)


@pytest.mark.parametrize("name", NAMES)
def test_years_ahead_are_there(name: str) -> None:
    """Two years before a calendar ends somebody is told, here: `make calendars` with a later LAST_YEAR."""
    assert exchange.load(name).last.year >= dt.datetime.now(dt.UTC).year + 2


def test_beyond_its_end_there_is_a_word_and_no_guess() -> None:
    """Nobody takes a day for closed that is not known."""
    with pytest.raises(calendars.NotAMarketDayError, match="XNYS calendar ends on 2040-12-31: `make calendars`"):
        calendars._load("XNYS", 2041)


def test_market_days_want_no_pandas() -> None:
    """Which each task would load, for a second."""
    script = "import sys; from anthill import calendars; calendars.schedule('XNYS'); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
