"""An operator says that a market did not trade: runs, dates and coverage follow, and a wrong file stops nobody."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.base import DataInterval, TimeRestriction

from anthill import calendars, catalog, closures, market_day
from anthill.coverage.states import Due, State, row
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import RunJob
from anthill.landing.operator import LandDataset
from anthill.task import airflow_errors
from anthill.timetables import MarketDayTimetable
from delivery.checkout import Checkout
from delivery.package import contents

DAY = dt.date(2026, 6, 17)
SECOND, DAY_LONG = dt.timedelta(seconds=1), dt.timedelta(days=1)
MOURNING = "XNYS:\n  2026-06-17: day of mourning\nforex:\n  2025-12-25: no quotes\n  2026-01-01: no quotes\n"
Declare = Callable[[str], None]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Write the file, as a delivery does: each time with another time."""
    file = tmp_path / "closures.yaml"
    monkeypatch.setattr(closures, "FILE", file)
    monkeypatch.setattr(closures, "_kept", ((0, 0), {}))
    written: list[str] = []

    def write(text: str) -> None:
        file.write_text(text)
        written.append(text)
        os.utime(file, (len(written), len(written)))

    return write


def test_a_declared_day_is_no_market_day(declare: Declare) -> None:
    """Of its calendar alone, from one moment to the next, and until it is taken back."""
    assert calendars.is_market_day("XNYS", DAY)
    declare(MOURNING)
    assert not calendars.is_market_day("XNYS", DAY)
    assert calendars.is_market_day("24/7", DAY)
    assert calendars.is_market_day("forex", DAY)
    assert calendars.shift("XNYS", dt.date(2026, 6, 18), -1) == dt.date(2026, 6, 16)
    assert DAY not in calendars.closes("XNYS")
    said = r"2026-06-17 is no market day of XNYS by closures.yaml \(day of mourning\): .* 2026-06-16 and 2026-06-18"
    with pytest.raises(calendars.ClosedError, match=said):
        calendars.require_market_day("XNYS", DAY)
    for day in (dt.date(2025, 12, 25), dt.date(2026, 1, 1)):
        assert not calendars.is_market_day("forex", day)
    declare("# nothing any more\n")
    assert calendars.is_market_day("XNYS", DAY)


def test_no_run_is_started_for_it(declare: Declare) -> None:
    """The next one is of the day after."""
    declare(MOURNING)
    before = pendulum.datetime(2026, 6, 16)
    info = MarketDayTimetable("XNYS", dt.timedelta(hours=6)).next_dagrun_info(
        last_automated_data_interval=DataInterval(before, before.add(days=1)),
        restriction=TimeRestriction(None, None, catchup=True),
    )
    assert info is not None
    assert info.logical_date.date() == dt.date(2026, 6, 18)


def run_of(day: dt.date) -> Any:
    """What the tasks of a scheduled run are given."""
    start = pendulum.datetime(day.year, day.month, day.day)
    run = SimpleNamespace(run_type="scheduled")
    return {"params": {}, "data_interval_start": start, "dag_run": run, "run_id": "r", "ti": SimpleNamespace(id="1")}


@pytest.mark.parametrize(
    "task",
    [
        lambda: LandDataset(task_id="land", asset_class="stocks", dataset="splits"),
        lambda: LoadSilver(task_id="silver", asset_class="stocks", datasets=["splits"]),
        lambda: RunJob(task_id="gold", job="gold", asset_class="stocks"),
    ],
    ids=["land", "silver", "gold"],
)
def test_a_run_that_there_was_is_skipped(declare: Declare, task: Callable[[], Any]) -> None:
    """Cleared or retried, it ends with nothing red, and says why."""
    declare(MOURNING)
    with pytest.raises(AirflowSkipException, match=r"2026-06-17 .*day of mourning"):
        task().execute(run_of(DAY))


def test_other_days_are_run_as_ever(declare: Declare) -> None:
    """The day before, which reaches back, and a day off, which stays an error."""
    declare(MOURNING)
    # 21 market days, without Memorial Day and the declared one.
    assert market_day.first_market_day(run_of(dt.date(2026, 6, 18)), "stocks") == dt.date(2026, 5, 18)
    with pytest.raises(Exception, match="no market day") as caught, airflow_errors():
        calendars.require_market_day("XNYS", dt.date(2026, 6, 19))
    assert not isinstance(caught.value, AirflowSkipException)


