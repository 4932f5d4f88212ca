"""Keeps a run from what policies hold back of a table: what it asks for is a part of it, and other ways are refused."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.errors.exceptions.connect import SparkConnectGrpcException

from local.databricks.secured import PolicyError, Secured

_HISTORY = re.compile(r"\s*DESC(?:RIBE)?\s+HISTORY\b", re.IGNORECASE)
_TRAVEL = {"versionasof", "timestampasof"}
_GLOB = re.compile(r"[*?\[{]")


class FencedError(SparkConnectGrpcException):  # type: ignore[misc] # no types
    """What cannot be enforced, and so is refused; the form of the message is the service's."""


class Fence:
    """Of one run; `tables` are schema.table → location."""

    def __init__(self, catalog: str, tables: Mapping[str, str], secured: Secured | None) -> None:
        self._catalog, self._tables, self._secured = catalog, tables, secured
        # Where the whole tables lie in the run's catalog, under a name that nothing in the run knows.
        self._whole = f"whole_{secrets.token_hex(16)}"

    def shown(self, name: str) -> list[str]:
        """The statements by which a run knows schema.table, where its reader sees a part of it."""
        full, whole = f"{self._catalog}.{name}", f"{self._catalog}.{self._whole}.{name.replace('.', '__')}"
        if self._secured is None:
            return []
        try:
            query = self._secured.select(full, whole)
        except PolicyError as error:  # told to who asks for it, and to nobody who names another
            query = f"SELECT * FROM {whole} WHERE CAST(raise_error('{_quoted(str(error))}') AS BOOLEAN)"
        if query is None:
            return []
        return [
            f"CREATE SCHEMA IF NOT EXISTS {self._catalog}.{self._whole}",
            f"CREATE TABLE IF NOT EXISTS {whole} USING delta LOCATION '{self._tables[name]}'",
            f"CREATE OR REPLACE VIEW {full} AS {query}",
        ]

    def is_around(self, full: str) -> bool:
        """Whether something of a table is held back, or its policies cannot be enforced."""
        if self._secured is None or full.removeprefix(f"{self._catalog}.") not in self._tables:
            return False
        try:
            return self._secured.held_back(full) is not None
        except PolicyError:
            return True

    def changes(self, names: Iterable[str]) -> None:
        """Refuse a change of a table by who sees a part of it: rows that are not seen would be lost or told."""
        for name in filter(self.is_around, names):
            raise FencedError(f"A change of {name}, of which policies hold a part back from you, is not served here.")

    def path(self, path: str) -> None:
        """Refuse files of a table of which a part is held back, by the folder above them, too."""
        asked = f"{_GLOB.split(path.replace('s3a://', 's3://'))[0].rstrip('/')}"
        for name, place in self._tables.items():
            within = f"{asked}/".startswith(f"{place}/") or place.startswith(asked)
            if within and self.is_around(f"{self._catalog}.{name}"):
                on = f"row filters or column masks are on {self._catalog}.{name}"
                raise FencedError(f"Path-based access to {path} is refused: {on}.")

    def statement(self, text: str, names: Iterable[str]) -> None:
        """Refuse a table's history."""
        if _HISTORY.match(text):
            for name in filter(self.is_around, names):
                raise _not_supported(name, "DESCRIBE_HISTORY", "Reading commit history is blocked for tables")

    def read(self, message: Any, full: str) -> None:
        """Refuse an earlier version of a table, asked for by an option of a DataFrame."""
        if _TRAVEL & {option.lower() for option in message.options} and self.is_around(full):
            raise _not_supported(full, "TIME_TRAVEL", "Time travel for table")

    def request(self, request: Any) -> None:
        """Refuse whatever names where the whole tables lie."""
        if self._secured is not None and self._whole.encode() in request.SerializeToString().lower():
            raise FencedError(f"Schema '{self._catalog}.{self._whole}' does not exist.")


def _not_supported(name: str, what: str, why: str) -> FencedError:
    return FencedError(
        f"[ROW_LEVEL_SECURITY_COLUMN_MASK_FEATURE_NOT_SUPPORTED.{what}] Row level security policies and column mask "
        f"policies for {name} are not supported: {why} with row level security and column mask policies. "
        "SQLSTATE: 0A000"
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
