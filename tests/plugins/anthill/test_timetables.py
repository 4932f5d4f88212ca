"""One run a market day, when it is due."""

from __future__ import annotations

import bisect
import datetime as dt
import re
from types import SimpleNamespace

import pendulum
import pytest
from airflow.serialization.serialized_objects import decode_timetable, encode_timetable
from airflow.timetables.base import DataInterval, TimeRestriction
from hypothesis import example, given
from hypothesis import strategies as st
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
    assert info.data_interval.start.date() == TIMETABLE.market_day(DateTime.now(UTC).add(microseconds=1))


def test_a_manual_run_is_about_the_last_day_that_is_due() -> None:
    """Over a weekend that is Friday; on a day before its due time, the day before."""
    for moment, day in {
        "2014-06-08T00:00:01Z": "2014-06-06",
        "2014-06-08T12:00:00Z": "2014-06-06",
        "2014-06-10T01:59:59Z": "2014-06-06",
        "2014-06-10T02:00:00Z": "2014-06-09",
        "2014-06-09T00:00:00-04:00": "2014-06-06",  # a midnight of New York is a moment
    }.items():
        asked = DateTime.fromisoformat(moment)
        assert TIMETABLE.infer_manual_data_interval(run_after=asked).start == midnight(day)


@given(st.dates(dt.date(2004, 1, 1), dt.date(2025, 12, 31)), st.times())
@example(dt.date(2024, 5, 28), dt.time())
@example(dt.date(2024, 5, 27), dt.time())
def test_a_midnight_names_its_day(date: dt.date, time: dt.time) -> None:
    """That day or an error with its neighbours; any other moment takes the last day that is due, as counted."""
    moment = dt.datetime.combine(date, time, dt.UTC)
    days = calendars.market_days("XNYS", dt.date(2003, 9, 10), dt.date(2026, 1, 31))
    due = [day for day in days if calendars.session_close("XNYS", day) + dt.timedelta(hours=6) <= moment]
    assert TIMETABLE.market_day(moment + dt.timedelta(microseconds=moment == _midnight(moment))) == due[-1]
    day = moment.date()
    named = instance(_midnight(moment))
    if day in days:
        assert TIMETABLE.infer_manual_data_interval(run_after=named) == DataInterval(named, named.add(days=1))
    else:
        at = bisect.bisect(days, day)
        around = f"the market days around it are {days[at - 1]} and {days[at]}"
        with pytest.raises(ValueError, match=f"{day} is no market day of XNYS: {around}"):
            TIMETABLE.infer_manual_data_interval(run_after=named)


