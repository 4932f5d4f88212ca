"""Which tables of the sandbox are dropped, and whose owners hear of it: nothing goes without a week's notice."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from anthill.sandbox import tables
from anthill.sandbox.tables import Table

NOW = dt.datetime(2026, 7, 3, 5, 17, tzinfo=dt.UTC)
_ages = st.lists(st.timedeltas(dt.timedelta(), dt.timedelta(days=90)), max_size=6)


@given(ages=_ages, days=st.integers(1, 60), paused=st.sets(st.integers(0, 60)))
def test_every_table_is_told_of_a_week_before_it_is_dropped(
    ages: list[dt.timedelta], days: int, paused: set[int]
) -> None:
    """Day after day, some of them left out: told once, dropped at 30 days or a week after, and not a day too early."""
    there = [Table(f"dev.sandbox.t{at}", "anna", NOW - age) for at, age in enumerate(ages)]
    told: dict[str, dt.datetime] = {}
    for day in set(range(days)) - paused:
        now = NOW + dt.timedelta(days=day)
        for table in tables.to_drop(there, told, now):
            assert now - table.made >= dt.timedelta(days=30)
            assert now - told[table.key] >= dt.timedelta(days=7)
            assert now.date() >= max((table.made + dt.timedelta(days=30)).date(), told[table.key].date())
            there.remove(table)
        for table in tables.to_tell(there, told, now):
            assert table.key not in told
            assert now - table.made >= dt.timedelta(days=23)
            told[table.key] = now
        for table in there:
            assert now - table.made < dt.timedelta(days=23) or table.key in told
            assert not (now - table.made >= dt.timedelta(days=30) and now - told[table.key] >= dt.timedelta(days=7))


def test_a_table_that_was_made_again_is_another_one() -> None:
    """Its owner is told again, and it has its 30 days."""
    old, new = (Table("dev.sandbox.t", "anna", NOW - dt.timedelta(days=age)) for age in (40, 25))
    told = {old.key: NOW - dt.timedelta(days=10)}
    assert tables.to_drop([old], told, NOW) == [old]
    assert tables.to_drop([new], told, NOW) == []
    assert tables.to_tell([old, new], told, NOW) == [new]


def test_the_day_that_is_told_is_the_day_on_which_it_is_dropped() -> None:
    """30 days after it was made, and never sooner than a week from now."""
    young, old = (Table("dev.sandbox.t", "anna", NOW - dt.timedelta(days=age)) for age in (23, 50))
    assert tables.dropped_on(young, NOW) == dt.date(2026, 7, 10)
    assert tables.dropped_on(old, NOW) == dt.date(2026, 7, 10)
