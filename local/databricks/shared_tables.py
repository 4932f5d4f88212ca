"""A Delta table as the Delta Sharing protocol tells it: its metadata, and its files with links to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from local.databricks.errors import invalid
from local.databricks.lakehouse import Lakehouse
from local.databricks.links import Links
from local.databricks.store import Document

_PLAIN = 1  # what a reader of Parquet files must understand of Delta


class SharedTable:
    """One table of a share, at its newest version."""

    def __init__(self, lakehouse: Lakehouse, location: str, shared: Document) -> None:
        from deltalake import DeltaTable

        self._location, self._partitions = location, shared["partitions"]
        self._delta = DeltaTable(location, storage_options=lakehouse.options)
        if self._delta.protocol().min_reader_version > _PLAIN:
            raise invalid(f"Table '{shared['shared_as']}' is read by its features alone, which is not served here.")

    @property
    def version(self) -> int:
        """How many changes it has seen."""
        return int(self._delta.version())

    def metadata(self) -> Iterator[Document]:
        """The lines before the files."""
        told = self._delta.metadata()
        yield {"protocol": {"minReaderVersion": 1}}
        yield {
            "metaData": {
                "id": str(told.id),
                "name": told.name,
                "description": told.description,
                "format": {"provider": "parquet"},
                "schemaString": self._delta.schema().to_json(),
                "partitionColumns": list(told.partition_columns),
                "configuration": {},
            }
        }

    def files(self, links: Links) -> Iterator[Document]:
        """A line a file of the partitions that are shared."""
        import pyarrow as pa

        for action in pa.table(self._delta.get_add_actions()).to_pylist():
            values = {name: _text(value) for name, value in (action.get("partition") or {}).items()}
            if not self._is_shared(values):
                continue
            path = unquote(action["path"])
            link, until = links.to("/shared-files", file=f"{self._location}/{path}")
            stats = {"numRecords": action["num_records"]} if action.get("num_records") is not None else {}
            yield {
                "file": {
                    "url": link,
                    "id": path,
                    "partitionValues": values,
                    "size": action["size_bytes"],
                    "stats": json.dumps(stats),
                    "expirationTimestamp": until * 1000,
                }
            }

    def _is_shared(self, values: dict[str, str]) -> bool:
        return not self._partitions or any(
            all(_holds(values.get(each["name"], ""), each) for each in partition["values"])
            for partition in self._partitions
        )


def _holds(value: str, asked: Document) -> bool:
    if asked["op"] == "EQUAL":
        return bool(value == asked["value"])
    return fnmatchcase(value, asked["value"].replace("%", "*").replace("_", "?"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