def _midnight(moment: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(moment.date(), dt.time(), dt.UTC)


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


def test_snapshots_begin_when_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first moment that is allowed, where it is still to come; one gone by is not made up for."""
    now = DateTime(2014, 6, 6, 15, 1, tzinfo=UTC)
    monkeypatch.setattr("anthill.timetables.DateTime", SimpleNamespace(now=lambda _: now))
    for earliest, first in (
        (DateTime(2014, 6, 9, 13, 31, tzinfo=UTC), DateTime(2014, 6, 9, 13, 45, tzinfo=UTC)),
        (DateTime(2014, 6, 2, 14, 0, tzinfo=UTC), DateTime(2014, 6, 6, 15, 0, tzinfo=UTC)),
    ):
        info = INTRADAY.next_dagrun_info(
            last_automated_data_interval=None, restriction=TimeRestriction(earliest, None, catchup=False)
        )
        assert info is not None
        assert info.run_after == first


def test_the_intraday_timetable_survives_serialization() -> None:
    """The scheduler reads it from the database."""
    again = decode_timetable(encode_timetable(INTRADAY))
    assert (again.calendar, again.every, again.summary) == (INTRADAY.calendar, INTRADAY.every, INTRADAY.summary)


def next_moment(
    now: DateTime, monkeypatch: pytest.MonkeyPatch, timetable: IntradayTimetable = INTRADAY, **bounds: DateTime | None
) -> str | None:
    """The next run of an intraday timetable, seen from a moment, after the run `last`, from `earliest` to `latest`."""
    monkeypatch.setattr("anthill.timetables.DateTime", SimpleNamespace(now=lambda _: now))
    last = bounds.get("last")
    info = timetable.next_dagrun_info(
        last_automated_data_interval=None if last is None else DataInterval.exact(last),
        restriction=TimeRestriction(bounds.get("earliest"), bounds.get("latest"), catchup=False),
    )
    if info is None:
        return None
    assert info.data_interval == DataInterval.exact(info.run_after)
    return info.run_after.in_timezone(UTC).format("YYYY-MM-DD HH:mm:ss")


FRIDAY = DateTime(2014, 6, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earliest", "found"),
    [
        (midnight("2003-09-10"), "2014-06-06 14:45:00"),
        (None, "2014-06-06 14:45:00"),
        (FRIDAY.add(seconds=1), "2014-06-06 15:15:00"),
        (midnight("2014-06-07"), "2014-06-09 13:30:00"),
        (midnight("2014-06-08"), "2014-06-09 13:30:00"),
        (midnight("2014-06-09"), "2014-06-09 13:30:00"),
    ],
    ids=str,
)
def test_a_start_gone_by_is_none_and_one_ahead_is_kept(
    monkeypatch: pytest.MonkeyPatch, earliest: DateTime | None, found: str
) -> None:
    """Every DAG has a start date: snapshots begin now, not in 2003; where it lies ahead they begin with it."""
    assert next_moment(FRIDAY, monkeypatch, earliest=earliest) == found


def test_a_run_follows_the_last_one_and_is_never_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the clock says: behind it, at it, or ahead by less than a step."""
    for now in (FRIDAY.subtract(days=1), FRIDAY, FRIDAY.add(minutes=14)):
        assert next_moment(now, monkeypatch, last=FRIDAY) == "2014-06-06 15:15:00"
    assert next_moment(FRIDAY.add(minutes=30), monkeypatch, last=FRIDAY) == "2014-06-06 15:15:00"
    assert next_moment(FRIDAY.add(minutes=31), monkeypatch, last=FRIDAY) == "2014-06-06 15:30:00"


def test_the_last_moment_allowed_is_taken_and_none_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the second."""
    moment = FRIDAY.subtract(minutes=15)
    assert next_moment(FRIDAY, monkeypatch, latest=moment) == "2014-06-06 14:45:00"
    assert next_moment(FRIDAY, monkeypatch, latest=moment.subtract(seconds=1)) is None


def test_moments_are_counted_from_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour's steps from 9:30 New York end at 15:30; a close that no step reaches is left out."""
    hourly = IntradayTimetable("XNYS", dt.timedelta(hours=1))
    at = [
        next_moment(DateTime(2014, 6, 6, hour, minute, tzinfo=UTC), monkeypatch, hourly)
        for hour, minute in ((13, 0), (14, 30), (14, 31), (20, 30), (20, 31))
    ]
    assert at == [f"2014-06-0{moment}:00" for moment in ("6 13:30", "6 13:30", "6 14:30", "6 19:30", "9 13:30")]


def test_a_market_that_never_closes_has_moments_past_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's last one is the next day's first."""
    coins = IntradayTimetable("24/7", dt.timedelta(hours=6))
    moments = [next_moment(midnight("2014-06-07").add(hours=hours), monkeypatch, coins) for hours in (0, 6, 7, 24)]
    assert moments == [f"2014-06-0{moment}:00:00" for moment in ("6 18", "7 00", "7 06", "7 18")]


def test_past_the_calendars_end_there_is_no_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is known to the end of next year."""
    after = midnight(f"{dt.datetime.now(dt.UTC).year + 2}-01-02")
    assert next_moment(after, monkeypatch) is None


def test_a_snapshot_by_hand_is_for_its_moment() -> None:
    """Whenever that is; what people see says how often and whose hours."""
    assert INTRADAY.infer_manual_data_interval(run_after=FRIDAY) == DataInterval.exact(FRIDAY)
    assert INTRADAY.summary == "every 0:15:00 in XNYS market hours"
    assert TIMETABLE.summary == "XNYS market days, 6:00:00 after close"
    assert INTRADAY.serialize() == {"calendar": "XNYS", "every": 900.0}
    assert TIMETABLE.serialize() == {"calendar": "XNYS", "due_after_close": 21600.0}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2014-06-07T01:59:59", "2014-06-05"),
        ("2014-06-07T02:00:00", "2014-06-06"),
        ("2014-06-10T01:59:59", "2014-06-06"),
        ("2014-06-10T02:00:00", "2014-06-09"),
        ("2014-07-03T22:59:59", "2014-07-02"),
        ("2014-07-03T23:00:00", "2014-07-03"),
    ],
)
def test_a_day_counts_from_the_second_it_is_due(moment: str, day: str) -> None:
    """Six hours after its close, an early one included."""
    run_after = DateTime.fromisoformat(f"{moment}+00:00")
    interval = TIMETABLE.infer_manual_data_interval(run_after=run_after)
    assert interval == DataInterval(midnight(day), midnight(day).add(days=1))


