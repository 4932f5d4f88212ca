"""The commands against Airflow's own web server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anthill.cli.airflow import AirflowError
from anthill.cli.main import app
from tests.plugins.anthill.landing.workers import environment

from .conftest import Run

BACK = ("--from", "2026-07-02", "--to", "2026-06-26")
WEEK = ("--from", "2026-06-26", "--to", "2026-07-02")
COMMANDS = [command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback]


def known(address: str, headers: dict[str, dict[str, str]]) -> dict[str, str]:
    """Vera's way in."""
    return {"ANTHILL_URL": address, "ANTHILL_TOKEN": headers["vera"]["Authorization"].removeprefix("Bearer ")}


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own, whose output nothing else writes to."""
    command = str(Path(sys.executable).with_name("anthill"))
    env = {**os.environ, **environment}
    return subprocess.run([command, *arguments], env=env, capture_output=True, text=True, check=False)


def test_gaps_are_listed_with_their_reasons(run: Run, address: str, headers: Any) -> None:
    """Neighbours in one state are a line, and a refusal tells why; a script sees by the code that there are any."""
    done = process("--json", "gaps", "stocks", *WEEK, **known(address, headers))
    assert done.returncode == 1, done.stderr
    bars = [gap for gap in json.loads(done.stdout) if gap["dataset"] == "grouped_daily"]
    assert [(gap["from"], gap["to"], gap["days"], gap["state"]) for gap in bars] == [
        ("2026-06-26", "2026-06-26", 1, "missing"),
        ("2026-06-29", "2026-06-29", 1, "refused"),
        ("2026-07-01", "2026-07-01", 1, "missing"),
        ("2026-07-02", "2026-07-02", 1, "late"),
    ]
    assert bars[1]["reason"] == "your plan has no bars of that day"
    shown = run("gaps", "stocks", *WEEK, **known(address, headers)).output
    assert "refused" in shown
    assert "your plan" in shown  # and the rest on the lines below, where the terminal is narrow


def test_a_refused_key_is_a_gap_of_its_own(run: Run, address: str, headers: Any) -> None:
    """With what mends it, before the command that fills: that would be refused alike."""
    day = ("--from", "2026-06-29", "--to", "2026-06-29")
    found = json.loads(process("--json", "gaps", "forex", *day, **known(address, headers)).stdout)
    (gap,) = [each for each in found if each["state"] == "key refused"]
    assert (gap["dataset"], gap["from"]) == ("grouped_daily", "2026-06-29")
    assert gap["reason"].endswith("into the connection's password. (connection polygon_default)")
    shown = " ".join(run("gaps", "forex", *day, **known(address, headers)).output.split())
    assert "The API key was refused: `anthill doctor` tells which connection needs another one. Then: Gaps" in shown
    letters = run("coverage", "forex", *day, **known(address, headers)).output
    assert "K key refused: the source did not take the API key" in " ".join(letters.split())


def test_gold_is_listed_with_what_holds_it_back(run: Run, address: str, headers: Any) -> None:
    """As SQL names the table; with how many days it lacks, and without a day that bronze lacks."""
    found = json.loads(process("--json", "gaps", "stocks", *WEEK, **known(address, headers)).stdout)
    gold = [gap for gap in found if not gap["dataset"]]
    assert gold == [
        {
            "asset_class": "stocks",
            "dataset": None,
            "table": "daily_prices",
            "from": "2026-06-29",
            "to": "2026-06-29",
            "days": 1,
            "state": "held back",
            "reason": "grouped_daily broke row_count",
        }
    ]
    shown = " ".join(run("gaps", "stocks", *WEEK, **known(address, headers), COLUMNS="200").output.split())
    assert "gold.stocks_daily_prices 2026-06-29 2026-06-29 1 held back grouped_daily broke row_count" in shown
    assert "Gold lacks or holds back 1 market day, in 1 table; bronze has what they read." in shown
    letters = run("coverage", "stocks", *WEEK, **known(address, headers), COLUMNS="200").output
    (line,) = [line.split() for line in letters.splitlines() if "gold daily_prices" in line]
    assert line == ["gold", "daily_prices", "B", "HPBB", "1"]  # other markets have a weekend between


def test_gaps_count_days_as_days(run: Run, address: str, headers: Any) -> None:
    """A day that many datasets lack is one day; what fills them can be pasted."""
    found = json.loads(process("--json", "gaps", "stocks", *WEEK, **known(address, headers)).stdout)
    shown = " ".join(run("gaps", "stocks", *WEEK, **known(address, headers)).output.split())
    datasets = len({gap["dataset"] for gap in found if gap["dataset"]})
    # From Friday to Thursday there are five sessions, and each is lacked by some dataset.
    assert f"Gaps on 5 market days, in {datasets} datasets. `anthill backfill stocks --gaps` fills them." in shown
    one = " ".join(
        run("gaps", "forex", "--from", "2026-07-02", "--to", "2026-07-02", **known(address, headers)).output.split()
    )
    assert "Gaps on 1 market day, in " in one


def test_coverage_is_a_letter_a_day(run: Run, address: str, headers: Any) -> None:
    """For people a table with its legend, for scripts what the page has."""
    shown = run("coverage", "stocks", *WEEK, **known(address, headers))
    assert shown.exit_code == 0, shown.output
    assert "MXLMT" in shown.output.replace(" ", "")
    assert "refused: the source was asked" in shown.output
    heat = json.loads(process("--json", "coverage", "stocks", *WEEK, **known(address, headers)).stdout)
    assert [group["asset_class"] for group in heat["groups"]] == ["stocks"]
    assert heat["freshness"][0]["due"] == "2026-07-02"


def test_a_streams_minutes_are_letters(run: Run, address: str, headers: Any) -> None:
    """An hour a line, and each gap with its cause and what became of it."""
    shown = run("minutes", "crypto", **known(address, headers))
    assert shown.exit_code == 0, shown.output
    assert "crypto.minute_stream 2026-07-03: 1,295 recorded, 126 not there yet, 16 gap, 3 filled" in shown.output
    assert f"20:00{'R' * 30}{'G' * 16}{'R' * 14}" in shown.output.replace(" ", "")
    assert "10:00:02 to 10:03:00 UTC: closed with 1006 (filled)" in shown.output
    assert "20:30:00 to 20:45:30 UTC: killed (not filled)" in shown.output
    found = json.loads(process("--json", "minutes", "--day", "2026-06-28", **known(address, headers)).stdout)
    assert [each["asset_class"] for each in found][:1] == ["crypto"]


def test_a_password_is_a_way_in(run: Run, address: str) -> None:
    """A wrong one is told so, and nobody without any."""
    who = {"ANTHILL_URL": address, "ANTHILL_USER": "ann"}
    assert run("gaps", "stocks", *WEEK, **who, ANTHILL_PASSWORD="right").exit_code == 1
    wrong = run("gaps", *WEEK, **who, ANTHILL_PASSWORD="wrong")
    assert isinstance(wrong.exception, AirflowError)
    assert "you may not do this (401)" in str(wrong.exception)
    nobody = run("gaps", *WEEK, ANTHILL_URL=address)
    assert "set ANTHILL_TOKEN" in str(nobody.exception)


def test_no_answer_is_told_so(run: Run) -> None:
    """With what to look at, and not as a question who asks."""
    done = run("gaps", ANTHILL_URL="http://127.0.0.1:1")
    assert "http://127.0.0.1:1 does not answer" in str(done.exception)
    assert "make up" in str(done.exception)


def test_who_may_not_start_a_backfill_is_told_so(run: Run, address: str, headers: Any) -> None:
    """Airflow decides; here the DAGs were never read by a dag-processor, so that even a look finds none."""
    done = run("land", "stocks.grouped_daily", "2026-06-30", **known(address, headers))
    assert isinstance(done.exception, AirflowError)
    assert "2 calls" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("coverage", "bonds", *WEEK), "no asset class 'bonds'; there are crypto, "),
        (("land", "stocks", "2026-06-30"), "write <asset class>.<dataset>"),
        (("land", "stocks.grouped_daily", "June"), "does not match the format"),
        (("backfill", "stocks"), "give --from and --to, or --gaps"),
        (("gaps", *BACK), "--from 2026-07-02 is after --to 2026-06-26: give the earlier day first"),
        (("coverage", "stocks", *BACK), "--from 2026-07-02 is after --to 2026-06-26"),
        (("backfill", "stocks", *BACK), "--from 2026-07-02 is after --to 2026-06-26"),
        (("backfill", "stocks", "--gaps", *BACK), "--from 2026-07-02 is after --to 2026-06-26"),
        (("export", "gold.stocks_daily_prices", *BACK), "--from 2026-07-02 is after --to 2026-06-26"),
        (("gaps", "--from", "2126-07-02"), "--from 2126-07-02 is after the platform's present, 2026-07-0"),
    ],
)
def test_wrong_arguments_are_told_so(
    run: Run, address: str, headers: Any, arguments: tuple[str, ...], message: str
) -> None:
    """With what is allowed; nothing is started."""
    done = run(*arguments, **known(address, headers))
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_dataset_without_its_sql_is_told_so(run: Run, tmp_path: Path) -> None:
    """The path that is to be written."""
    from anthill.include import include_dir

    text = (include_dir() / "datasets" / "forex.yaml").read_text()
    path = tmp_path / "forex.yaml"
    path.write_text(text.replace("grouped_daily:", "grouped_weekly:", 1).replace("minute_bars:", "second_bars:", 1))
    done = run("check", str(path))
    assert done.exit_code == 1
    assert "forex/grouped_weekly.sql is not there" in done.output.replace("\n", "")


def test_no_airflow_is_needed() -> None:
    """A laptop has the command without it: neither the commands nor what reads the index on MWAA import it."""
    modules = "anthill.cli.main, anthill.coverage.reader, anthill.coverage.view, anthill.coverage.freshness"
    modules += ", anthill.coverage.minutes, anthill.coverage.cost, anthill.backfill.plan, anthill.sources.polygon.plans"
    code = f"import {modules}, sys; print([name for name in sys.modules if name.split('.')[0] == 'airflow'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(run: Run, command: str) -> None:
    """Every command says what it does, with an example."""
    done = run(command, "--help")
    assert done.exit_code == 0
    assert "xample" in done.output
    assert f"anthill {command}" in done.output


def test_the_shell_completes() -> None:
    """As bash asks the installed command."""
    done = process(_ANTHILL_COMPLETE="complete_bash", COMP_WORDS="anthill ba", COMP_CWORD="1")
    assert done.stdout.split() == ["backfill"]
