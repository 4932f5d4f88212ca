"""Mutants that were looked at and do no harm, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.mutants.mutation import Mutant

FILE = Path(__file__).with_name("accepted.yaml")


@dataclass(frozen=True)
class Accepted:
    """A change of some lines of a file, known by their text, and why it is no hole."""

    file: str
    before: str
    after: str
    reason: str

    def is_stale(self, root: Path) -> bool:
        """Whether the lines that it changes are gone."""
        file = root / self.file
        lines = "\n".join(map(str.strip, file.read_text().splitlines())) if file.is_file() else ""
        return f"\n{self.before}\n" not in f"\n{lines}\n"


def load(file: Path = FILE) -> list[Accepted]:
    """All that were accepted."""
    return [
        Accepted(entry["file"], entry["from"].strip(), entry["to"].strip(), entry["reason"])
        for entry in msgspec.yaml.decode(file.read_text()) or []
    ]


def reason(accepted: Iterable[Accepted], mutant: Mutant) -> str | None:
    """Why a mutant does no harm; None if nobody has said so."""
    found = (
        each.reason
        for each in accepted
        if (each.file, each.before, each.after) == (mutant.mutation.file, *mutant.change)
    )
    return next(found, None)
