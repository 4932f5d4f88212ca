"""The report counts right, shows every survivor, and says whether it is enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutants.mutation import Mutant, Mutation
from tests.mutants.report import Report, Result
from tests.mutants.trial import Verdict


def result(room: str, verdict: str, number: int = 0) -> Result:
    """A mutant with a verdict, accepted, or not tried."""
    text = f"a = {number}\n"
    mutant = Mutant(Mutation(room, f"{room}.py", str(number), lambda: None), text, text.replace("=", "!="))
    if verdict == "accepted":
        return Result(mutant, accepted="it is the same")
    return Result(mutant, Verdict(verdict, "why", "tests", 1.0) if verdict else None)


def test_the_numbers_of_each_room() -> None:
    """Accepted ones are in no share; stopped ones were noticed."""
    verdicts = ["killed"] * 6 + ["stopped"] * 2 + ["survived"] * 2 + ["accepted"] * 5
    report = Report("1", [result("a", v) for v in verdicts] + [result("b", "killed")])
    assert "| a | 15 | 5 | 6 | 2 | 2 | 80.0 % |" in report.markdown()
    assert "| b | 1 | 0 | 1 | 0 | 0 | 100.0 % |" in report.markdown()
    assert "| all | 16 | 5 | 7 | 2 | 2 | 81.8 % |" in report.markdown()


@pytest.mark.parametrize(
    ("killed", "survived", "rest", "enough"),
    [(9, 1, "accepted", True), (89, 11, "accepted", False), (9, 1, "", False), (10, 0, "killed", True)],
)
def test_nine_of_ten_are_enough(killed: int, survived: int, rest: str, *, enough: bool) -> None:
    """Below it is not, nor is a sample of which a part was not tried."""
    results = [result("a", v) for v in ["killed"] * killed + ["survived"] * survived + [rest]]
    assert Report("1", results).is_enough is enough


def test_survivors_and_stale_entries_are_shown(tmp_path: Path) -> None:
    """With their place, their diff and what is known; in the report for machines as well."""
    report = Report(
        "7", [result("a", "killed", 1), result("a", "survived", 2), result("a", "accepted", 3)], ["x.py: b"]
    )
    told = report.markdown()
    assert "a.py:1: why\n\n```diff\n-a = 2\n+a != 2\n```" in told
    assert "+a != 1" not in told
    assert "Stale in accepted.yaml: x.py: b" in told
    report.write(tmp_path)
    assert (tmp_path / "report.md").read_text() == told
    machine = json.loads((tmp_path / "report.json").read_text())
    assert machine["seed"] == "7"
    assert [m["verdict"] for m in machine["mutants"]] == ["killed", "survived", "accepted"]
    assert machine["mutants"][2]["why"] == "it is the same"
