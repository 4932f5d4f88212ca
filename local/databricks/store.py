"""What survives a restart and a kill -9: one SQLite file in the state folder, JSON documents by kind and id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, run_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ids (last INTEGER PRIMARY KEY AUTOINCREMENT);
"""


class Store:
    """Documents of a kind (runs, outputs, jobs, statements, grants) by id; each write is a transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "databricks.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def next_id(self) -> int:
        """An id that was never given before."""
        row = self._db.execute("INSERT INTO ids DEFAULT VALUES RETURNING last").fetchone()
        self._db.execute("DELETE FROM ids WHERE last < ?", row)
        return 1000 + int(row[0])

    def put(self, kind: str, key: str | int, body: Document) -> None:
        """Write a document over the one that is there."""
        self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, str(key), json.dumps(body)))

    def get(self, kind: str, key: str | int) -> Document | None:
        """One document, or None."""
        row = self._db.execute("SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, str(key))).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str, under: str = "") -> Iterator[Document]:
        """Every document of a kind, by id; only those whose ids begin so, where that is given."""
        of = "SELECT body FROM documents WHERE kind = ? AND id >= ? AND id < ? ORDER BY id"
        for (body,) in self._db.execute(of, (kind, under, f"{under}\U0010ffff")):
            yield json.loads(body)

    def delete(self, kind: str, key: str | int) -> None:
        """Remove a document if it is there."""
        self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, str(key)))

    def run_of(self, token: str) -> int | None:
        """The run that an idempotency token already started."""
        row = self._db.execute("SELECT run_id FROM tokens WHERE token = ?", (token,)).fetchone()
        return int(row[0]) if row else None

    def keep_token(self, token: str, run_id: int) -> None:
        """Tie an idempotency token to its run."""
        self._db.execute("INSERT INTO tokens VALUES (?, ?)", (token, run_id))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
