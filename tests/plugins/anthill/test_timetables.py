"""One run a market day, when it is due."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from airflow.serialization.serialized_objects import decode_timetable, encode_timetable
from airflow.timetables.base import DataInterval, TimeRestriction
from pendulum import UTC, DateTime, instance

from anthill import calendars
from anthill.timetables import IntradayTimetable, MarketDayTimetable

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


INTRADAY = IntradayTimetable("XNYS", dt.timedelta(minutes=15))


def moments(first: str, number: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The next runs as seen from a moment, each asked for when the one before is over."""
    now = DateTime.fromisoformat(first).in_timezone(UTC)
    found = []
    last: DataInterval | None = None
    for _ in range(number):
        at = now if last is None else last.start
        monkeypatch.setattr("anthill.timetables.DateTime", SimpleNamespace(now=lambda _, at=at: at))
        info = INTRADAY.next_dagrun_info(
            last_automated_data_interval=last, restriction=TimeRestriction(None, None, catchup=False)
        )
        assert info is not None
        last = info.data_interval
        found.append(info.run_after.to_iso8601_string())
    return found


def test_snapshots_are_taken_in_market_hours_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one of a Friday is at its close, the next on Monday at the open."""
    assert moments("2014-06-06T19:40:00+00:00", 4, monkeypatch) == [
        "2014-06-06T19:30:00Z",
        "2014-06-06T19:45:00Z",
        "2014-06-06T20:00:00Z",
        "2014-06-09T13:30:00Z",
    ]


def test_an_early_close_ends_the_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day before Independence Day closes at 13:00 New York."""
    assert moments("2014-07-03T16:50:00+00:00", 3, monkeypatch) == [
        "2014-07-03T16:45:00Z",
        "2014-07-03T17:00:00Z",
        "2014-07-07T13:30:00Z",
    ]


def test_moments_gone_by_are_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that was down for days goes on with the latest moment."""
    now = DateTime(2014, 6, 6, 15, 1, tzinfo=UTC)
    monkeypatch.setattr("anthill.timetables.DateTime", SimpleNamespace(now=lambda _: now))
    long_ago = DataInterval.exact(DateTime(2014, 6, 2, 14, 0, tzinfo=UTC))
    info = INTRADAY.next_dagrun_info(
        last_automated_data_interval=long_ago, restriction=TimeRestriction(None, None, catchup=False)
    )
    assert info is not None
    assert info.run_after == DateTime(2014, 6, 6, 15, 0, tzinfo=UTC)


def test_snapshots_begin_with_the_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its first market day the next moment is that day's open; a last moment that is allowed is kept to."""
    now = DateTime(1999, 7, 1, tzinfo=UTC)
    monkeypatch.setattr("anthill.timetables.DateTime", SimpleNamespace(now=lambda _: now))
    first = calendars.next_market_day("XNYS", dt.date(1900, 1, 1))
    assert first is not None
    opens = calendars.session_open("XNYS", first)
    for latest, found in ((None, opens), (opens, opens), (opens - dt.timedelta(seconds=1), None)):
        limit = None if latest is None else instance(latest)
        info = INTRADAY.next_dagrun_info(
            last_automated_data_interval=None, restriction=TimeRestriction(None, limit, catchup=False)
        )
        assert (info and info.run_after) == found


def test_the_intraday_timetable_survives_serialization() -> None:
    """The scheduler reads it from the database."""
    again = decode_timetable(encode_timetable(INTRADAY))
    assert (again.calendar, again.every, again.summary) == (INTRADAY.calendar, INTRADAY.every, INTRADAY.summary)
