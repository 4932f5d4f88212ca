"""`make sql`: ask silver and gold, by a prompt or one query."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anthill.export import forms, place
from anthill.warehouse.answer import Answer
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse
from local.service import ServiceError
from local.stack import Stack

FORMATS = ("table", "vertical", "markdown", "json", "csv", "parquet", "xlsx")
_FOR_FILES = ("parquet", "xlsx")
_PARTS = ("s3", "databricks")

HELP = """`tables` lists the tables, `describe gold.stocks_daily_prices` shows one.
A query ends with ';' or an empty line; Ctrl-D leaves."""


def run(stack: Stack, query: str | None, form: str, out: str = "") -> None:
    """Answer one query, or prompt for them until the end of input."""
    if not (stack.home / "s3").is_dir():
        raise QueryError(f"there are no tables yet in {stack.home}: run `make demo` first")
    if form in _FOR_FILES and not (query and out):
        raise QueryError(
            f'{form} goes into a file: give one query and a name, as make sql Q="…" FORMAT={form} OUT=a.{form}'
        )
    with _warehouse(stack) as warehouse:
        if query:
            _one(warehouse, query.strip().rstrip(";"), form, out)
        else:
            _prompt(warehouse, form, stack.home / "sql_history")


@contextmanager
def _warehouse(stack: Stack) -> Iterator[Warehouse]:
    """The running stack's warehouse, which is left alone, or one that is started for as long as it is asked."""
    running = stack.answers(_PARTS)
    if running:
        yield stack.warehouse()
        return
    if there := stack.left():
        raise ServiceError(
            f"of the stack over {stack.home} only {', '.join(there)} run, and a query needs {' and '.join(_PARTS)}. "
            f"Nothing was touched: `make down`, then ask again"
        )
    with stack.lent(_PARTS):
        yield stack.warehouse()


def _one(warehouse: Warehouse, statement: str, form: str, out: str) -> None:
    answer = _words(warehouse, statement)
    if not out and form not in forms.FORMS:
        from local import shown

        shown.FORMS[form](answer or warehouse.query(statement))
        return
    if form not in forms.FORMS:
        raise QueryError(f"OUT= takes one of {', '.join(forms.FORMS)}, not {form}")
    rows = warehouse.stream(statement) if answer is None else None
    schema, batches = (rows.schema, rows.batches) if rows else (answer.table.schema, iter(answer.table.to_batches()))  # type: ignore[union-attr]
    with place.written(out) if out else contextlib.nullcontext(sys.stdout.buffer) as sink:
        writer = forms.FORMS[form](sink, schema)
        count = forms.write(writer, batches)
    if out:
        print(f"{out}: {count:,} rows" + "".join(f"\n  {note}" for note in writer.notes))


def _prompt(warehouse: Warehouse, form: str, history: Path) -> None:
    print(HELP)
    with _remembered(history):
        for statement in _statements():
            try:
                _one(warehouse, statement, form, "")
            except QueryError as error:
                from anthill.cli.terminal import shown

                print(shown(f"! {error}"))


@contextmanager
def _remembered(history: Path) -> Iterator[None]:
    """Lines can be edited and come back in the next prompt, where a person types them."""
    if not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:  # a Python that was built without it
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(1000)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(history)


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


def _words(warehouse: Warehouse, statement: str) -> Answer | None:
    """The answer to one of the two words that ask for the tables themselves; None for a statement."""
    word, _, rest = statement.partition(" ")
    if statement.lower() == "tables":
        return warehouse.tables()
    if word.lower() == "describe" and len(rest.split()) == 1:
        return warehouse.columns(rest.strip())
    return None
