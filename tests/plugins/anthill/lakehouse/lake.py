"""A small lake: bronze objects written as landing writes them, the three steps over them, and its tables as frames."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import polars as pl

from anthill import catalog
from anthill.catalog import AssetClass
from anthill.lakehouse import checks, gold, quality, reconcile, silver, star, statements
from local.databricks import delta_sql

Rows = Sequence[Any]
ASOF = "2026-01-02T03:04:05+00:00"


@contextmanager
def sail() -> Iterator[str]:
    """The address of a Spark Connect server on a free port of the loopback, with a catalog `dev`."""
    from pysail.spark import SparkConnectServer

    os.environ["SAIL_CATALOG__LIST"] = '[{type="memory",name="dev",initial_database=["default"]}]'
    # Sail forgets a session that is idle for two minutes, as one is whose test waits for the processor.
    os.environ["SAIL_SPARK__SESSION_TIMEOUT_SECS"] = "86400"
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        yield f"sc://127.0.0.1:{server.listening_address[1]}"
    finally:
        server.stop()


class Lake:
    """Bronze, silver and gold of one asset class under one folder, in a Spark session of their own."""

    catalog = "dev"

    def __init__(self, remote: str, root: Path, page_rows: int = 7, asset_class: str = "stocks") -> None:
        from pyspark.sql import SparkSession

        self._empty(root, page_rows, asset_class)
        self.spark = SparkSession.builder.remote(remote).create()
        self.spark.client.disable_reattachable_execute()  # as the stand-in does
        for key, value in {"session.timeZone": "UTC", "sources.default": "delta", "caseSensitive": "true"}.items():
            self.spark.conf.set(f"spark.sql.{key}", value)
        schemas = {name: f"{root}/dev/{name}" for name in ("silver", "gold", "quality")}
        for schema, location in schemas.items():
            self.spark.sql(f"CREATE SCHEMA IF NOT EXISTS dev.{schema} LOCATION '{location}'")
        delta_sql.add_to(self.spark, schemas)

    def _empty(self, root: Path, page_rows: int = 7, asset_class: str = "stocks") -> None:
        self.root = root
        self.asset_class = asset_class
        self.page_rows = page_rows
        # Gold tables and datasets of an asset class, where not all.
        self.parts: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self.commits: dict[tuple[str, dt.date, str], dict[str, Any]] = {}

    def copy(self, remote: str, root: Path) -> Lake:
        """The same lake under another folder, in another session, which knows the tables by their logs alone."""
        shutil.copytree(self.root / "dev", root / "dev")
        other = Lake(remote, root, self.page_rows, self.asset_class)
        other.commits, other.parts = dict(self.commits), dict(self.parts)
        for table in root.glob("dev/*/*"):
            other.spark.sql(f"CREATE TABLE dev.{table.parent.name}.{table.name} USING delta LOCATION '{table}'")
        return other

    def close(self) -> None:
        """End the Spark session."""
        self.spark.stop()

    def only(self, *gold_tables: str, datasets: Sequence[str] = ()) -> None:
        """Declare no more of this asset class than these, and all that their SQL reads; and no star schema."""
        whole = catalog.load(self.asset_class)
        tables, read = set(gold_tables), set(datasets)
        for name in reversed(whole.gold):  # a table reads those declared before it
            if name in tables:
                sql = statements.code(statements.path("gold", self.asset_class, name))
                tables |= self._read(sql, "gold")
                read |= self._read(sql, "silver")
        for name in sorted(read):
            read |= self._read(checks.select(whole.datasets[name]), "silver")
        self.parts[self.asset_class] = frozenset(tables), frozenset(read)

    def _read(self, sql: str, layer: str) -> set[str]:
        """The tables of a layer that are named in SQL."""
        beside = set(re.findall(r"\broots_of_(\w+)", sql)) if layer == "gold" else set()
        return beside | set(re.findall(rf"{{(?:any_)?{layer}}}\.{self.asset_class}_(\w+)", sql))

    def declared(self) -> AssetClass:
        """The declaration as far as it is this lake's."""
        whole = catalog.load(self.asset_class)
        if self.asset_class not in self.parts:
            return whole
        tables, read = self.parts[self.asset_class]
        return msgspec.structs.replace(
            whole,
            gold=tuple(name for name in whole.gold if name in tables),
            datasets={name: dataset for name, dataset in whole.datasets.items() if name in read},
            streams={name: stream for name, stream in whole.streams.items() if name in read},
        )

    @contextmanager
    def _declaring(self) -> Iterator[None]:
        """The product finds the declaration of this lake."""
        if self.asset_class not in self.parts:
            yield
        else:
            whole, declared = catalog.load, self.declared()
            load = lambda name: declared if name == self.asset_class else whole(name)  # noqa: E731
            with patch.object(catalog, "load", load), patch.object(star, "publish"):
                yield

    def put(
        self, dataset: str, day: dt.date, rows: Rows, shard: str = "", asof: str = ASOF, **envelope: Any
    ) -> dict[str, Any]:
        """Commit rows as pages of the API, with what each page says once for all its rows."""
        if dataset == "grouped_daily":  # a bar ends in the day, at 21:00 UTC in any case
            end = int(dt.datetime.combine(day, dt.time(21), dt.UTC).timestamp()) * 1000
            rows = [{"t": end, **row} if isinstance(row, dict) else row for row in rows]
        pages = [rows[at : at + self.page_rows] for at in range(0, len(rows), self.page_rows)] or [None]
        bodies = [
            {"status": "OK", "resultsCount": len(page), **envelope} | {"results": page}
            if page
            else {"status": "OK", **envelope}
            for page in pages
        ]
        return self.put_bodies(dataset, day, bodies, len(rows), shard, asof)

    def put_bodies(
        self, dataset: str, day: dt.date, bodies: Rows, rows: int, shard: str = "", asof: str = ASOF
    ) -> dict[str, Any]:
        """Commit whole bodies of the API, which hold so many rows together."""
        data = gzip.compress(b"\n").join(gzip.compress(json.dumps(body).encode()) for body in bodies)
        return self._put(dataset, day, data, "jsonl", shard, {"rows": rows, "pages": len(bodies), "asof": asof})

    def put_flat_file(
        self, dataset: str, day: dt.date, lines: Sequence[str], asof: str = ASOF, shard: str = ""
    ) -> dict[str, Any]:
        """Commit a flat file: its header and its rows."""
        data = gzip.compress("".join(f"{line}\n" for line in lines).encode())
        return self._put(dataset, day, data, "csv", shard, {"rows": len(lines) - 1, "pages": 1, "asof": asof})

    def _put(
        self, dataset: str, day: dt.date, data: bytes, form: str, shard: str, facts: dict[str, Any]
    ) -> dict[str, Any]:
        """Commit the next revision of a dataset and day; the newest is what the next silver run is given."""
        revision = self.commits.get((dataset, day, shard), {"revision": 0})["revision"] + 1
        name = f"r{revision:06d}.{form}.gz"
        key = "/".join(filter(None, [f"polygon/{self.asset_class}/{dataset}/date={day}", shard, name]))
        file = self.root / "bronze" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        commit = {
            "dataset": dataset,
            "market_date": str(day),
            "shard": shard,
            "key": key,
            "uri": f"file://{file}",
            "sha256": hashlib.sha256(data).hexdigest(),
            "revision": revision,
            **facts,
        }
        self.commits[dataset, day, shard] = commit
        return commit

    def put_day(self, day: dt.date, bars: Rows, splits: Rows = (), dividends: Rows = ()) -> None:
        """Commit all datasets of a market day; the reference data lists the tickers that have bars."""
        listed = dict.fromkeys(bar["T"] for bar in bars if isinstance(bar, dict) and isinstance(bar["T"], str))
        tickers = [{"ticker": ticker, "active": True, "type": "CS"} for ticker in listed]
        self.put("grouped_daily", day, list(bars))
        self.put("tickers", day, tickers, shard="active")
        self.put("tickers", day, [{"ticker": "GONE", "active": False}], shard="delisted")
        self.put("splits", day, list(splits))
        self.put("dividends", day, list(dividends))

    def silver(self, first: dt.date, last: dt.date | None = None, commits: Rows | None = None) -> dict[str, Any]:
        """Run silver over the newest commits of these days, or over those given."""
        last = last or first
        asked = [c for (_, day, _), c in self.commits.items() if first <= day <= last] if commits is None else commits
        manifest = self.root / "manifest.json"
        manifest.write_text(json.dumps(asked))
        with self._declaring():
            return silver.run(self.spark, manifest=f"file://{manifest}", **self._days(first, last))

    def note_loads(self, rows: Sequence[dict[str, Any]]) -> None:
        """Say in the loads table what silver is to hold, whether or not it does."""
        schema = self.spark.table("dev.quality.loads").schema
        plain = {"revisions": "{}", "sha256": "", "logic": "", "changed_rows": 0, "loaded_at": dt.datetime.now(dt.UTC)}
        plain |= {"replaces": None, "doubled": None, "withdrawn": 0}
        values = [tuple((plain | row)[name] for name in schema.names) for row in rows]
        self.spark.createDataFrame(values, schema).createOrReplaceTempView("noted")
        self.spark.sql("INSERT INTO dev.quality.loads SELECT * FROM noted")

    def quality(self, first: dt.date, last: dt.date | None = None, datasets: str | None = None) -> dict[str, Any]:
        """Run quality over these days; required are the datasets with a past that were put, unless others are named."""
        if datasets is None:
            historical = self.declared().historical
            datasets = ",".join({name for name, _, _ in self.commits if name in historical})
        with self._declaring():
            return quality.run(self.spark, datasets=datasets, **self._days(first, last or first))

    def reconcile(self, first: dt.date, last: dt.date | None = None) -> dict[str, Any]:
        """Compare these days with the source's other account of them."""
        with self._declaring():
            return reconcile.run(self.spark, **self._days(first, last or first))

    def gold(self, first: dt.date, last: dt.date | None = None) -> dict[str, Any]:
        """Run gold over these days."""
        with self._declaring():
            return gold.run(self.spark, **self._days(first, last or first))

    def run(self, first: dt.date, last: dt.date | None = None) -> None:
        """All three steps."""
        self.silver(first, last)
        self.quality(first, last)
        self.gold(first, last)

    def _days(self, first: dt.date, last: dt.date) -> dict[str, str]:
        days = {"market_date_from": str(first), "market_date_to": str(last)}
        return {"catalog": self.catalog, "asset_class": self.asset_class, **days}

    def table(self, name: str) -> pl.DataFrame:
        """A table's rows, such as silver.stocks_splits."""
        frame = pl.from_arrow(self.spark.table(f"{self.catalog}.{name}").toArrow())
        assert isinstance(frame, pl.DataFrame)
        return frame


def bar(ticker: str, close: float, volume: float = 1000.0, **other: Any) -> dict[str, Any]:
    """A grouped bar around a close, as the API writes it; `put` gives it the time of its day unless it has one."""
    prices = {"o": close * 0.99, "h": close * 1.02, "l": close * 0.98, "c": close}
    return {"T": ticker, **prices, "v": volume, "vw": close, "n": 10, **other}
