"""Under which market day and name a moment is recorded."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill.recorder.stream import Stream


def stream(calendar: str = "XNYS", asset_class: str = "stocks") -> Stream:
    """Minute bars of an asset class."""
    return Stream(asset_class, "minute_stream", calendar, ("AM.*",))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-27T13:00:00Z", "2026-11-27"),  # 8 in New York: before the opening, of the day itself
        ("2026-11-27T15:00:00Z", "2026-11-27"),
        ("2026-11-27T18:30:00Z", "2026-11-27"),  # the day after Thanksgiving closes at 13 in New York
        ("2026-11-28T00:30:00Z", "2026-11-27"),  # 19:30 in New York, after the close: UTC's date does not count
        ("2026-11-28T15:00:00Z", "2026-11-27"),  # a Saturday goes with the day before it
        ("2026-11-26T15:00:00Z", "2026-11-25"),  # Thanksgiving, too
        ("2026-11-30T09:30:00Z", "2026-11-30"),  # 4:30 in New York on Monday
    ],
)
def test_the_day_of_a_moment_is_new_yorks(moment: str, day: str) -> None:
    """For stocks, through an early close, a holiday and a weekend."""
    assert str(stream().market_day(dt.datetime.fromisoformat(moment))) == day


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-27T14:29:59Z", False),
        ("2026-11-27T14:30:00Z", True),
        ("2026-11-27T17:59:59Z", True),
        ("2026-11-27T18:00:00Z", False),
        ("2026-10-30T13:30:00Z", True),  # daylight saving ends on the Sunday after
        ("2026-11-02T13:30:00Z", False),
        ("2026-11-02T14:30:00Z", True),
    ],
)
def test_a_session_follows_the_exchanges_clock(moment: str, open_: bool) -> None:
    """Early closes and daylight saving are known."""
    assert stream().in_session(dt.datetime.fromisoformat(moment)) is open_


def test_a_segment_ends_with_the_clocks_next_five_minutes() -> None:
    """Whenever it began; a moment that is one begins a whole segment."""
    at = dt.datetime.fromisoformat
    assert stream().next_cut(at("2026-11-27T14:33:07Z")) == at("2026-11-27T14:35:00Z")
    assert stream().next_cut(at("2026-11-27T14:35:00Z")) == at("2026-11-27T14:40:00Z")
    assert stream().next_cut(at("2026-11-27T23:58:00Z")) == at("2026-11-28T00:00:00Z")


def test_a_segment_lies_where_bronzes_keys_are() -> None:
    """Market day, moment and connection; bronze reads the key back."""
    from anthill.bronze.commits import parse

    place = stream().place(dt.datetime.fromisoformat("2026-11-28T00:30:05Z"), "0af3")
    assert place.key(1) == "polygon_stream/stocks/minute_stream/date=2026-11-27/T003005Z-0af3/r000001.jsonl.gz"
    assert parse(place.key(1)) == (place, 1)


def test_crypto_has_a_day_every_day() -> None:
    """Its market never closes."""
    crypto = stream("24/7", "crypto")
    moment = dt.datetime.fromisoformat("2026-11-28T23:59:59Z")
    assert str(crypto.market_day(moment)) == "2026-11-28"
    assert crypto.in_session(moment)
