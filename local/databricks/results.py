"""Results of statements: their chunks on the disk, sent inline or by links that open without the token, for a while."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from local.databricks import chunks
from local.databricks.links import Links, refused
from local.databricks.store import Document

KEPT = 3600  # seconds for which the service keeps a result
_FORMATS = {"INLINE": ("JSON_ARRAY",), "EXTERNAL_LINKS": ("JSON_ARRAY", "ARROW_STREAM")}


def refusal(given: Document) -> str:
    """What is wrong with the disposition and format that are asked for, "" where nothing is."""
    disposition, form = asked(given)
    if disposition not in _FORMATS:
        return f"disposition must be one of {', '.join(_FORMATS)}, not {disposition!r}."
    if form not in _FORMATS[disposition]:
        return f"The format {form} is not supported with disposition {disposition}: {', '.join(_FORMATS[disposition])}."
    if "byte_limit" in given:
        return "byte_limit is not served here."
    return ""


def asked(given: Document) -> tuple[str, str]:
    """Disposition and format of a request."""
    return str(given.get("disposition") or "INLINE"), str(given.get("format") or "JSON_ARRAY")


class Results:
    """The chunks of every statement, below a folder."""

    def __init__(self, folder: Path, links: Links, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._links, self._clock = folder, links, clock

    def folder(self, statement_id: str) -> Path:
        """Where a statement's chunks lie."""
        return self._folder / statement_id

    def routes(self) -> list[Route]:
        """Where the links lead: outside of /api, as the service's lead to its storage."""
        return [Route("/results/{statement_id}/{index:int}", self._download)]

    def forget_old(self) -> list[str]:
        """Remove the results that the service would not keep any longer; their statements."""
        there = self._folder.iterdir() if self._folder.is_dir() else ()
        old = [folder for folder in there if folder.stat().st_mtime < self._clock() - KEPT]
        for folder in old:
            shutil.rmtree(folder, ignore_errors=True)
        return [folder.name for folder in old]

    def manifest(self, given: Document, columns: list[Document], written: list[Document], truncated: bool) -> Document:
        """What the service tells of a whole result."""
        told, offset = [], 0
        for index, chunk in enumerate(written):
            told.append({"chunk_index": index, "row_offset": offset, **chunk})
            offset += chunk["row_count"]
        return {
            "format": asked(given)[1],
            "schema": {"column_count": len(columns), "columns": columns},
            "total_chunk_count": len(told),
            "total_row_count": offset,
            "total_byte_count": sum(chunk["byte_count"] for chunk in written),
            "truncated": truncated,
            **({"chunks": told} if told else {}),
        }

    def chunk(self, statement: Document, index: int) -> Document | None:
        """One chunk, or the link to it; None where there is none."""
        told = statement["manifest"].get("chunks", [])
        if not 0 <= index < len(told):
            return None
        here = dict(told[index])
        if index + 1 < len(told):
            path = f"/api/2.0/sql/statements/{statement['statement_id']}/result/chunks/{index + 1}"
            here |= {"next_chunk_index": index + 1, "next_chunk_internal_link": path}
        if asked(statement["request"])[0] == "INLINE":
            file = chunks.file(self.folder(statement["statement_id"]), index)
            return {**here, "data_array": json.loads(file.read_bytes())}
        link, until = self._links.to(f"/results/{statement['statement_id']}/{index}")
        expiration = dt.datetime.fromtimestamp(until, dt.UTC).isoformat().replace("+00:00", "Z")
        return {"external_links": [{**here, "external_link": link, "expiration": expiration}]}

    async def _download(self, request: Request) -> Response:
        """The bytes of a chunk."""
        if wrong := self._links.refusal(request):
            return wrong
        file = chunks.file(self.folder(request.path_params["statement_id"]), request.path_params["index"])
        return FileResponse(file) if file.is_file() else refused(404, "The specified key does not exist.")
