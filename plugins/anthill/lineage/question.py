"""Which row of gold is asked about; what cannot be one is a sentence with what was meant."""

from __future__ import annotations

import datetime as dt

import msgspec

from anthill import calendars, catalog, renamed
from anthill.catalog import AssetClass
from anthill.include import include_dir
from anthill.lakehouse import keys, statements
from anthill.lakehouse.keys import Key
from anthill.nearest import asked
from anthill.warehouse.names import full_name


class TraceError(RuntimeError):
    """A number cannot be traced; the message says why and what to ask instead."""


class Question(msgspec.Struct, frozen=True):
    """A table of gold, what its rows are about, such as a ticker, and a market day."""

    declared: AssetClass
    name: str
    key: Key
    ticker: str
    day: dt.date

    @property
    def table(self) -> str:
        """The table within the catalog."""
        return statements.table("gold", self.declared.asset_class, self.name)

    @property
    def subject(self) -> str:
        """The column that says what a row is about; "" where all rows of a day are about the market."""
        return _subject(self.key)

    @property
    def by_day(self) -> bool:
        """Whether a row is about one market day."""
        return "market_date" in self.key.columns

    @property
    def on_day(self) -> str:
        """The predicate of the rows that are about the day."""
        day = f"DATE'{self.day}'"
        if self.by_day:
            return f"market_date = {day}"
        if self.key.days:
            first, last = self.key.days
            return f"{first} <= {day} AND ({last} IS NULL OR {last} {'>' if self.key.ends_before else '>='} {day})"
        if "month" in self.key.columns:
            return f"month = DATE'{self.day.replace(day=1)}'"
        held = [name for name in self.key.columns if _is_day(name)]
        return f"{held[0]} <= {day}" if held else "true"


def ask(table: str, ticker: str, day: str) -> Question:
    """The question; a table without tickers takes the day in the place of one."""
    declared, name = _table(table)
    question = Question(declared, name, _key(declared, name), ticker, dt.date.min)
    if not question.subject:
        if ticker and day:
            raise TraceError(f"{question.table} has no row a ticker: ask {question.table} {day}")
        ticker, day = "", day or ticker
    if question.subject and not day:
        raise TraceError(
            f"{question.table} has a row a {question.subject} and day: ask {question.table} <{question.subject}> <day>"
        )
    return msgspec.structs.replace(question, ticker=ticker, day=_day(declared, day))


def subject(declared: AssetClass, name: str) -> str:
    """The column that says what a row of a table is about; "" where it is about the market."""
    return _subject(_key(declared, name))


def _key(declared: AssetClass, name: str) -> Key:
    return keys.of(statements.path("gold", declared.asset_class, name))[0]


def _subject(key: Key) -> str:
    return next((name for name in key.columns if not _is_day(name)), "")


def _table(table: str) -> tuple[AssetClass, str]:
    known = {
        statements.table("gold", declared.asset_class, name): (declared, name)
        for declared in map(catalog.load, catalog.asset_classes())
        for name in declared.gold
    }
    name = ".".join(full_name(table).split(".")[-2:])
    if name in known:
        return known[name]
    layer, _, rest = name.partition(".")
    if (old := renamed.load().tables.get(rest)) and layer == "gold":
        raise TraceError(f"the table {name} is called {' and '.join(f'gold.{now}' for now in old.rows_of)} now")
    star = include_dir() / "sql" / "gold" / "star" / f"{rest}.sql"
    if layer == "gold" and star.is_file():
        raise TraceError(f"{name} is put together from the tables of all asset classes: trace the one that has the row")
    if layer in ("silver", "quality", "bronze"):
        raise TraceError(f"{name} is below gold, where a trace begins: ask a table of gold that reads it")
    raise TraceError(f"there is no table {name}{asked(name, known) or '. `anthill trace --help` has examples'}")


def _day(declared: AssetClass, text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise TraceError(f"{text!r} is no day, write YYYY-MM-DD") from None
    calendar = declared.calendar
    if day.year < calendars.FIRST_YEAR or day > dt.datetime.now(dt.UTC).date() + dt.timedelta(366):
        raise TraceError(f"{day} lies outside the days that {declared.asset_class} has, from {declared.start_date} on")
    if calendars.is_market_day(calendar, day):
        return day
    around = calendars.market_days(calendar, day - dt.timedelta(10), day + dt.timedelta(10))
    before = max((each for each in around if each < day), default=None)
    raise TraceError(f"{day} is no market day of {declared.asset_class} ({calendar}); did you mean {before}?")


def _is_day(name: str) -> bool:
    """Whether a column of a key is a day or a moment, and not what the row is about."""
    return name.endswith(("_date", "_on", "_month", "_start")) or name in ("month", "timeframe", "period_end", "since")
