"""What bronze and silver must be behind the nights of the sources: byte by byte and row by row what the sources say."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from anthill import catalog
from local import lake
from tests.chaos.sources import Sources

_SPELLED = "SET datestyle = ISO; SET timezone = UTC; SET extra_float_digits = 1"  # as decision 62 has it


class Said:
    """Compares a world with its sources, both at rest; `wrong` is what differs."""

    def __init__(self, sources: Sources) -> None:
        self.sources, self.world = sources, sources.world
        self.wrong: list[str] = []
        self.objects = 0
        self._s3 = self.world.stack.s3()

    def all(self) -> list[str]:
        """What is wrong, in bronze and in silver, of both."""
        self._database()
        for label in self.sources.labels:
            self._edition(label)
        uploads = self._s3.list_multipart_uploads(Bucket=lake.BRONZE).get("Uploads", [])
        self._must(not uploads, f"{len(uploads)} uploads were left behind")
        return self.wrong

    def _database(self) -> None:
        declared = catalog.load("totesys")
        cuts = list(self._told("postgres/totesys/_cuts/"))
        self._must(len(cuts) > 1, f"bronze has {len(cuts)} cuts")
        for cut in cuts:
            for name, table in cut["tables"].items():
                self._body(table["commit"], f"{name} of the cut {cut['label']}")
        newest = cuts[-1]["tables"]
        self._must(set(newest) == set(declared.datasets), f"the newest cut has {sorted(newest)}")
        with self.sources.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(_SPELLED)
            for name, table in newest.items():
                key = declared.datasets[name].key
                columns = ", ".join(f'"{column}"' for column in table["columns"])
                query = f'SELECT {columns} FROM "{name}" ORDER BY {", ".join(key)}'
                copied = io.BytesIO()
                cursor.copy_expert(f"COPY ({query}) TO STDOUT", copied)
                same = self._body(table["commit"], name) == copied.getvalue()
                self._must(same, f"bronze: {name} of the newest cut is not what PostgreSQL copies")
                cursor.execute(query)
                self._same(name, table["columns"], cursor.fetchall())

    def _same(self, name: str, columns: list[str], there: list[tuple[Any, ...]]) -> None:
        """The rows of silver that hold now are those of the database."""
        frame = self._silver(f"totesys_{name}").filter(pl.col("seen_until").is_null())
        held, given = (sorted((tuple(map(_plain, row)) for row in rows), key=repr) for rows in
                       (frame.select(columns).rows(), there))  # fmt: skip
        odd = [row for row in given if row not in held][:1] + [row for row in held if row not in given][:1]
        self._must(held == given, f"silver: {name} has {len(held)} rows, the database {len(given)}; such as {odd}")

    def _edition(self, label: str) -> None:
        declared, year = catalog.load("enem"), int(label[:4])
        editions = list(self._told(f"files/enem/_editions/{label}/"))
        self._must(bool(editions), f"bronze has no edition of {label}")
        if not editions:
            return
        for edition in editions:
            for name, table in edition["tables"].items():
                self._body(table["commit"], f"{name} of {label}, revision {edition['revision']}")
        with zipfile.ZipFile(self.sources.zip(year)) as published:
            for name, table in editions[-1]["tables"].items():
                content = published.read(table["member"])
                same = self._body(table["commit"], name) == content
                self._must(same, f"bronze: {name} of {label} is not the member {table['member']}")
                frame = self._silver(f"enem_{name}").filter(pl.col("market_date") == dt.date.fromisoformat(label))
                dataset = declared.datasets[name]
                if table["member"].endswith(".csv"):
                    rows = list(csv.reader(io.StringIO(content.decode(dataset.encoding)), delimiter=dataset.delimiter))  # type: ignore[attr-defined]
                    (first, column), given = next(iter(dataset.fields.items())), rows[1:]
                    at = rows[0].index(first)
                    keys = sorted(str(row[at]) for row in given)
                    held = sorted(map(str, frame[column]))
                    self._must(held == keys, f"silver: {name} of {label} has {len(held)} rows, the file {len(keys)}")
                else:
                    self._must(
                        len(frame) == table["commit"]["rows"], f"silver: {name} of {label} has {len(frame)} rows"
                    )

    def _told(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The objects that name commits, in order."""
        for key in sorted(key for key in self.world.objects() if key.startswith(prefix)):
            yield json.loads(self._s3.get_object(Bucket=lake.BRONZE, Key=key)["Body"].read())

    def _body(self, commit: dict[str, Any], what: str) -> bytes:
        """The content of an object, which must be the one that was committed."""
        body = self._s3.get_object(Bucket=commit["bucket"], Key=commit["key"])["Body"].read()
        self.objects += 1
        self._must(hashlib.sha256(body).hexdigest() == commit["sha256"], f"{what}: other bytes than committed")
        return gzip.decompress(body)

    def _silver(self, table: str) -> pl.DataFrame:
        return pl.read_delta(f"{lake.SCHEMAS['silver']}/{table}", storage_options=self.world.storage)

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def _plain(value: Any) -> Any:
    """A value as both tell it: silver's moments have a zone, its numbers digits by type, and some texts are dates."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return str(value)
    return value.normalize() if isinstance(value, Decimal) else value
