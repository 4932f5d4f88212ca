"""What the warehouse holds of a traced row: gold's and silver's rows, what was published, loaded and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anthill.calendars import shift
from anthill.lakehouse import statements
from anthill.lineage.question import Question, TraceError
from anthill.nearest import nearest
from anthill.warehouse.warehouse import Warehouse

SHOWN = 20  # rows of a table
Record = dict[str, Any]
Part = tuple[str, str]  # an asset class and a dataset of it


class Held:
    """Asks a warehouse about one question; any of its methods may fail with QueryError."""

    def __init__(self, warehouse: Warehouse, question: Question) -> None:
        self._warehouse, self._question = warehouse, question
        self.day = question.day
        self._day = f"DATE'{question.day}'"

    def published(self, tables: Iterable[str]) -> dict[str, Record]:
        """What gold notes of the day of each table; of one that is not kept by day, of the latest it stands on."""
        own = f"asset_class = '{self._question.declared.asset_class}'"
        rows = self._warehouse.records(
            "SELECT noted.* FROM quality.published noted JOIN ("
            f"SELECT gold_table, max(CASE WHEN market_date = {self._day} THEN market_date END) AS asked, "
            f"max(market_date) AS latest FROM quality.published WHERE {own} AND gold_table IN ({_texts(tables)}) "
            "GROUP BY gold_table) days "
            "ON noted.gold_table = days.gold_table AND noted.market_date = coalesce(days.asked, days.latest) "
            f"WHERE noted.{own}"
        )
        return {row["gold_table"]: row for row in rows}

    def rows(self) -> tuple[list[Record], int]:
        """The rows of gold that are asked about, the first of them, and how many there are."""
        asked = self._question
        where, values = self._asked
        order = ", ".join(asked.key.names)
        rows = self._warehouse.records(
            f"SELECT * FROM {asked.table} WHERE {where} ORDER BY {order} LIMIT {SHOWN + 1}", **values
        )
        count = len(rows)
        if count > SHOWN:
            count = self._warehouse.records(f"SELECT count(*) AS n FROM {asked.table} WHERE {where}", **values)[0]["n"]
        return rows[:SHOWN], count

    @property
    def _asked(self) -> tuple[str, dict[str, str]]:
        """The predicate of the rows of gold that are asked about, and its values."""
        asked = self._question
        if not asked.subject:
            return asked.on_day, {}
        return f"{asked.on_day} AND {asked.subject} = :ticker", {"ticker": asked.ticker}

    def why_none(self) -> TraceError:
        """Why there is no such row: what the table has on the day, and what may have been meant."""
        asked = self._question
        if not asked.subject:
            return TraceError(f"{asked.table} has no row of {asked.day}")
        found = self._warehouse.records(
            f"SELECT DISTINCT {asked.subject} AS word FROM {asked.table} WHERE {asked.on_day}"
        )
        known = sorted(str(row["word"]) for row in found)
        meant = nearest(asked.ticker, known)
        said = f"; did you mean {meant!r}?" if meant else f"; it has {len(known):,} others"
        return TraceError(f"{asked.table} has no {asked.subject} {asked.ticker!r} on {asked.day}{said}")

    def tickers(self) -> list[str]:
        """What the security that is asked about was ever called; its ticker alone where they are not told apart."""
        asked = self._question
        own = [asked.ticker] if asked.subject == "ticker" else []
        of, where = asked.declared.asset_class, self._asked
        if not own or "security" not in _names("gold", of, asked.name):
            return own
        if not {"security", "ticker"} <= _names("gold", of, "instruments"):
            return own
        found = self._warehouse.records(
            f"SELECT DISTINCT ticker FROM {statements.table('gold', of, 'instruments')} "
            f"WHERE security IN (SELECT security FROM {asked.table} WHERE {where[0]})",
            **where[1],
        )
        return sorted({*own, *(str(each["ticker"]) for each in found)})

    def loads(self) -> dict[Part, Record | None]:
        """The load of the day for every dataset that silver has a table of; None where it holds other days alone."""
        rows = self._warehouse.records(
            "SELECT * FROM (SELECT DISTINCT asset_class, dataset FROM quality.loads) ever LEFT JOIN "
            f"(SELECT * FROM quality.loads WHERE market_date = {self._day} AND replaces IS NULL) of_day "
            "USING (asset_class, dataset)"
        )
        return {(row["asset_class"], row["dataset"]): row if row["market_date"] else None for row in rows}

    def results(self) -> list[Record]:
        """What was expected of the day's datasets, and found."""
        return self._warehouse.records(f"SELECT * FROM quality.results WHERE market_date = {self._day}")

    def counts(self, back: Mapping[Part, int | None], tickers: Sequence[str]) -> dict[Part, Record]:
        """How many rows each dataset has of the day, and of the days that may have been read beside it."""
        if not back:
            return {}
        parts: list[str] = []
        values: dict[str, str] = {}
        for (asset_class, name), days in back.items():
            about, given = self._about(asset_class, name, tickers)
            values |= given
            read = "true" if days is None else f"market_date BETWEEN {self._before(days)} AND {self._day}"
            parts.append(
                f"SELECT '{asset_class}' AS asset_class, '{name}' AS dataset, count(*) AS rows_read, "
                f"count(CASE WHEN market_date = {self._day} THEN 1 END) AS rows_of_day, "
                f"CAST(min(market_date) AS STRING) AS first, CAST(max(market_date) AS STRING) AS last "
                f"FROM {statements.table('silver', asset_class, name)} WHERE {about} AND {read}"
            )
        rows = self._warehouse.records(" UNION ALL ".join(parts), **values)
        return {(row.pop("asset_class"), row.pop("dataset")): row for row in rows}

    def silver(self, part: Part, tickers: Sequence[str]) -> list[Record]:
        """A dataset's rows of the day about some tickers, the first of them."""
        about, values = self._about(*part, tickers)
        table = statements.table("silver", *part)
        return self._warehouse.records(
            f"SELECT * FROM {table} WHERE {about} AND market_date = {self._day} LIMIT {SHOWN}", **values
        )

    def told_apart(self, part: Part, tickers: Sequence[str]) -> list[str]:
        """The tickers by which the rows of a dataset are told apart; none where it has no column of them."""
        return list(tickers) if self._about(*part, tickers)[1] else []

    def _about(self, asset_class: str, name: str, tickers: Sequence[str]) -> tuple[str, dict[str, str]]:
        """The predicate of a dataset's rows about some tickers, and its values; all rows where it cannot tell."""
        columns = _names("silver", asset_class, name)
        own = asset_class == self._question.declared.asset_class
        values = {f"ticker{number}": ticker for number, ticker in enumerate(tickers if own else ())}
        names = [f":{name}" for name in values]
        column = self._question.subject if self._question.subject in columns else "ticker"
        if names and column in columns:
            return f"{column} IN ({', '.join(names)})", values
        if names and "tickers" in columns:
            return "(" + " OR ".join(f"array_contains(tickers, {name})" for name in names) + ")", values
        return "true", {}

    def _before(self, days: int) -> str:
        return f"DATE'{shift(self._question.declared.calendar, self.day, -days)}'"


def moment(text: str) -> dt.datetime:
    """A time of the warehouse's answer."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _names(layer: str, asset_class: str, table: str) -> set[str]:
    return {each.name for each in statements.columns(layer, asset_class, table)}
