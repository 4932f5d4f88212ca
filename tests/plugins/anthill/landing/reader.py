"""Somebody who follows a database by its log, and keeps a copy of it by nothing but what bronze has."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from typing import TYPE_CHECKING, Any

from anthill import catalog
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import Patience
from anthill.intervals import ending
from anthill.landing.commit import Committer
from anthill.landing.land_cut import CutLanded, land_cut
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.follower import Follower

if TYPE_CHECKING:
    from local.totesys.server import Server

TOTESYS = catalog.load("totesys")
TABLES = [each for each in TOTESYS.datasets.values() if isinstance(each, PostgresDataset)]
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
QUICK = Patience(tries=3, first=0.01)
SLOT = "anthill_totesys"


class Reader:
    """Follows the database, and keeps a copy of it by nothing but what bronze has."""

    def __init__(self, server: Server, s3: Any, bucket: str) -> None:
        self.server, self.s3, self.bucket = server, s3, bucket
        self.cuts = Cuts(s3, bucket, TOTESYS, QUICK)
        self.number = 0
        self.copy: dict[str, dict[str, dict[str, str]]] = {}

    def source(self, **options: Any) -> Follower:
        """The tables, followed."""

        def connect(**more: Any) -> Any:
            return self.server.connect(**{**options, **more})

        return Follower(connect, TABLES, "totesys_default", "postgres://t")

    def look(self, number: int | None = None, **options: Any) -> CutLanded:
        """The next look, or a numbered one."""
        self.number = self.number + 1 if number is None else number
        interval = ending("PT3M", NOON + self.number * dt.timedelta(minutes=3))
        committer = Committer(self.s3, self.bucket, f"run{self.number}", QUICK)
        source = self.source(**options)
        return land_cut(source, lambda _: committer, self.cuts, TOTESYS.datasets, interval, f"run{self.number}")

    def lines(self, table: Table) -> list[list[str]]:
        """The fields of each line of a table's commit."""
        body = self.s3.get_object(Bucket=self.bucket, Key=table.commit.key)["Body"].read()
        return [line.split("\t") for line in gzip.decompress(body).decode().split("\n")[:-1]]

    def take(self, cut: Cut) -> None:
        """Bring the copy up to a cut; a commit that it has had is taken again, as a load may."""
        for name, table in cut.tables.items():
            if table.commit.key.endswith(".copy.gz"):
                self.copy[name] = {}
            rows, key = self.copy[name], TOTESYS.datasets[name].key[0]
            for line in self.lines(table):
                row = dict(zip(table.columns, line, strict=True))
                match row.pop("_change", "i"):
                    case "t":
                        rows.clear()
                    case "d":
                        rows.pop(row[key], None)
                    case _:
                        row.pop("_number", None)
                        held = rows.get(row[key], {})
                        rows[row[key]] = {at: held[at] if value == "\\U" else value for at, value in row.items()}

    def differences(self) -> dict[str, int]:
        """How many rows of each table are in the copy or in the database alone, by PostgreSQL's reading of both."""
        found = {}
        with self.server.connect() as connection, connection.cursor() as cursor:
            for name, rows in self.copy.items():
                columns = ", ".join(next(iter(rows.values()), {name + "_id": ""}))
                text = "".join("\t".join(row.values()) + "\n" for row in rows.values())
                cursor.execute(f"CREATE TEMP TABLE told (LIKE {name}) ON COMMIT DROP")
                cursor.copy_expert(f"COPY told ({columns}) FROM STDIN", io.BytesIO(text.encode()))
                one, other = f"SELECT {columns} FROM told", f"SELECT {columns} FROM {name}"
                cursor.execute(
                    f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one}))"
                )
                found[name] = cursor.fetchone()[0]
                cursor.execute("DROP TABLE told")
        return {name: number for name, number in found.items() if number}

    def keys(self) -> list[str]:
        """All objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def slot(self, column: str = "confirmed_flush_lsn") -> Any:
        """What the server says of the slot; None where it has none."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM pg_replication_slots WHERE slot_name = '{SLOT}'")
            row = cursor.fetchone()
        return row and row[0]

    def forms(self, cut: Cut) -> set[str]:
        """What the tables that this very cut has committed are written in."""
        return {each.commit.key.split(".")[-2] for each in cut.tables.values() if cut.label in each.commit.key}
