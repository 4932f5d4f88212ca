"""Rows of the CSV files that are replayed; README.md tells the format."""

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

_Parsed = TypeVar("_Parsed")


Folders = tuple[Path, ...]


def folders(text: str) -> Folders:
    """Folders parted by commas, the later ones laid over the first."""
    return tuple(map(Path, text.split(",")))


def read_rows(
    given: Path | Folders, name: str, parse: Callable[[dict[str, str]], _Parsed], *, optional: bool = False
) -> Iterator[_Parsed]:
    """The parsed rows of `name.csv.gz` or `name.csv` in each folder; an error names the file and the line."""
    found = False
    for folder in given if isinstance(given, tuple) else (given,):
        path = next((path for end in (".csv.gz", ".csv") if (path := folder / f"{name}{end}").is_file()), None)
        if path:
            found = True
            with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
                for line, row in enumerate(csv.DictReader(file), start=2):
                    try:
                        yield parse(row)
                    except (KeyError, TypeError, ValueError) as error:
                        raise ValueError(f"{path}, line {line}: {error!r}") from error
    if not found and not optional:
        where = ", ".join(map(str, given)) if isinstance(given, tuple) else given
        raise ValueError(f"--history: {where} holds no {name}.csv.gz or {name}.csv")