def test_before_the_first_market_day_nothing_is_due() -> None:
    """The message has the moment and the calendar."""
    for moment in (
        midnight("1999-01-04").add(seconds=1),
        midnight("2003-01-02").add(seconds=1),
        midnight("2003-01-03").add(hours=2, minutes=59),
    ):
        with pytest.raises(ValueError, match=re.escape(f"{moment} lies before the first market day of XNYS")):
            TIMETABLE.infer_manual_data_interval(run_after=moment)


def next_day(last: str | None, **restriction: object) -> dt.date | None:
    """The market day of the next run after a day's."""
    given = {"earliest": None, "latest": None, "catchup": True, **restriction}
    interval = None if last is None else DataInterval(midnight(last), midnight(last).add(days=1))
    info = TIMETABLE.next_dagrun_info(last_automated_data_interval=interval, restriction=TimeRestriction(**given))  # type: ignore[arg-type]
    return info and info.data_interval.start.date()


def test_the_next_day_follows_the_last_whatever_the_start() -> None:
    """Over a weekend; a DAG without a start and without a run has none."""
    assert next_day("2014-06-06") == dt.date(2014, 6, 9)
    assert next_day("2014-06-06", earliest=midnight("2003-09-10")) == dt.date(2014, 6, 9)
    assert next_day(None) is None
    assert next_day(None, earliest=midnight("2014-06-07")) == dt.date(2014, 6, 9)


def test_a_last_day_is_kept_to() -> None:
    """Its midnight counts: an end within the day before is before it."""
    assert next_day("2014-06-06", latest=midnight("2014-06-09")) == dt.date(2014, 6, 9)
    assert next_day("2014-06-06", latest=midnight("2014-06-09").subtract(seconds=1)) is None
    assert next_day(f"{dt.datetime.now(dt.UTC).year + 1}-12-31") is None


def test_a_start_in_another_time_zone_is_the_first_midnight_after_it() -> None:
    """June 2nd in New York begins at 04:00 UTC: the first whole market day is the 3rd."""
    from pendulum import timezone

    start = DateTime(2014, 6, 2, tzinfo=timezone("America/New_York"))
    assert next_day(None, earliest=start) == dt.date(2014, 6, 3)
    assert next_day(None, earliest=DateTime(2014, 6, 1, 20, tzinfo=timezone("America/New_York"))) == dt.date(2014, 6, 2)


def test_without_catchup_what_is_due_already_run_is_not_run_again() -> None:
    """After the newest due day's run the next one is a day that is still to come."""
    newest = TIMETABLE.infer_manual_data_interval(run_after=DateTime.now(UTC)).start.date()
    assert next_day("2014-06-06", catchup=False) in (newest, calendars.next_market_day("XNYS", newest))
    after = next_day(str(newest), catchup=False)
    assert after is not None
    assert after > newest


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_machines_own_zone_decides_nothing(zone: str) -> None:
    """A start within a UTC day begins with the next one, and the latest day that is due is the same everywhere."""
    whole = TimeRestriction(midnight("2014-06-02"), None, catchup=False)
    here = TIMETABLE.next_dagrun_info(last_automated_data_interval=None, restriction=whole)
    with pendulum.test_local_timezone(pendulum.timezone(zone)):
        for hours in (1, 12, 23):
            start = midnight("2014-06-02").add(hours=hours).in_timezone(zone)
            assert run_days(start, midnight("2014-06-03")) == [dt.date(2014, 6, 3)]
        assert TIMETABLE.next_dagrun_info(last_automated_data_interval=None, restriction=whole) == here
