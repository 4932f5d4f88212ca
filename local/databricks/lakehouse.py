"""Where the Delta tables lie: schemas are locations on S3 (or folders), a table is a folder with a `_delta_log`."""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SQL_NAMES = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
_API_NAMES = {"integer": "int"}
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_NAME = re.compile(r"\w+", re.ASCII)  # of a table: a folder of another name is none


class LakehouseError(Exception):
    """A schema's location cannot be read; names both, and S3's own words."""


class Lakehouse:
    """The catalog's schemas, the tables that exist under them, and external locations, by name."""

    def __init__(
        self, catalog: str, schemas: dict[str, str], s3_endpoint: str | None, locations: dict[str, str]
    ) -> None:
        self.catalog, self.locations = catalog, locations
        self.schemas = {name: location.rstrip("/") for name, location in schemas.items()}
        self._root = next(iter(self.schemas.values()), "").rpartition("/")[0]  # where schemas without a place go
        self._endpoint = s3_endpoint
        self._known: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        """What Sail, delta-rs and boto3 need to find S3."""
        found = {"AWS_REGION": os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))}
        found["AWS_DEFAULT_REGION"] = found["AWS_REGION"]
        if self._endpoint:
            found |= {"AWS_ENDPOINT": self._endpoint, "AWS_ENDPOINT_URL": self._endpoint, "AWS_ALLOW_HTTP": "true"}
            # Sail reads an object as slowly as it counts the rows, and what is cut off in its last bytes after the 30 s
            # that are its default it asks for from behind the end: 416 Range Not Satisfiable.
            found["AWS_TIMEOUT"] = "10 minutes"
        return found

    @property
    def options(self) -> dict[str, str]:
        """The same for delta-rs, with the keys to it."""
        return {key: value for key, value in os.environ.items() if key.startswith("AWS_")} | self.environment

    @cached_property
    def _s3(self) -> Any:
        import boto3

        return boto3.client("s3", endpoint_url=self._endpoint, region_name=self.environment["AWS_REGION"])

    def create(self, schema: str) -> str:
        """Make a schema beside the catalog's first one; its location."""
        self.schemas[schema] = f"{self._root}/{schema}"
        return self.schemas[schema]

    def drop(self, schema: str) -> None:
        """Forget a schema, and remove what lies at its location."""
        self._remove(self.schemas.pop(schema))

    def drop_table(self, table: str) -> None:
        """Remove what lies at a table's location."""
        schema, _, name = table.partition(".")
        self._remove(f"{self.schemas[schema]}/{name}")

    def _remove(self, location: str) -> None:
        self._known = {table for table in self._known if not f"{table}/".startswith(f"{location}/")}
        if not location.startswith("s3://"):
            shutil.rmtree(location, ignore_errors=True)
            return
        url = urlsplit(location)
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=url.netloc, Prefix=f"{url.path.lstrip('/')}/")
        for page in pages:
            for entry in page.get("Contents", []):
                self._s3.delete_object(Bucket=url.netloc, Key=entry["Key"])

    def has(self, table: str) -> bool:
        """Whether a table exists at this moment, as schema.table."""
        schema, _, name = table.partition(".")
        location = self.schemas.get(schema)
        return location is not None and _NAME.fullmatch(name) is not None and self._is_delta(f"{location}/{name}")

    def tables(self) -> dict[str, str]:
        """Every table that exists at this moment: `schema.table` → its location."""
        found: dict[str, str] = {}
        for schema, location in list(self.schemas.items()):
            try:
                found |= {f"{schema}.{name}": f"{location}/{name}" for name in self._tables_in(location)}
            except Exception as error:
                at = f" ({self._endpoint})" if self._endpoint else ""
                message = f"Schema {schema}: its location {location}{at} cannot be listed: {error}"
                raise LakehouseError(message) from error
        return found

    def _tables_in(self, location: str) -> list[str]:
        """The Delta tables of a location; each is looked into once, since a dropped one is no folder any more."""
        names = [
            name
            for name in self._folders(location)
            if _NAME.fullmatch(name) and (f"{location}/{name}" in self._known or self._is_delta(f"{location}/{name}"))
        ]
        self._known |= {f"{location}/{name}" for name in names}
        return names

    def _folders(self, location: str) -> list[str]:
        if not location.startswith("s3://"):
            return sorted(p.name for p in Path(location).iterdir() if p.is_dir()) if Path(location).is_dir() else []
        url = urlsplit(location)
        prefix = url.path.lstrip("/") + "/"
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=url.netloc, Prefix=prefix, Delimiter="/")
        return [item["Prefix"][len(prefix) : -1] for page in pages for item in page.get("CommonPrefixes", [])]

    def _is_delta(self, location: str) -> bool:
        if not location.startswith("s3://"):
            return any(Path(location, "_delta_log").glob("*.json"))
        url = urlsplit(location)
        prefix = f"{url.path.lstrip('/')}/_delta_log/"
        return bool(self._s3.list_objects_v2(Bucket=url.netloc, Prefix=prefix, MaxKeys=1).get("KeyCount"))

    def partitions(self, location: str) -> list[str]:
        """The columns that a table is parted by."""
        from deltalake import DeltaTable

        return list(DeltaTable(location, storage_options=self.options).metadata().partition_columns)

    def read(self, bucket: str, key: str) -> bytes:
        """A whole object."""
        return bytes(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def describe(self, table: str, location: str) -> dict[str, Any]:
        """A table as Unity Catalog tells it, read from its Delta log; times in epoch milliseconds."""
        from deltalake import DeltaTable

        delta = DeltaTable(location, storage_options=self.options)
        metadata = delta.metadata()
        return {
            **self.named(table, location),
            "comment": metadata.description,
            "properties": dict(metadata.configuration),
            "created_at": metadata.created_time,
            "columns": [_column(i, f) for i, f in enumerate(json.loads(delta.schema().to_json())["fields"])],
        }

    def named(self, table: str, location: str) -> dict[str, Any]:
        """What is known of a table without a look into its log."""
        schema, _, name = table.partition(".")
        return {
            "name": name,
            "catalog_name": self.catalog,
            "schema_name": schema,
            "full_name": f"{self.catalog}.{table}",
            "table_type": "EXTERNAL",
            "data_source_format": "DELTA",
            "storage_location": location if "://" in location else Path(location).as_uri(),
        }


def _column(position: int, field: dict[str, Any]) -> dict[str, Any]:
    kind = field["type"] if isinstance(field["type"], str) else field["type"]["type"]
    text = _SQL_NAMES.get(kind, kind)
    precision, scale = _DECIMAL.fullmatch(text).groups() if _DECIMAL.fullmatch(text) else (0, 0)
    return {
        "name": field["name"],
        "position": position,
        "type_text": text,
        "type_name": _API_NAMES.get(kind, kind).partition("(")[0].upper(),
        "type_precision": int(precision),
        "type_scale": int(scale),
        "type_json": json.dumps(field),
        "nullable": field["nullable"],
        "comment": field["metadata"].get("comment"),
    }
