"""Verdicts that were reached, kept so that an interrupted run goes on, and a new test is all that is tried again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.mutants.mutation import Mutant
from tests.mutants.state import State
from tests.mutants.trial import Verdict


class Ledger:
    """Verdicts over one state of the product, a line each; one holds while the tests that it came from are the same."""

    def __init__(self, folder: Path, state: State) -> None:
        self._file = folder / "verdicts.jsonl"
        self._state = state
        lines = self._file.read_text().splitlines() if self._file.is_file() else []
        self._verdicts: dict[str, Verdict] = {}
        for told in map(json.loads, lines):
            mutant, tests = told.pop("mutant"), told.pop("tests")
            if tests == state.of(told["by"]):
                self._verdicts[mutant] = Verdict(**told)

    def get(self, mutant: Mutant) -> Verdict | None:
        """What came of a mutant before."""
        return self._verdicts.get(mutant.mutation.key)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Keep a verdict at once."""
        self._verdicts[mutant.mutation.key] = verdict
        self._file.parent.mkdir(parents=True, exist_ok=True)
        told = {"mutant": mutant.mutation.key, "tests": self._state.of(verdict.by), **asdict(verdict)}
        with self._file.open("a") as stream:
            stream.write(json.dumps(told) + "\n")