def test_coverage_shows_it(declare: Declare) -> None:
    """Missing, late and refused end; what was landed all the same is still shown."""
    stocks = catalog.load("stocks")
    days = [dt.date(2026, 6, 16), DAY, dt.date(2026, 6, 18)]

    def letters(told: dict[dt.date, State]) -> str:
        market = frozenset(calendars.market_days("XNYS", days[0], days[-1]))
        due = Due(stocks, dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
        return row(stocks.datasets["grouped_daily"], days, market, told, due)

    assert letters({}) == "MMM"
    declare(MOURNING)
    assert letters({}) == "MCM"
    assert letters({DAY: State.REFUSED}) == "MCM"
    assert letters({DAY: State.LANDED}) == "MLM"


STORM = 'XNYS:\n  2026-06-17: {close: "13:00", by: NYSE, reason: storm}\n'
ONE_PM = dt.datetime(2026, 6, 17, 17, tzinfo=dt.UTC)  # 13:00 in New York's summer


def test_a_session_closes_when_it_is_declared_to(declare: Declare) -> None:
    """Of its calendar and day alone, from one moment to the next; due, late and missing go by it."""
    stocks = catalog.load("stocks")
    wait = stocks.due_after_close
    timetable = MarketDayTimetable("XNYS", wait)
    regular = calendars.session_close("XNYS", DAY)
    assert regular == dt.datetime(2026, 6, 17, 20, tzinfo=dt.UTC)

    def state(now: dt.datetime) -> str:
        return row(stocks.datasets["grouped_daily"], [DAY], frozenset([DAY]), {}, Due(stocks, now))

    assert state(ONE_PM + wait) == "W"
    declare(STORM)
    assert calendars.session_close("XNYS", DAY) == calendars.closes("XNYS")[DAY] == ONE_PM
    assert calendars.session_open("XNYS", DAY) == dt.datetime(2026, 6, 17, 13, 30, tzinfo=dt.UTC)
    assert calendars.session_close("XNYS", dt.date(2026, 6, 18)) == regular + dt.timedelta(days=1)
    before = pendulum.datetime(2026, 6, 16)
    info = timetable.next_dagrun_info(
        last_automated_data_interval=DataInterval(before, before.add(days=1)),
        restriction=TimeRestriction(None, None, catchup=True),
    )
    assert info is not None
    assert info.run_after == ONE_PM + wait
    assert [state(ONE_PM + wait + past) for past in (-SECOND, dt.timedelta(), DAY_LONG)] == ["W", "T", "M"]
    declare("")
    assert calendars.session_close("XNYS", DAY) == regular


def test_a_calendars_own_early_close_can_be_another(declare: Declare) -> None:
    """The regular one, where the exchange has changed its mind; in winter an hour later by UTC."""
    day = dt.date(2026, 11, 27)
    assert calendars.session_close("XNYS", day) == dt.datetime(2026, 11, 27, 18, tzinfo=dt.UTC)
    declare(f"XNYS:\n  {day}:\n    close: 16:00\n    by: NYSE\n    reason: no half day\n")
    assert calendars.session_close("XNYS", day) == dt.datetime(2026, 11, 27, 21, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('{close: "13:00", by: NYSE}', "missing required field `reason`"),
        ('{close: "13:00", reason: storm}', "missing required field `by`"),
        ("{by: NYSE, reason: storm}", "missing required field `close`"),
        ('{close: "1 pm", by: NYSE, reason: storm}', "matching regex"),
        ('{close: "25:00", by: NYSE, reason: storm}', "hour must be in 0..23"),
        (
            '{close: "09:30", by: NYSE, reason: storm}',
            "09:30 is no close after 09:30 and until 16:00, America/New_York",
        ),
        ('{close: "16:01", by: NYSE, reason: storm}', "16:01 is no close"),
        ('{close: "13:00", by: NYSE, reason: storm, zone: UTC}', "unknown field `zone`"),
        ('{close: ["13:00"], by: NYSE, reason: storm}', "got `array`"),
        ("day of mourning\n  2026-06-17: storm", "'2026-06-17' is there twice"),
        ('storm\nforex:\n  2026-06-17: {close: "13:00", by: NYSE, reason: storm}', "the days of forex are those of"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(tmp_path: Path, entry: str, said: str) -> None:
    """And with what is allowed."""
    file = tmp_path / "closures.yaml"
    file.write_text(f"# What is declared\nXNYS:\n  2026-06-16: storm\n  2026-06-17: {entry}\n")
    with pytest.raises(
        closures.ClosureError, match=rf"{re.escape(said)}.*a day is declared below its calendar"
    ) as told:
        closures.read(file)
    line = 4 + entry.count("\n")
    assert str(told.value).startswith(f"{file}, line {line}: ")


@pytest.mark.parametrize(
    "text",
    [
        "XNYS: [2026-06-17]",
        "XNYS:\n  17 June: day of mourning",
        "XNYS:\n  2026-06-17:",
        "XNYS:\n  2026-06-17: x",
        "XNYS:\n  2026-06-17: 5",
        "XLON:\n  2026-06-17: day of mourning",
        "XNYS: {",
        "\x00",
        "- XNYS",
    ],
)
def test_a_wrong_file_is_told_and_what_it_said_before_holds(
    declare: Declare, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """Once in the log, with the file and what is allowed; the scheduler goes on."""
    declare(MOURNING)
    assert not calendars.is_market_day("XNYS", DAY)
    declare(text)
    for _ in range(2):
        assert not calendars.is_market_day("XNYS", DAY)
    (told,) = [record.getMessage() for record in caplog.records if record.name == "anthill.closures"]
    assert re.search(r"closures.yaml(, line \d+)?: .*a day is declared below its calendar", told, re.DOTALL)
    assert "what it said before holds" in told


def test_the_repositorys_own_file_is_right_and_is_delivered_with_the_dags() -> None:
    """Each day is one that the calendar has; the environment is not updated for it."""
    assert Path(__file__).parents[3] / "dags" / "closures.yaml" == closures.FILE
    for calendar, days in closures.read(closures.FILE).items():
        named = [*days.closed, *days.closes]
        assert all(day in calendars._load(calendar, day.year).days for day in named)
    files = contents(Checkout(closures.FILE.parents[1]))
    assert files["dags/closures.yaml"] == closures.FILE.read_bytes()
