"""What others say is shown as text: no markup, and nothing that a terminal would obey."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.table import Table

from anthill.cli.main import main
from anthill.cli.terminal import Terminal, shown
from anthill.warehouse.answer import Answer
from local import shown as forms
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

from .conftest import Run

BAD = "[/x] [red]a[/red] :smile: \x1b]0;owned\x07\x1b[2J\r\u202egnp.exe \x9b1m"
SEEN = r"[/x] [red]a[/red] :smile: \x1b]0;owned\x07\x1b[2J\r\u202egnp.exe \x9b1m"


@given(st.text())
@example(BAD)
@example("[/]")
@example("\\[/x]\\")
@example("line\nline\ttab")
@example("\ud800")
@example("\u2de0\t")
@example("\t0")
def test_any_text_is_shown_and_obeyed_by_nobody(text: str) -> None:
    """Printable as it is, in a line and in a table; what is not is written out."""
    safe = shown(text)
    assert not [c for c in safe if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"]
    assert shown(safe) == safe
    if text.isprintable():
        assert safe == text
    out = io.StringIO()
    Terminal(file=out, width=1000, soft_wrap=True).print(text)
    assert out.getvalue().split() == safe.split()  # a tab is as many blanks as rich counts
    table = Table(text, title=text, caption=text)
    table.add_row(text)
    Terminal(file=(cells := io.StringIO()), width=1000).print(table)
    assert "\x1b" not in cells.getvalue()
    assert not text.isascii() or all(cells.getvalue().count(word) >= 4 for word in safe.split())  # of a known width


def hostile(asked: Asked) -> Reply:
    """An Airflow, and the page's app, whose every word is bad."""
    answers: dict[str, Any] = {
        "/auth/token": {"access_token": "token"},
        "/api/v2/version": {"version": BAD},
        "/api/v2/monitor/health": {"scheduler": {"status": "healthy"}, BAD: {"status": BAD}},
        "/api/v2/importErrors": {"import_errors": [{"filename": BAD}]},
        "/api/v2/dags": {"dags": []},
        "/api/v2/dags/market_backfill": {"is_paused": False},
        "/api/v2/dags/market_backfill/dagRuns": {"dag_run_id": "r"},
        "/api/v2/dags/market_backfill/dagRuns/r": {"state": "failed", "note": BAD},
        "/api/v2/dags/market_backfill/dagRuns/r/taskInstances": {"task_instances": [{"task_id": BAD}]},
        "/anthill/api/coverage": {
            "now": "2026-07-03T22:00:00Z",
            "days": ["2026-07-01", "2026-07-02"],
            "meaning": dict.fromkeys("MXHP[\x1b", BAD),
            "groups": [
                {
                    "asset_class": BAD,
                    "description": BAD,
                    "rows": [
                        {"dataset": BAD, "states": "XM", "fillable": True},
                        {"dataset": BAD, "states": "[\x1b", "fillable": False},
                    ],
                    "gold": [{"table": BAD, "reads": [BAD], "states": "HP"}],
                }
            ],
        },
        "/anthill/api/freshness": [
            {"asset_class": BAD, "due": BAD, "stages": [{"fresh_until": BAD}] * 3, "quality": None}
        ],
        "/anthill/api/cell": {
            "reason": BAD,
            "outcome": "refused",
            "by_plan": False,
            "by_key": False,
            "asked_by": {"run": "r"},
        },
        "/anthill/api/gold": {"why": BAD},
        "/anthill/api/estimate": {
            "calls": 1,
            "per_minute": 5,
            "minutes": 1,
            "lines": [{"dataset": BAD, "days": 1, "calls": 1, "calls_a_day": 1, "measured": True}],
            "conf": {},
        },
    }
    return page(answers[asked.path]) if asked.path in answers else error(418, {"detail": BAD})


@pytest.fixture
def address() -> Iterator[str]:
    """Where it answers."""
    with ScriptedServer(hostile) as server:
        yield server.url


@pytest.mark.parametrize(
    "command",
    [
        ("coverage",),
        ("gaps",),
        ("backfill", "stocks", "--from", "2026-07-01", "--to", "2026-07-02", "--yes"),
        ("land", "stocks.splits", "2026-07-01"),
        ("doctor", "--no-deep"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_a_command_shows_what_an_api_says(run: Run, address: str, command: tuple[str, ...]) -> None:
    """The marks are there to be read, and no byte of an order is."""
    done = run(*command, ANTHILL_URL=address, COLUMNS="400")
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit), done.exception
    assert SEEN in done.output.replace("\n", " ")
    assert not [c for c in done.output if c in "\x1b\x07\r\x9b\u202e"]


def test_a_wrong_argument_names_what_there_is_in_the_same_way(run: Run, address: str) -> None:
    """What the API calls its asset classes, too."""
    done = run("coverage", "bonds", ANTHILL_URL=address)
    assert done.exit_code == 2
    assert r"\x1b" in done.output
    assert "\x1b" not in done.output


def test_an_error_is_shown_in_the_same_way(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What ends a command, too."""
    monkeypatch.setattr("sys.argv", ["anthill", "--url", f"{address}/elsewhere", "--token", "t", "coverage"])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert SEEN in said
    assert "\x1b" not in said


def test_an_answer_of_the_database_is_shown_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """Its columns and values, in every form that is for people."""
    answer = Answer(pa.table({BAD: [BAD, None]}))
    for form in forms.FORMS.values():
        form(answer)
        printed = capsys.readouterr().out
        assert "[red]a[/red]" in printed
        assert r"\x1b" in printed.replace("\\\\", "\\")
        assert "\x1b" not in printed


def test_json_is_for_programs(run: Run, address: str) -> None:
    """Escaped as JSON has it."""
    done = run("--json", "coverage", ANTHILL_URL=address)
    assert json.loads(done.stdout)["groups"][0]["description"] == BAD
    assert "\x1b" not in done.stdout
