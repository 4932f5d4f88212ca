"""What came of a sample: by room, and every mutant that survived."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutation import Mutant
from tests.mutants.trial import Verdict

ENOUGH = 90.0


@dataclass(frozen=True)
class Result:
    """A mutant with its verdict, or with the reason why it was accepted; without either it was not tried."""

    mutant: Mutant
    verdict: Verdict | None = None
    accepted: str | None = None


@dataclass(frozen=True)
class Row:
    """The numbers of a room."""

    room: str
    mutants: int
    accepted: int
    killed: int
    stopped: int
    survived: int

    @property
    def percent(self) -> float:
        """Noticed of those tried, percent."""
        noticed = self.killed + self.stopped
        return 100 * noticed / max(1, noticed + self.survived)


def row(name: str, results: Sequence[Result]) -> Row:
    """The numbers of some results."""
    names = [result.verdict.name for result in results if result.verdict]
    accepted = sum(result.accepted is not None for result in results)
    return Row(name, len(results), accepted, *map(names.count, ("killed", "stopped", "survived")))


@dataclass(frozen=True)
class Report:
    """A sample's results, and what is to be said of the list of accepted mutants."""

    seed: str
    results: Sequence[Result]
    stale: Sequence[str] = ()

    @property
    def rows(self) -> list[Row]:
        """Each room, and all together."""
        rooms = dict.fromkeys(result.mutant.mutation.room for result in self.results)
        by_room = [row(name, [r for r in self.results if r.mutant.mutation.room == name]) for name in rooms]
        return [*by_room, row("all", self.results)]

    @property
    def is_enough(self) -> bool:
        """Whether as many were noticed as must be, and all were tried."""
        whole = self.rows[-1]
        tried = whole.accepted + whole.killed + whole.stopped + whole.survived
        return whole.percent >= ENOUGH and tried == whole.mutants

    def markdown(self) -> str:
        """The report for people."""
        lines = [
            f"Mutants of seed {self.seed}: at least {ENOUGH:.0f} % must be noticed.",
            "",
            "| room | mutants | accepted | killed | stopped | survived | noticed |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for each in self.rows:
            numbers = (each.mutants, each.accepted, each.killed, each.stopped, each.survived, f"{each.percent:.1f} %")
            lines.append(f"| {each.room} | " + " | ".join(map(str, numbers)) + " |")
        for result in self.results:
            if result.verdict and not result.verdict.noticed:
                where = f"{result.mutant.mutation.file}:{result.mutant.line}"
                lines += ["", f"{where}: {result.verdict.why}", "", "```diff", result.mutant.diff, "```"]
        lines += [f"\nStale in accepted.yaml: {text}" for text in self.stale]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Leave it as Markdown and as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(self.markdown())
        told = [
            {
                "room": result.mutant.mutation.room,
                "file": result.mutant.mutation.file,
                "line": result.mutant.line,
                "diff": result.mutant.diff,
                "verdict": result.verdict.name if result.verdict else "accepted" if result.accepted else "not tried",
                "why": result.verdict.why if result.verdict else result.accepted,
                "seconds": result.verdict.seconds if result.verdict else None,
            }
            for result in self.results
        ]
        (folder / "report.json").write_text(json.dumps({"seed": self.seed, "mutants": told}, indent=1) + "\n")
