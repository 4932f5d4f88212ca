"""Which market day a run is about, and which earlier ones it may change."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest

from anthill import market_day
from anthill.calendars import NotAMarketDayError
from anthill.timetables import MarketDayTimetable


def context(run_type: str = "scheduled", asked: str | None = None, start: Any = None) -> dict[str, Any]:
    """What a task is given."""
    run = SimpleNamespace(run_type=run_type)
    params = {} if asked is None else {"market_date": asked}
    return {"params": params, "data_interval_start": start, "dag_run": run, "run_id": "manual__7"}


MONDAY = pendulum.datetime(2014, 6, 9)


def test_the_day_asked_for_comes_before_the_runs_own() -> None:
    """A plain date, as serializers take it; without either the run is named, with what to do."""
    assert market_day.market_day(context(start=MONDAY)) == dt.date(2014, 6, 9)
    assert type(market_day.market_day(context(start=MONDAY))) is dt.date
    assert market_day.market_day(context(asked="2014-06-05", start=MONDAY)) == dt.date(2014, 6, 5)
    assert market_day.market_day(context(asked="", start=MONDAY)) == dt.date(2014, 6, 9)
    said = "run manual__7 has no data interval: trigger it again with the parameter 'market_date'"
    with pytest.raises(NotAMarketDayError, match=said):
        market_day.market_day(context())


def test_a_day_that_a_person_asks_for_must_be_one() -> None:
    """The timetable's own days are."""
    assert market_day.checked_market_day(context(asked="2014-06-06"), "XNYS") == dt.date(2014, 6, 6)
    with pytest.raises(NotAMarketDayError, match="2014-06-07 is no market day of XNYS"):
        market_day.checked_market_day(context(asked="2014-06-07"), "XNYS")
    saturday = pendulum.datetime(2014, 6, 7)
    assert market_day.checked_market_day(context(start=saturday), "XNYS") == dt.date(2014, 6, 7)
    assert market_day.checked_market_day(context(asked="2014-06-07"), "24/7") == dt.date(2014, 6, 7)


@pytest.mark.parametrize(
    ("run_type", "asked", "regular"),
    [
        ("scheduled", None, True),
        ("manual", None, True),
        ("manual", "", True),
        ("manual", "2014-06-06", False),
        ("scheduled", "2014-06-06", False),
        ("backfill", None, False),
        ("asset_triggered", None, False),
    ],
)
def test_the_markets_own_runs_are_known(run_type: str, asked: str | None, regular: bool) -> None:
    """Those on its schedule, and one by hand that takes the present."""
    assert market_day.is_regular(context(run_type, asked)) is regular


def test_a_run_reaches_back_as_long_as_any_dataset_is_revised() -> None:
    """A month, over a holiday, for stocks, never before its first; other runs change their own day only."""
    assert market_day.first_market_day(context(start=MONDAY), "stocks") == dt.date(2014, 5, 8)
    assert market_day.first_market_day(context("backfill", start=MONDAY), "stocks") == dt.date(2014, 6, 9)
    assert market_day.first_market_day(context(asked="2014-06-06", start=MONDAY), "stocks") == dt.date(2014, 6, 6)
    for month, day in ((9, 10), (9, 11), (10, 9)):
        start = pendulum.datetime(2003, month, day)
        assert market_day.first_market_day(context(start=start), "stocks") == dt.date(2003, 9, 10)
    assert market_day.first_market_day(context(start=pendulum.datetime(2003, 10, 10)), "stocks") == dt.date(2003, 9, 11)


def by_hand(logical_date: dt.datetime, inferred: dt.datetime) -> dict[str, Any]:
    """A run that was triggered with a logical date, with the interval that Airflow inferred."""
    dag = SimpleNamespace(timetable=MarketDayTimetable("XNYS", dt.timedelta(hours=6)))
    return {**context("manual", start=inferred), "logical_date": logical_date, "dag": dag}


@pytest.mark.parametrize("inferred", [pendulum.datetime(2024, 5, 24), pendulum.datetime(2026, 11, 27), None])
def test_a_logical_date_says_the_day_whoever_inferred_the_interval(inferred: Any) -> None:
    """At midnight UTC its own, which must be a market day and is the only one; at another time the last one due."""
    named = by_hand(pendulum.datetime(2024, 5, 28), inferred)
    assert market_day.market_day(named) == dt.date(2024, 5, 28)
    assert market_day.checked_market_day(named, "XNYS") == dt.date(2024, 5, 28)
    assert not market_day.is_regular(named)
    assert market_day.first_market_day(named, "stocks") == dt.date(2024, 5, 28)
    at_noon = by_hand(pendulum.datetime(2024, 5, 28, 12), inferred)
    assert market_day.market_day(at_noon) == dt.date(2024, 5, 24)  # Memorial Day lies between
    assert market_day.is_regular(at_noon)
    holiday = by_hand(pendulum.datetime(2024, 5, 27), inferred)
    with pytest.raises(NotAMarketDayError, match=r"2024-05-27 is no market day .* 2024-05-24 and 2024-05-28"):
        market_day.market_day(holiday)
    assert market_day.market_day({**holiday, "params": {"market_date": "2024-05-24"}}) == dt.date(2024, 5, 24)


def test_a_scheduled_runs_interval_is_its_day() -> None:
    """Its logical date is that day's midnight; no calendar is loaded for it."""
    scheduled = {**by_hand(MONDAY, MONDAY), **context(start=MONDAY), "dag": None}
    assert market_day.market_day(scheduled) == dt.date(2014, 6, 9)
    assert market_day.is_regular({**by_hand(MONDAY, MONDAY), **context(start=MONDAY)})
