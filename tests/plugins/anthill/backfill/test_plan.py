"""A form becomes chunks of market days, or is refused with what is allowed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill import calendars
from anthill.backfill.plan import MOST_CHUNKS, PlanError, plan
from anthill.intervals import Interval, of_days

FORM: dict[str, Any] = {
    "asset_class": "stocks",
    "datasets": None,
    "market_date_from": "2014-06-02",
    "market_date_to": "2014-06-13",
    "chunk": 4,
    "again": False,
}


def test_chunks_hold_market_days_only() -> None:
    """Two weeks of ten sessions in fours: the weekend lies in no count."""
    asked = plan(FORM)
    assert asked.chunks == [
        {"market_date_from": "2014-06-02", "market_date_to": "2014-06-05", "days_before": 0},
        {"market_date_from": "2014-06-06", "market_date_to": "2014-06-11", "days_before": 4},
        {"market_date_from": "2014-06-12", "market_date_to": "2014-06-13", "days_before": 8},
    ]


def test_empty_datasets_are_all_that_the_past_has() -> None:
    """What answers for now only, or is taken in market hours, is never backfilled."""
    asked = plan(FORM)
    assert "grouped_daily" in asked.datasets
    assert not {"exchanges", "snapshot"} & set(asked.datasets)


@given(st.dates(dt.date(2004, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 800), st.integers(2, 300))
def test_chunks_are_all_the_days_once(first: dt.date, length: int, size: int) -> None:
    """Whatever is asked for: the chunks' days together are the calendar's, in order, none twice."""
    last = first + dt.timedelta(days=length)
    form = {**FORM, "market_date_from": str(first), "market_date_to": str(last), "chunk": size}
    days = calendars.market_days("XNYS", first, last)
    if not days:
        with pytest.raises(PlanError, match="no XNYS market day"):
            plan(form)
        return
    asked = plan(form)
    found = []
    for chunk in asked.chunks:
        assert chunk["days_before"] == len(found)
        bounds = (dt.date.fromisoformat(chunk[name]) for name in ("market_date_from", "market_date_to"))
        found += calendars.market_days("XNYS", *bounds)
        assert len(found) - chunk["days_before"] <= size
    assert found == days


def test_days_before_the_source_has_any_are_left_out() -> None:
    """A year too early begins with the first market day that there is."""
    asked = plan({**FORM, "market_date_from": "1999-01-01", "market_date_to": "2003-09-12"})
    assert asked.days[0] == dt.date(2003, 9, 10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"market_date_from": "soon"}, "market_date_from: 'soon' is no date, allowed is YYYY-MM-DD"),
        ({"market_date_to": None}, "market_date_to: None is no date"),
        ({"market_date_from": "2014-07-04", "market_date_to": "2014-07-06"}, "no XNYS market day from 2014-07-04"),
        ({"datasets": ["exchanges"]}, "exchanges cannot be had for days gone by; stocks has grouped_daily"),
        ({"datasets": ["nothing"]}, "nothing cannot be had"),
        (
            {"market_date_from": "2004-01-01", "market_date_to": "2024-01-01", "chunk": 1},
            f"chunks of 1 are more than {MOST_CHUNKS}",
        ),
    ],
)
def test_a_wrong_form_is_refused(change: dict[str, Any], message: str) -> None:
    """The message names the field and what is allowed."""
    with pytest.raises(PlanError, match=message):
        plan({**FORM, **change})


def test_days_picked_one_by_one_are_all_that_is_asked_for() -> None:
    """Each dataset has its own; a chunk spans a stretch of the calendar, whatever lies in it."""
    only = {"splits": ["2014-06-02", "2014-06-13"], "dividends": ["2014-06-05/2014-06-09"]}
    asked = plan({**FORM, "market_date_from": None, "market_date_to": None, "only": only})
    assert {name: [each.day.day for each in asked.intervals_of(name)] for name in asked.datasets} == {
        "splits": [2, 13],
        "dividends": [5, 6, 9],
    }
    assert [tuple(chunk.values()) for chunk in asked.chunks] == [
        ("2014-06-02", "2014-06-05", 0),
        ("2014-06-06", "2014-06-09", 2),
        ("2014-06-13", "2014-06-13", 4),
    ]
    assert asked.intervals_of("dividends", dt.date(2014, 6, 6), dt.date(2014, 6, 9)) == [
        Interval("XNYS", "2014-06-06"),
        Interval("XNYS", "2014-06-09"),
    ]
    assert (asked.whole, plan(FORM).whole) == (False, True)


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ({"exchanges": ["2014-06-02"]}, "exchanges cannot be had for days gone by"),
        ({"splits": ["2014-06-07"]}, "splits has no XNYS market day on 2014-06-07"),
        ({"splits": ["June"]}, "from: 'June' is no date"),
        ({"splits": []}, "splits names no market day"),
        (["splits"], "only: allowed are datasets"),
    ],
)
def test_wrong_picks_are_refused(only: Any, message: str) -> None:
    """The message names the dataset and the day."""
    with pytest.raises(PlanError, match=message):
        plan({**FORM, "only": only})


def test_so_many_chunks_are_allowed_and_no_more() -> None:
    """Airflow maps no more tasks; the message has the numbers."""
    days = calendars.market_days("XNYS", dt.date(2014, 1, 2), dt.date(2017, 1, 1))
    form = {**FORM, "market_date_from": "2014-01-02", "chunk": 1}
    assert len(plan({**form, "market_date_to": str(days[499])}).chunks) == 500
    said = "chunk: 501 market days in chunks of 1 are more than 500: enlarge it"
    with pytest.raises(PlanError, match=said):
        plan({**form, "market_date_to": str(days[500])})


def test_a_plan_is_what_the_form_says() -> None:
    """Numbers and switches as forms give them; datasets in the order asked for."""
    asked = plan({**FORM, "chunk": "4", "again": 1, "datasets": ["splits", "dividends"]})
    assert (asked.asset_class, asked.calendar, asked.chunk, asked.again) == ("stocks", "XNYS", 4, True)
    assert asked.datasets == ("splits", "dividends")
    assert plan(FORM).again is False
    assert asked.days == tuple(calendars.market_days("XNYS", dt.date(2014, 6, 2), dt.date(2014, 6, 13)))
    assert asked.intervals_of("splits") == of_days("XNYS", asked.days)
    assert asked.intervals_of("splits", asked.days[1], asked.days[2]) == of_days("XNYS", asked.days[1:3])


def test_a_plan_is_whole_only_if_no_dataset_lacks_a_day() -> None:
    """From the first to the last: two datasets with different days are not, a single day is."""
    days = ["2014-06-05/2014-06-09"]
    for only, whole in (
        ({"splits": days}, True),
        ({"splits": days, "dividends": days}, True),
        ({"splits": days, "dividends": ["2014-06-05"]}, False),
        ({"splits": ["2014-06-05", "2014-06-09"]}, False),
        ({"splits": ["2014-06-05"]}, True),
    ):
        assert plan({**FORM, "only": only}).whole is whole


def test_picks_begin_with_the_source() -> None:
    """Its first day may be picked, the one before may not; days named twice are one."""
    first = ["2003-09-10", "2003-09-10/2003-09-11"]
    assert plan({**FORM, "only": {"splits": first}}).days == (dt.date(2003, 9, 10), dt.date(2003, 9, 11))
    for early in ("2003-09-09", "2003-09-09/2003-09-11", "2014-06-09/2014-06-05"):
        with pytest.raises(PlanError, match=f"only: splits has no XNYS market day on {early}"):
            plan({**FORM, "only": {"splits": [early]}})
    with pytest.raises(PlanError, match="to: 'soon' is no date, allowed is YYYY-MM-DD"):
        plan({**FORM, "only": {"splits": ["2014-06-05/soon"]}})


def test_nothing_picked_is_the_range() -> None:
    """An empty field of the form is none."""
    assert plan({**FORM, "only": {}}) == plan({**FORM, "only": None}) == plan(FORM)
    with pytest.raises(PlanError, match=r"bars, nothing cannot be had for days gone by; stocks has grouped_daily, "):
        plan({**FORM, "datasets": ["nothing", "splits", "bars"]})
    with pytest.raises(PlanError, match="there is no XNYS market day from 2014-06-13 to 2014-06-02"):
        plan({**FORM, "market_date_from": "2014-06-13", "market_date_to": "2014-06-02"})


@pytest.mark.parametrize("chunk", [0, -1])
def test_a_chunk_has_days(chunk: int) -> None:
    """Chunks of none would be without end."""
    with pytest.raises(PlanError, match=f"chunk: {chunk} "):
        plan({**FORM, "chunk": chunk})
