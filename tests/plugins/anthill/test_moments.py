"""A moment is read in any time zone, never without one, and names its schemas for good."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill import moments
from anthill.moments import MomentError

ZONES = st.timedeltas(dt.timedelta(hours=-14), dt.timedelta(hours=14)).map(
    lambda offset: dt.timezone(dt.timedelta(minutes=offset // dt.timedelta(minutes=1)))
)


@given(st.integers(0, 32_000_000_000), ZONES)  # seconds from 1970 to 2984
def test_a_moment_is_the_same_in_every_zone(seconds: int, zone: dt.timezone) -> None:
    """However it is written, it is one moment, one text and one schema, and the schema says which."""
    at = dt.datetime.fromtimestamp(seconds, zone)
    moment = moments.parse(at.isoformat())
    assert (moment, moment.utcoffset()) == (at, dt.timedelta())
    assert moments.parse(moments.text(moment)) == moment
    name = moments.schema("gold", at)
    assert name == moments.schema("gold", moment)
    assert moments.of_schema(name) == moment


def test_its_schema_is_named_by_it() -> None:
    """By the UTC time to the second; the layer comes last."""
    assert moments.schema("quality", moments.parse("2024-05-28T14:00:09+02:00")) == "asof_20240528t120009z_quality"


@pytest.mark.parametrize("name", ["gold", "silver", "asof_gold", "asof_20241328t120000z_gold", "asof_20240528t120000z"])
def test_other_schemas_are_of_no_moment(name: str) -> None:
    """The environment's own first of all."""
    assert moments.of_schema(name) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-05-28T12:00:00", "does not say its time zone: write it as 2024-05-28T12:00:00Z"),
        ("2024-05-28", "does not say its time zone"),
        ("yesterday", "'yesterday' is no moment"),
        ("", "'' is no moment"),
        ("2024-05-28T12:00:00.5Z", "has a fraction of a second"),
        ("0001-01-01T00:00:00+10:00", "lies outside the calendar"),
    ],
)
def test_what_is_no_moment_is_told_so(text: str, message: str) -> None:
    """With how to write one."""
    with pytest.raises(MomentError) as told:
        moments.parse(text)
    assert message in str(told.value)
