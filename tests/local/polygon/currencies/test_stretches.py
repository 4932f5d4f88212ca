"""What days are made of where answers cut them in two time zones."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.currencies.stretches import Stretches
from local.polygon.markets.sessions import every_day, forex_week, xnys

FOREX = forex_week(2027)
HOUR = 3_600_000


def moment(text: str) -> int:
    """A time in UTC as ms."""
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "utc", "local"),
    [
        ("2026-06-14", ("2026-06-14T21:00", 3), ("2026-06-14T21:00", 7)),  # a Sunday begins at 17:00 New York
        ("2026-01-11", ("2026-01-11T22:00", 2), ("2026-01-11T22:00", 7)),  # which is an hour later in winter
        ("2026-06-15", ("2026-06-15T00:00", 24), ("2026-06-15T04:00", 24)),
        ("2026-06-18", ("2026-06-18T00:00", 24), ("2026-06-18T04:00", 24)),  # ends on Friday at midnight New York
        ("2026-06-19", ("2026-06-19T00:00", 21), ("2026-06-19T04:00", 17)),  # a Friday ends at 17:00 New York
    ],
)
def test_days_of_foreign_exchange(day: str, utc: tuple[str, int], local: tuple[str, int]) -> None:
    """The UTC day and the day of ranges begin and last as the week of Sunday to Friday has them."""
    stretches = Stretches.of(FOREX)
    session = FOREX.index(dt.date.fromisoformat(day))
    assert session is not None
    for is_local, (begin, hours) in ((False, utc), (True, local)):
        parts = stretches.made_of(np.array([session]), local=is_local)[0]
        parts = parts[stretches.minutes[parts] > 0]
        assert stretches.starts[parts[0]] == moment(begin)
        assert stretches.minutes[parts].sum() == 60 * hours
        assert (stretches.session_of(parts, local=is_local) == session).all()


def test_stretches_follow_one_another() -> None:
    """No minute of a week belongs to two stretches, and none between Sunday and Friday evening is left out."""
    stretches = Stretches.of(FOREX)
    kept = stretches.minutes > 0
    gaps = stretches.starts[kept][1:] - stretches.ends[kept][:-1]
    assert (stretches.minutes >= 0).all()
    assert set(np.unique(gaps // HOUR).tolist()) == {0, 47, 48, 49}  # clocks change at weekends


def test_one_stretch_where_zones_agree() -> None:
    """A UTC day of coins is one stretch, in whole-market answers and in ranges."""
    coins = every_day(2027)
    stretches = Stretches.of(coins)
    assert (stretches.a_session, stretches.shift) == (1, 0)
    assert (stretches.minutes == 1440).all()
    assert len(stretches.starts) == len(coins.days)


def test_exchanges_have_no_saturdays() -> None:
    """The calendars: six days of foreign exchange a week, seven of coins, five at most of stocks."""
    week = {dt.date(2026, 6, 14) + dt.timedelta(days=at) for at in range(7)}
    for sessions, count in ((FOREX, 6), (every_day(2027), 7), (xnys(2027), 4)):  # Juneteenth falls into it
        assert len(week & set(sessions.days)) == count
    assert dt.date(2026, 6, 20) not in FOREX.days
