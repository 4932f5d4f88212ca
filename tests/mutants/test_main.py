"""`make mutants` as a person runs it, over a tiny project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutants import __main__ as command
from tests.mutants.checkout import HERE
from tests.mutants.conftest import FILES, PRICE, ROOM, TESTS
from tests.mutants.hunt import Hunt
from tests.mutants.rooms import ROOMS


@pytest.fixture
def small(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command in the place of the tiny project, less what loops."""
    (tiny / "plugins/tiny/price.py").write_text(PRICE.split("def counted")[0])
    (tiny / "tests/tiny/test_price.py").write_text(TESTS.split("def test_counted")[0].replace("counted, ", ""))
    monkeypatch.setattr(command, "HERE", tiny)
    monkeypatch.setattr(command, "OUT", tiny / "var")
    monkeypatch.setattr(command, "ROOMS", [ROOM])
    monkeypatch.setattr(command, "tracked", lambda root: list(FILES))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tiny


def test_too_many_survive(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Most of the tiny project is not looked at: exit code 1, and the report is there; a second time all is known."""
    asked = ["--count", "12", "--seed", "3"]
    assert command.main(asked) == 1
    said = capsys.readouterr()
    assert "less than 90 %" in said.err
    assert "+    return price" in said.out
    assert (small / "var" / "report.md").read_text() in said.out
    assert command.main(asked) == 1
    assert "of 12" not in capsys.readouterr().out


def test_red_tests_are_code_2(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is tried where tests fail by themselves."""
    (small / "tests/tiny/test_price.py").write_text("def test_red():\n    assert False\n")
    assert command.main(["--count", "1"]) == 2
    assert "test_red" in capsys.readouterr().err


def test_an_interrupted_run_is_no_success(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody ends it: the exit code says so, and the report what was not tried."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Hunt, "run", interrupted)
    assert command.main(["--count", "2"]) == 130
    assert {each["verdict"] for each in json.loads((small / "var/report.json").read_text())["mutants"]} == {"not tried"}


def test_an_unknown_room_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are."""
    with pytest.raises(SystemExit):
        command.main(["--room", "attic"])
    assert "no such room: attic; there are tiny" in capsys.readouterr().err


def test_rooms_are_there() -> None:
    """Each room of the product has files and tests."""
    names = ["bronze", "sources", "ledger", "landing", "coverage", "backfill", "lakehouse"]
    names += ["approval", "dashboards", "erasure", "governance", "intervals", "timetables", "sql"]
    assert [room.name for room in ROOMS] == names
    assert all((HERE / room.tests).exists() and list(room.files(HERE)) for room in ROOMS)
