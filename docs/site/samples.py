"""A row of each table of gold, and the types of its columns, as a small simulated market gives them: `samples.json`.

`make samples` writes the file; a test compares it with the declared columns, another one with the market itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("samples.json")


class Sample(NamedTuple):
    """By column: the type as Spark writes it, and a value of one row in words, empty for NULL."""

    types: dict[str, str]
    row: dict[str, str]


def read() -> dict[str, Sample]:
    """The samples by the names of their tables."""
    return {name: Sample(**sample) for name, sample in json.loads(FILE.read_text()).items()}


def written(samples: dict[str, Sample]) -> str:
    """The text of the file."""
    whole = {name: sample._asdict() for name, sample in sorted(samples.items())}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
