"""`make sql`: ask silver and gold, by a prompt or one query."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.table import Table

from anthill.cli.terminal import Terminal, shown
from local.stack import Stack
from local.warehouse import Answer, QueryError, Warehouse

SHOWN = 1000  # rows of a table; CSV gives them all

HELP = """`tables` lists the tables, `describe gold.stocks_daily_prices` shows one.
A query ends with ';' or an empty line; Ctrl-D leaves."""


def run(stack: Stack, query: str | None, form: str) -> None:
    """Answer one query, or prompt for them until the end of input."""
    if not (stack.home / "s3").is_dir():
        raise QueryError(f"there are no tables yet in {stack.home}: run `make demo` first")
    with _warehouse(stack) as warehouse:
        if query:
            _print(_answer(warehouse, query.strip().rstrip(";")), form)
        else:
            _prompt(warehouse, form)


@contextmanager
def _warehouse(stack: Stack) -> Iterator[Warehouse]:
    """The running stack's warehouse, or one that is started for as long as it is asked."""
    if stack.up():
        yield stack.warehouse()
        return
    with stack.lent(("s3", "databricks")):
        yield stack.warehouse()


def _prompt(warehouse: Warehouse, form: str) -> None:
    print(HELP)
    for statement in _statements():
        try:
            _print(_answer(warehouse, statement), form)
        except QueryError as error:
            print(shown(f"! {error}"))


def _statements() -> Iterator[str]:
    lines: list[str] = []
    while True:
        try:
            line = input("…… " if lines else "sql> ")
        except EOFError:
            print()
            return
        lines.append(line)
        text = "\n".join(lines).strip()
        if text and (text.endswith(";") or not line.strip() or text.lower().split()[0] in ("tables", "describe")):
            lines = []
            yield text.rstrip(";").strip()


def _answer(warehouse: Warehouse, statement: str) -> Answer:
    """The answer to a query, or to one of the two words that ask for the tables themselves."""
    word, _, rest = statement.partition(" ")
    if statement.lower() == "tables":
        return warehouse.tables()
    if word.lower() == "describe":
        return warehouse.columns(rest.strip())
    return warehouse.query(statement)


def _print(answer: Answer, form: str) -> None:
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
        return
    table = Table(*answer.columns)
    for row in answer.rows[:SHOWN]:
        table.add_row(*["" if value is None else value for value in row])
    console = Terminal()
    console.print(table)
    more = f", the first {SHOWN} shown" if len(answer.rows) > SHOWN else ""
    console.print(f"{len(answer.rows)} rows{more}")
