"""Answers for people to read: a table, a block of lines for each row, or Markdown; no name and no value is cut off."""

from __future__ import annotations

import sys

from rich.table import Table

from anthill.cli.terminal import Terminal, shown
from anthill.warehouse import text
from anthill.warehouse.answer import Answer

TABLE_ROWS = 1000
_WIDEST = 1 << 20  # characters: a line is as long as what is in it


def table(answer: Answer) -> None:
    """Print a table of the first rows, and how many there are."""
    grid = Table()
    for name in answer.columns:
        grid.add_column(shown(name), no_wrap=True, overflow="ignore")
    for row in _rows(answer, TABLE_ROWS):
        grid.add_row(*row)
    console = Terminal(width=_WIDEST, soft_wrap=True)
    console.print(grid)
    more = f", the first {TABLE_ROWS:,} shown: FORMAT=csv has them all" if answer.table.num_rows > TABLE_ROWS else ""
    console.print(f"{answer.table.num_rows:,} rows{more}")


def vertical(answer: Answer) -> None:
    """Print a block for each row, a line for each of its columns."""
    width = max(map(len, map(shown, answer.columns)), default=0)
    for number, row in enumerate(_rows(answer), 1):
        print(f"── row {number:,}")
        for name, value in zip(answer.columns, row, strict=True):
            lines = shown(value).split("\n")
            print(f"{shown(name):>{width}}  " + f"\n{' ' * width}  ".join(lines))
    print(f"{answer.table.num_rows:,} rows", file=sys.stderr)


def markdown(answer: Answer) -> None:
    """Print a table of Markdown."""
    print(_line(answer.columns))
    print(_line(["---"] * len(answer.columns)))
    for row in _rows(answer):
        print(_line(row))


def _line(cells: list[str]) -> str:
    safe = [shown(cell).replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>") for cell in cells]
    return f"| {' | '.join(safe)} |"


def _rows(answer: Answer, most: int | None = None) -> list[list[str]]:
    return [[text.of(value) for value in row] for row in Answer(answer.table.slice(0, most)).rows]


FORMS = {"table": table, "vertical": vertical, "markdown": markdown}
