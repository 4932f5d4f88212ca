"""Invented instruments, each with something that happens in markets, and values computed from definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.by_name import long_but
from tests.plugins.anthill.lakehouse.case import Case, Nights, same
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.landing.conftest import bucket, s3

__all__ = ["bucket", "s3"]

FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))
SHORT = Path(__file__).parent / "cases/cash_and_split_wealth.json"


@pytest.mark.parametrize("file", long_but(SHORT, FILES), ids=lambda file: file.stem)
def test_the_tables_say_what_is_right(file: Path, lake: Lake, s3: Any, bucket: str) -> None:
    """Every query of a case gives its rows; all that are wrong are told with why they should be right."""
    case = Case(file)
    Nights(case, lake, s3, bucket).run()
    wrong = []
    for expected in case.said["expect"]:
        rows = [list(row) for row in lake.spark.sql(expected["sql"]).collect()]
        right = expected["rows"]["any"] if isinstance(expected["rows"], dict) else [expected["rows"]]
        if not any(_same(rows, each) for each in right):
            wrong.append(f"{expected['why']}: got {rows}, right {expected['rows']}")
    assert not wrong, "\n".join(wrong)


def _same(rows: list[list[Any]], right: list[list[Any]]) -> bool:
    return len(rows) == len(right) and all(
        len(row) == len(values) and all(map(same, row, values)) for row, values in zip(rows, right, strict=True)
    )
