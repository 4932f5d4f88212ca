"""Rows of the CSV files that are replayed; README.md tells the format."""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

_Parsed = TypeVar("_Parsed")


def read_rows(
    folder: Path, name: str, parse: Callable[[dict[str, str]], _Parsed], *, optional: bool = False
) -> Iterator[_Parsed]:
    """The parsed rows of `name.csv.gz` or `name.csv`; an error names the file and the line."""
    for path in (folder / f"{name}.csv.gz", folder / f"{name}.csv"):
        if path.is_file():
            with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
                for line, row in enumerate(csv.DictReader(file), start=2):
                    try:
                        yield parse(row)
                    except (KeyError, TypeError, ValueError) as error:
                        raise ValueError(f"{path}, line {line}: {error!r}") from error
            return
    if not optional:
        raise ValueError(f"--history: {folder} holds no {name}.csv.gz or {name}.csv")
