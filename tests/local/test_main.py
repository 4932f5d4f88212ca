"""`make demo`: which asset classes and days it takes where nobody says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from local import __main__ as command
from local import main_job, signals

ROOT = Path(__file__).parents[2]
FIVE = ["crypto", "forex", "indices", "options", "stocks"]
DECLARED = [*FIVE, "tulips"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What the main job was called with, instead of it; one asset class more has market days."""
    calls: list[Any] = []
    monkeypatch.setattr(main_job, "run", lambda *given, stream: calls.append((*given, stream)))
    monkeypatch.setattr(catalog, "with_past", lambda: DECLARED)
    monkeypatch.setattr(signals, "install", lambda: None)  # they are pytest's here
    monkeypatch.setattr(command, "VAR", tmp_path / "var")
    monkeypatch.setattr(command, "CURRENT", tmp_path / "var" / "current")
    return calls


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """`python -m local` with these words."""
    monkeypatch.setattr("sys.argv", ["local", *words])
    command.main()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize(
    ("given", "classes", "days"),
    [
        ([], FIVE, 3),
        (["STREAM=1"], ["crypto"], 3),
        (["STREAM=1", "ASSETS=stocks,crypto"], ["stocks", "crypto"], 3),
        (["DAYS=20"], FIVE, 20),
        (["ASSETS=all"], DECLARED, 3),
        (["ASSETS=tulips,stocks"], ["tulips", "stocks"], 3),
        (["HISTORY={tmp}"], ["stocks"], 3),
        (["HISTORY={tmp}", "ASSETS=stocks,options"], ["stocks", "options"], 3),
    ],
)
def test_the_demo_takes_what_make_says(
    monkeypatch: pytest.MonkeyPatch, asked: list[Any], tmp_path: Path, given: list[str], classes: list[str], days: int
) -> None:
    """A new asset class is off unless asked for; real bars are those of stocks."""
    given = [word.format(tmp=tmp_path) for word in given]
    told = subprocess.run(["make", "-n", "-s", "demo", *given], cwd=ROOT, capture_output=True, text=True, check=True)
    (line,) = (line for line in told.stdout.splitlines() if " -m local " in line)
    run(monkeypatch, *line.split(" -m local ")[1].split())
    ((_, *job),) = asked
    assert (job[0], job[3]) == (classes, days)
    assert job[-1] is ("STREAM=1" in given)


def test_a_stream_is_of_an_asset_class_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, asked: list[Any]) -> None:
    """Its day is one that the demo settles."""
    with pytest.raises(SystemExit, match="STREAM=1 records crypto: name it in ASSETS"):
        run(monkeypatch, "demo", "--stream", "--asset-classes", "stocks")
    assert not asked


def test_an_asset_class_that_is_none_ends_the_demo_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    """The message names both."""
    with pytest.raises(SystemExit, match=r"onions is none of crypto, forex, .*tulips"):
        run(monkeypatch, "demo", "--asset-classes", "stocks,onions")
    assert not asked
