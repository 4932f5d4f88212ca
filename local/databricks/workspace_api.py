"""What clients ask of the workspace itself: who am I, and what lies at a path."""

from __future__ import annotations

import zlib
from pathlib import Path

from starlette.routing import Route

from local.databricks.errors import invalid, missing
from local.databricks.notebook import HEADER, NotebookError, find
from local.databricks.store import Document
from local.databricks.web import Parameters, caller, route


class WorkspaceApi:
    """Handlers of /api/2.0/preview/scim and /api/2.0/workspace."""

    def __init__(self, bundle: Path | None) -> None:
        self._bundle = bundle

    def routes(self) -> list[Route]:
        """Every route."""
        return [
            route("GET", "preview/scim/v2/Me", self.me),
            route("GET", "workspace/get-status", self.status),
        ]

    async def me(self, _: Parameters) -> Document:
        """Who calls."""
        who = caller()
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": str(zlib.crc32(who.name.encode())),
            "userName": who.name,
            "displayName": who.role,
            "active": True,
            "groups": [{"display": group, "type": "direct"} for group in who.groups],
        }

    async def status(self, given: Parameters) -> Document:
        """The notebook or folder at a path; nothing else of this machine is told."""
        asked = str(given.get("path") or "")
        if not asked:
            raise invalid("Missing required field: path")
        kind = self._kind(asked)
        if kind is None:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"Path ({asked}) doesn't exist.")
        told = {"object_type": kind, "path": asked, "object_id": zlib.crc32(asked.encode())}
        return {**told, "language": "PYTHON"} if kind == "NOTEBOOK" else told

    def _kind(self, asked: str) -> str | None:
        path = Path(asked)
        if self._bundle is not None and path.is_dir() and path.is_relative_to(self._bundle):
            return "DIRECTORY"
        try:
            with find(asked).open(encoding="utf-8") as file:
                return "NOTEBOOK" if file.readline().strip() == HEADER else None
        except (NotebookError, UnicodeDecodeError):
            return None
