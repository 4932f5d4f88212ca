"""One run a market day, when it is due."""

from __future__ import annotations

import datetime as dt

import pytest
from airflow.serialization.serialized_objects import decode_timetable, encode_timetable
from airflow.timetables.base import DataInterval, TimeRestriction
from pendulum import UTC, DateTime

from anthill import calendars
from anthill.timetables import MarketDayTimetable

TIMETABLE = MarketDayTimetable("XNYS", dt.timedelta(hours=6))


def midnight(text: str) -> DateTime:
    """The midnight that begins a UTC day."""
    day = dt.date.fromisoformat(text)
    return DateTime(day.year, day.month, day.day, tzinfo=UTC)


def run_days(earliest: DateTime, latest: DateTime) -> list[dt.date]:
    """The market days of all runs between two moments, as a backfill walks them."""
    found = []
    last: DataInterval | None = None
    while info := TIMETABLE.next_dagrun_info(
        last_automated_data_interval=last, restriction=TimeRestriction(earliest, latest, catchup=True)
    ):
        last = info.data_interval
        found.append(info.logical_date.date())
    return found


@pytest.mark.parametrize(
    ("first", "last"), [("2003-09-10", "2003-12-31"), ("2014-06-02", "2014-06-13"), ("2026-11-20", "2027-01-05")]
)
def test_a_backfill_walks_exactly_the_market_days(first: str, last: str) -> None:
    """From midnight of the first day to midnight of the last, holidays left out."""
    assert run_days(midnight(first), midnight(last)) == calendars.market_days(
        "XNYS", midnight(first).date(), midnight(last).date()
    )


def test_a_start_within_a_day_begins_with_the_next_one() -> None:
    """A market day belongs to a backfill when its midnight does."""
    assert run_days(midnight("2014-06-02").add(hours=1), midnight("2014-06-03")) == [dt.date(2014, 6, 3)]


@pytest.mark.parametrize(
    ("day", "due"),
    [("2014-06-06", "2014-06-07T02:00Z"), ("2014-01-02", "2014-01-03T03:00Z"), ("2014-07-03", "2014-07-03T23:00Z")],
)
def test_a_run_starts_when_its_day_is_due(day: str, due: str) -> None:
    """Six hours after the close: 22:00 New York in either season, 19:00 after an early close."""
    info = TIMETABLE.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(midnight(day), None, catchup=True)
    )
    assert info is not None
    assert info.run_after == dt.datetime.fromisoformat(due)
    assert info.data_interval == DataInterval(midnight(day), midnight(day).add(days=1))


def test_without_catchup_the_newest_due_day_is_the_first_run() -> None:
    """A DAG that is switched on does not run its history."""
    info = TIMETABLE.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(midnight("2003-09-10"), None, catchup=False)
    )
    assert info is not None
    assert info.run_after <= DateTime.now(UTC)
    assert info.data_interval == TIMETABLE.infer_manual_data_interval(run_after=DateTime.now(UTC))


def test_a_manual_run_is_about_the_last_day_that_is_due() -> None:
    """Over a weekend that is Friday; on a day before its due time, the day before."""
    assert TIMETABLE.infer_manual_data_interval(run_after=midnight("2014-06-08")).start == midnight("2014-06-06")
    assert TIMETABLE.infer_manual_data_interval(run_after=midnight("2014-06-10")).start == midnight("2014-06-06")


def test_it_survives_serialization() -> None:
    """The scheduler sees the same timetable as the DAG file made."""
    copy = decode_timetable(encode_timetable(TIMETABLE))
    assert (copy.calendar, copy.due_after_close) == ("XNYS", dt.timedelta(hours=6))


def test_a_run_is_named_after_its_market_day() -> None:
    """`scheduled__2014-06-06`; manual runs keep their time, since a day may have several."""
    from airflow.utils.types import DagRunType

    interval = DataInterval(midnight("2014-06-06"), midnight("2014-06-07"))
    moment = midnight("2014-06-07").add(hours=2)
    names = [
        TIMETABLE.generate_run_id(run_type=kind, run_after=moment, data_interval=interval)
        for kind in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB, DagRunType.MANUAL)
    ]
    assert names == ["scheduled__2014-06-06", "backfill__2014-06-06", "manual__2014-06-07T02:00:00+00:00"]
