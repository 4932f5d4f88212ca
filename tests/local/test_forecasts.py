"""The demo's step of forecasts: which days are enough, what is asked of the DAG `models`, and in what notebooks run."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest

from anthill import calendars
from anthill.dashboards import dashboard
from local import demo, forecasts, notebooks
from local.demo import Progress
from local.job import Job
from local.stack import Options, Stack

LAST = dt.date(2026, 7, 2)


def days(asset_class: str, count: int, last: dt.date = LAST) -> list[dt.date]:
    """So many market days up to the last one."""
    return demo.days_asked(asset_class, None, last, count)


@pytest.mark.parametrize(
    ("asset_class", "count", "last", "enough"),
    [
        ("stocks", 130, LAST, True),
        ("stocks", 121, LAST, True),
        ("stocks", 120, LAST, False),
        ("crypto", 130, LAST, True),
        # Features begin on June 3rd, what is learned ends on August 7th, in the next quarter.
        ("crypto", 121, dt.date(2026, 8, 29), True),
        # Features begin on July 4th, what is learned ends on September 7th: one quarter has nothing before it.
        ("crypto", 121, dt.date(2026, 9, 29), False),
        ("options", 130, LAST, False),  # no features
        ("stocks", 3, LAST, False),
    ],
)
def test_two_quarters_make_enough(asset_class: str, count: int, last: dt.date, enough: bool) -> None:
    """A day has all features after 33, and the last 22 are not learned from."""
    assert forecasts.enough({asset_class: days(asset_class, count, last)}) == ([asset_class] if enough else [])


def test_any_day_of_the_year_will_do_for_stocks() -> None:
    """The fewest days that are said to be enough are, whatever day is the last."""
    for last in calendars.market_days("XNYS", dt.date(2025, 7, 1), LAST):
        assert forecasts.enough({"stocks": days("stocks", forecasts.LEAST, last)}), last


def test_the_page_says_as_many_as_it_takes() -> None:
    """What the widget needs is what the demo trains from."""
    (widget,) = (each for board in dashboard.every() for each in board.widgets if each.name == "next_day")
    assert widget.days == forecasts.LEAST


class _Warehouse:
    """Forecasts up to a day, or none."""

    def __init__(self, newest: dt.date | None) -> None:
        self._rows = [{"asset_class": "stocks", "newest": newest}] if newest else []

    def records(self, statement: str) -> list[dict[str, Any]]:
        """What gold says."""
        assert "gold.volatility_forecasts" in statement
        return self._rows


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The forms of the runs that were started and followed, one after the other, and the DAGs that were turned on."""
    calls: list[tuple[str, Any]] = []

    def trigger(api: Any, dag: str, form: dict[str, Any], name: str) -> Job:
        return Job(dag, str(form), name)

    monkeypatch.setattr(demo, "trigger", trigger)
    monkeypatch.setattr(demo, "end_earlier_runs", lambda api, dags, progress: calls.append(("on", dags)))
    monkeypatch.setattr(demo, "watch", lambda stack, api, jobs, progress: calls.append(("run", jobs[0].run)))
    return calls


def make(tmp_path: Path, count: int, newest: dt.date | None = None) -> list[str]:
    """Make the forecasts of so many market days of stocks; what a person is told."""
    stack, told = Stack(Options(tmp_path)), list[str]()
    stack.warehouse = lambda: _Warehouse(newest)  # type: ignore[method-assign,assignment,return-value]
    forecasts.make(stack, None, {"stocks": days("stocks", count)}, Progress(told.append))  # type: ignore[arg-type]
    return told


@pytest.mark.parametrize("mlflow", [True, False])
def test_what_was_not_learned_from_is_forecast(
    monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, Any]], tmp_path: Path, mlflow: bool
) -> None:
    """Trained up to the 23rd day from the end, whose next day is the first to forecast; without MLflow rows say why."""
    monkeypatch.setattr(notebooks, "has_mlflow", lambda interpreter: mlflow and interpreter == sys.executable)
    told = make(tmp_path, 130)
    cut = "2026-06-01"
    assert len(calendars.market_days("XNYS", dt.date(2026, 6, 2), LAST)) == forecasts.UNSEEN
    train = f"{{'action': 'train', 'market_date_from': '{cut}', 'market_date_to': '{cut}'}}"
    score = f"{{'market_date_from': '{cut}', 'market_date_to': '2026-07-02'}}"
    assert asked == [("on", ["models"]), *([("run", train)] if mlflow else []), ("run", score)]
    assert (cut if mlflow else "make models") in told[0]


@pytest.mark.parametrize(("count", "newest"), [(120, None), (130, LAST)])
def test_nothing_is_asked_where_nothing_is_to_be_done(
    asked: list[tuple[str, Any]], tmp_path: Path, count: int, newest: dt.date | None
) -> None:
    """Too few days, or an earlier run has made them."""
    assert (make(tmp_path, count, newest), asked) == ([], [])


def test_notebooks_run_where_models_are_if_that_is_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that is being made is none; the stack starts the workspace in what it is given."""
    monkeypatch.setattr(notebooks, "_MODELS", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert notebooks.python() == sys.executable
    (tmp_path / ".ready").touch()
    assert notebooks.python() == str(tmp_path / "bin" / "python")


def test_an_interpreter_says_whether_it_has_mlflow(tmp_path: Path) -> None:
    """By asking it: one that has a package of that name, and the same without."""
    (tmp_path / "mlflow.py").touch()
    shell = tmp_path / "python"
    shell.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    shell.chmod(0o755)
    assert notebooks.has_mlflow(str(shell))
    shell.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    assert not notebooks.has_mlflow(str(shell))
