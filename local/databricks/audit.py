"""Who changed what in Unity Catalog, kept as rows of the shape of system.access.audit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from local.databricks.errors import ApiError
from local.databricks.store import Document, Store
from local.databricks.web import Handler, Parameters, caller

ACCOUNT = str(uuid.UUID(int=0))
WORKSPACE = "local"


class Audit:
    """The rows, in the order in which they happened."""

    def __init__(self, store: Store, folder: Path, readers: Collection[str]) -> None:
        self._store, self._folder, self._readers = store, folder, readers

    def kept(self, action: str, handler: Handler) -> Handler:
        """The same handler, of which a row is kept: of what was refused, too."""

        async def answer(given: Parameters) -> Document:
            asked = dict(given)
            try:
                answered = await handler(given)
            except ApiError as error:
                self._keep(action, asked, error.status, error.message)
                raise
            self._keep(action, asked, 200, None)
            return answered

        return answer

    def _keep(self, action: str, asked: Parameters, status: int, wrong: str | None) -> None:
        now = datetime.now(UTC)
        row: Document = {
            "version": "2.0",
            "event_time": now.isoformat(timespec="milliseconds"),
            "event_date": f"{now:%Y-%m-%d}",
            "workspace_id": WORKSPACE,
            "user_identity": {"email": caller().name, "subject_name": None},
            "service_name": "unityCatalog",
            "action_name": action,
            "request_id": str(uuid.uuid4()),
            "request_params": {name: _text(value) for name, value in asked.items() if name != "version"},
            "response": {"status_code": status, "error_message": wrong, "result": None},
            "audit_level": "ACCOUNT_LEVEL",
            "account_id": ACCOUNT,
            "event_id": str(uuid.uuid4()),
        }
        self._store.put("audit", f"{self._store.next_id():012}", row)

    def place(self, reader: str, statement: str) -> str | None:
        """A folder of all rows, for a statement that asks for them, of who may; None for others."""
        if "audit" not in statement.lower() or reader not in self._readers:
            return None
        folder = self._folder / str(uuid.uuid4())
        folder.mkdir(parents=True)
        text = "".join(f"{json.dumps(row)}\n" for row in self._store.all("audit"))
        (folder / "rows.json").write_text(text, encoding="utf-8")
        return str(folder)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
