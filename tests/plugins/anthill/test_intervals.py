"""What a landing is about: market days and moments under one type, by labels that are in the order of time."""

from __future__ import annotations

import datetime as dt
import itertools

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill import intervals
from anthill.calendars import NotAMarketDayError
from anthill.intervals import Interval

UTC = dt.UTC
MIDNIGHT = dt.datetime(2026, 6, 1, tzinfo=UTC)
SPANS = {"PT1M": 1440, "PT3M": 480, "PT15M": 96, "PT6H": 4, "P1D": 1}  # how many of them a day has


def test_a_market_day_spans_its_session() -> None:
    """NYSE, Friday 2025-11-28: 14:30 to 18:00 UTC, an early close; the label is the day."""
    day = intervals.market_day("XNYS", dt.date(2025, 11, 28))
    assert (day.label, str(day), day.day) == ("2025-11-28", "2025-11-28", dt.date(2025, 11, 28))
    assert (day.start, day.end) == (
        dt.datetime(2025, 11, 28, 14, 30, tzinfo=UTC), dt.datetime(2025, 11, 28, 18, tzinfo=UTC),
    )  # fmt: skip
    assert day.named == {"market_date": "2025-11-28"}


def test_a_day_off_has_a_label_and_no_time() -> None:
    """Thanksgiving 2025."""
    day = intervals.market_day("XNYS", dt.date(2025, 11, 27))
    assert day.over is None
    with pytest.raises(NotAMarketDayError, match="2025-11-26 and 2025-11-28"):
        _ = day.end


def test_a_moment_ends_a_span() -> None:
    """Every three minutes: what ends at 10:03 began at 10:00; midnight ends the day before."""
    at = Interval("PT3M", "20260601T100300Z")
    assert (at.start, at.end) == (
        dt.datetime(2026, 6, 1, 10, tzinfo=UTC), dt.datetime(2026, 6, 1, 10, 3, tzinfo=UTC),
    )  # fmt: skip
    assert at.day == dt.date(2026, 6, 1)
    assert at.over == at.end
    assert at.named == {"at": "20260601T100300Z"}
    assert Interval("PT3M", "20260602T000000Z").day == dt.date(2026, 6, 1)


@pytest.mark.parametrize(("calendar", "many"), SPANS.items())
def test_spans_fill_their_days(calendar: str, many: int) -> None:
    """A day has as many as fit into it, without a hole or an overlap, and each belongs to it."""
    first, last = dt.date(2026, 5, 31), dt.date(2026, 6, 1)
    found = intervals.between(calendar, first, last)
    assert len(found) == 2 * many
    assert (found[0].start, found[-1].end) == (MIDNIGHT - dt.timedelta(days=1), MIDNIGHT + dt.timedelta(days=1))
    assert all(one.end == other.start for one, other in itertools.pairwise(found))
    assert [each.day for each in found] == [first] * many + [last] * many
    assert found == sorted(found)
    assert found == intervals.of_days(calendar, [first, last])


@given(
    st.timedeltas(dt.timedelta(), dt.timedelta(days=30_000)).map(lambda since: MIDNIGHT - since),
    st.sampled_from([*SPANS]),
)
def test_what_has_ended_is_the_last_that_did(moment: dt.datetime, calendar: str) -> None:
    """It ended at the moment or before, the next one after it; and its label reads back."""
    found = intervals.ending(calendar, moment)
    assert found.end <= moment < found.end + (found.end - found.start)
    assert intervals.moment_of(found.label) == found.end
    assert intervals.present(calendar, moment) == found


def test_the_present_of_a_market_is_its_last_session_that_has_opened() -> None:
    """Monday before the open is still Friday's."""
    opens = dt.datetime(2026, 6, 1, 13, 30, tzinfo=UTC)
    assert intervals.present("XNYS", opens).label == "2026-06-01"
    assert intervals.present("XNYS", opens - dt.timedelta(seconds=1)).label == "2026-05-29"


def test_market_days_are_the_calendars() -> None:
    """Five days around Memorial Day 2026, four of the market."""
    found = intervals.between("XNYS", dt.date(2026, 5, 22), dt.date(2026, 5, 28))
    assert [each.label for each in found] == ["2026-05-22", "2026-05-26", "2026-05-27", "2026-05-28"]


def test_those_before_stop_where_history_begins() -> None:
    """Market days skip the days off; none is before the first day that is had."""
    tuesday = intervals.market_day("XNYS", dt.date(2026, 5, 26))
    assert [str(each) for each in intervals.earlier(tuesday, 2, dt.date(2003, 1, 1))] == ["2026-05-21", "2026-05-22"]
    assert [str(each) for each in intervals.earlier(tuesday, 2, dt.date(2026, 5, 22))] == ["2026-05-22"]
    assert intervals.earlier(tuesday, 0, dt.date(2003, 1, 1)) == []
    at = Interval("PT3M", "20260601T000600Z")
    assert [str(each) for each in intervals.earlier(at, 3, dt.date(2003, 1, 1))] == [
        "20260531T235700Z", "20260601T000000Z", "20260601T000300Z",
    ]  # fmt: skip
    assert intervals.earlier(at, 3, dt.date(2026, 6, 1)) == [Interval("PT3M", "20260601T000300Z")]


def test_a_market_has_no_spans() -> None:
    """Who asks a market for what ended at a moment has the wrong calendar."""
    with pytest.raises(NotAMarketDayError, match="XNYS is a market's calendar"):
        intervals.ending("XNYS", MIDNIGHT)


@pytest.mark.parametrize("label", ["2026-13-01", "20261301T000000Z", "2026-6-1", "", "20260601T100300"])
def test_what_is_no_label(label: str) -> None:
    """Neither a day nor a moment."""
    with pytest.raises(ValueError, match=r"\w"):
        intervals.day_of(label)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_moment_of_airflow_is_a_moment(zone: str) -> None:
    """A task's moments are pendulum's, whose differences divide by no timedelta of Python."""
    moment = pendulum.datetime(2026, 6, 1, 12, 5, 59).in_timezone(zone)
    assert intervals.ending("PT3M", moment).label == "20260601T120300Z"
    assert intervals.ending("PT3M", pendulum.datetime(2026, 6, 1, 12, 6)).label == "20260601T120600Z"
