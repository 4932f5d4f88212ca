"""What the source announces and the calendar lacks is told ahead, with the line to declare, and nothing else is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from anthill import catalog, closures
from anthill.alerts import announced
from anthill.sources.polygon.market_status import Holiday

TODAY = dt.date(2026, 11, 20)
BLACK_FRIDAY = dt.date(2026, 11, 27)  # closes at 13:00 New York, 18:00 UTC


def told(name: str, *days: Holiday, today: dt.date = TODAY) -> dict[str, str]:
    """The summary of each day that is told, for an asset class."""
    found = announced.alerts(catalog.load(name), days, today, "https://airflow.example")
    return {str(alert.market_date): f"{alert.summary}; {alert.first_step}" for alert in found}


def closing(hour: int) -> Holiday:
    """An early close of that Friday."""
    close = dt.datetime(2026, 11, 27, hour, tzinfo=dt.UTC)
    return Holiday(BLACK_FRIDAY, "NYSE", "early-close", "Thanksgiving", close)


@pytest.mark.parametrize(
    ("holiday", "said"),
    [
        (Holiday(dt.date(2026, 11, 24), "NYSE", "closed", "Mourning: a day"), "NYSE is closed (Mourning: a day)"),
        (Holiday(dt.date(2026, 12, 4), "NYSE", "closed"), "NYSE is closed (closed)"),
        (closing(19), "a close at 19:00 UTC (Thanksgiving), the calendar has 18:00"),
        (Holiday(dt.date(2026, 11, 24), "NYSE", "early-close", "Storm", closing(19).close), "the calendar has 21:00"),
    ],
)
def test_what_the_calendar_lacks_is_told(holiday: Holiday, said: str) -> None:
    """The day, the difference, and what to do."""
    (text,) = told("stocks", holiday).values()
    assert said in text


@pytest.mark.parametrize(
    "holiday",
    [
        Holiday(dt.date(2026, 11, 26), "NYSE", "closed", "Thanksgiving"),  # the calendar has it
        closing(18),
        Holiday(dt.date(2026, 12, 7), "NYSE", "closed"),  # beyond two weeks
        Holiday(dt.date(2026, 11, 19), "NYSE", "closed"),  # over
        Holiday(dt.date(2026, 11, 21), "NYSE", "closed"),  # a Saturday
        Holiday(dt.date(2026, 11, 24), "OTC", "closed"),  # another exchange
        Holiday(dt.date(2026, 11, 24), "NYSE", "early-close"),  # without a time
    ],
)
def test_what_agrees_or_is_far_is_not_told(holiday: Holiday) -> None:
    """Neither here nor for other calendars."""
    assert told("stocks", holiday) == {}
    assert told("crypto", holiday) == {}


def test_currencies_have_days_that_nobody_announces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """25 December and 1 January, and no more once they are declared, by the very line of the message."""
    days = told("forex", today=dt.date(2025, 12, 20))
    assert list(days) == ["2025-12-25", "2026-01-01"]
    assert list(told("forex", today=dt.date(2025, 12, 10))) == []
    lines = [text.split("`")[3] for text in days.values()]
    file = tmp_path / "closures.yaml"
    file.write_text("forex:\n" + "".join(f"  {line}\n" for line in lines))
    monkeypatch.setattr(closures, "FILE", file)
    named = {dt.date(2025, 12, 25): "Christmas", dt.date(2026, 1, 1): "New Year's Day"}
    assert closures.read(file) == {"forex": closures.Declared(named)}
    assert told("forex", today=dt.date(2025, 12, 20)) == {}
    assert msgspec.yaml.decode(file.read_text())


@pytest.mark.parametrize(
    "holiday",
    [
        closing(19),  # the calendar has one at another time
        Holiday(
            dt.date(2026, 11, 24), "NYSE", "early-close", 'Storm: "X"', dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)
        ),
    ],
)
def test_a_close_is_told_no_more_once_it_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holiday: Holiday
) -> None:
    """By the very line of the message."""
    (text,) = told("stocks", holiday).values()
    file = tmp_path / "closures.yaml"
    file.write_text(f"XNYS:\n  {text.split('`')[3]}\n")
    monkeypatch.setattr(closures, "FILE", file)
    assert told("stocks", holiday) == {}


def test_a_declared_day_is_told_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has declared it knows it."""
    file = tmp_path / "closures.yaml"
    file.write_text("XNYS:\n  2026-11-24: day of mourning\n")
    monkeypatch.setattr(closures, "FILE", file)
    assert told("stocks", Holiday(dt.date(2026, 11, 24), "NYSE", "closed", "Mourning")) == {}


def test_one_asset_class_asks_for_all_of_its_calendar() -> None:
    """The one that lands the list; nobody is told three times."""
    assert [name for name in catalog.asset_classes() if announced.is_asked(catalog.load(name))] == ["stocks"]


def test_the_sources_own_words_are_read() -> None:
    """The example of the API's documentation, and one early close."""
    body = b"""[
      {"date": "2020-11-26", "exchange": "NYSE", "name": "Thanksgiving", "status": "closed"},
      {"close": "2020-11-27T18:00:00.000Z", "date": "2020-11-27", "exchange": "NASDAQ", "name": "Thanksgiving",
       "open": "2020-11-27T14:30:00.000Z", "status": "early-close"}
    ]"""
    closed, early = msgspec.json.decode(body, type=list[Holiday])
    assert (closed.date, closed.status, closed.close) == (dt.date(2020, 11, 26), "closed", None)
    assert early.close == dt.datetime(2020, 11, 27, 18, tzinfo=dt.UTC)
