"""The Delta Sharing protocol for recipients: lists, metadata and files of what was shared with whose token it is.

github.com/delta-io/delta-sharing, PROTOCOL.md; the format is `parquet`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from local.databricks.errors import ApiError, missing
from local.databricks.lakehouse import Lakehouse
from local.databricks.links import Links, refused
from local.databricks.recipients_api import whose
from local.databricks.shared_tables import SharedTable
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, page, parameters

_NOT_SERVED = ("version", "timestamp", "startingVersion", "endingVersion")
Answer = Callable[[str, Parameters], Awaitable[Response]]


class Sharing:
    """Handlers of /delta-sharing, and of the links to files."""

    def __init__(self, store: Store, lakehouse: Lakehouse, links: Links) -> None:
        self._store, self._lakehouse, self._links = store, lakehouse, links

    def routes(self) -> list[Route]:
        """Every route."""
        of_schema = "/shares/{share}/schemas/{schema}"
        of_table = f"{of_schema}/tables/{{table}}"
        return [
            self._route("GET", "/shares", self.shares),
            self._route("GET", "/shares/{share}", self.share),
            self._route("GET", "/shares/{share}/schemas", self.schemas),
            self._route("GET", "/shares/{share}/all-tables", self.tables),
            self._route("GET", f"{of_schema}/tables", self.tables),
            self._route("GET", f"{of_table}/version", self.version),
            self._route("GET", f"{of_table}/metadata", self.metadata),
            self._route("POST", f"{of_table}/query", self.query),
            Route("/shared-files", self.file),
        ]

    def _route(self, method: str, path: str, answer: Answer) -> Route:
        async def known(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not token or (recipient := whose(self._store, token)) is None:
                return JSONResponse(
                    {"errorCode": "UNAUTHENTICATED", "message": "The token is unknown, or expired."}, 401
                )
            try:
                return await answer(recipient, await parameters(request))
            except ApiError as error:
                return JSONResponse({"errorCode": error.code, "message": error.message}, error.status)

        return Route(f"/delta-sharing{path}", known, methods=[method])

    async def shares(self, recipient: str, given: Parameters) -> Response:
        """The shares that the recipient may read."""
        names = [share["name"] for share in self._store.all("shares") if recipient in share["permissions"]]
        return _listed([{"name": name} for name in names], given)

    async def share(self, recipient: str, given: Parameters) -> Response:
        """One of them."""
        return JSONResponse({"share": {"name": self._shared(recipient, given)["name"]}})

    async def schemas(self, recipient: str, given: Parameters) -> Response:
        """The schemas of a share."""
        share = self._shared(recipient, given)
        names = sorted({each["shared_as"].partition(".")[0] for each in share["objects"]})
        return _listed([{"name": name, "share": share["name"]} for name in names], given)

    async def tables(self, recipient: str, given: Parameters) -> Response:
        """The tables of a share, or of a schema of it."""
        share = self._shared(recipient, given)
        found = [each["shared_as"].partition(".") for each in share["objects"]]
        told = [
            {"name": name, "schema": schema, "share": share["name"]}
            for schema, _, name in sorted(found)
            if given.get("schema") in {None, schema}
        ]
        return _listed(told, given)

    async def version(self, recipient: str, given: Parameters) -> Response:
        """A table's version, in a header."""
        table = await self._table(recipient, given)
        return Response(headers={"delta-table-version": str(table.version)})

    async def metadata(self, recipient: str, given: Parameters) -> Response:
        """A table's schema."""
        table = await self._table(recipient, given)
        return _lines(table, [*table.metadata()])

    async def query(self, recipient: str, given: Parameters) -> Response:
        """A table's files; hints are not followed, which the protocol leaves open."""
        if asked := [name for name in _NOT_SERVED if given.get(name) is not None]:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"{asked[0]}: the history of a table is not shared.")
        table = await self._table(recipient, given)
        return _lines(table, [*table.metadata(), *table.files(self._links)])

    async def file(self, request: Request) -> Response:
        """The bytes of a file, to who has the link."""
        if wrong := self._links.refusal(request):
            return wrong
        place = request.query_params["file"]
        try:
            if not place.startswith("s3://"):
                return FileResponse(place)
            url = urlsplit(place)
            return Response(await asyncio.to_thread(self._lakehouse.read, url.netloc, url.path.lstrip("/")))
        except FileNotFoundError:
            return refused(404, "The specified key does not exist.")

    def _shared(self, recipient: str, given: Parameters) -> Document:
        share = self._store.get("shares", given["share"])
        if share is None or recipient not in share["permissions"]:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"Share '{given['share']}' not found.")
        return share

    async def _table(self, recipient: str, given: Parameters) -> SharedTable:
        asked = f"{given['schema']}.{given['table']}"
        found = [each for each in self._shared(recipient, given)["objects"] if each["shared_as"] == asked]
        tables = await asyncio.to_thread(self._lakehouse.tables)
        name = found[0]["name"].partition(".")[2] if found else ""
        if name not in tables:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"Table '{given['share']}.{asked}' not found.")
        return await asyncio.to_thread(SharedTable, self._lakehouse, tables[name], found[0])


def _listed(items: list[Any], given: Parameters) -> Response:
    asked = {"maxResults": given.get("maxResults"), "page_token": given.get("pageToken", 0)}
    shown, more = page(items, {k: v for k, v in asked.items() if v is not None}, "maxResults", 500, 500)
    return JSONResponse({"items": shown, **({"nextPageToken": more["next_page_token"]} if more else {})})


def _lines(table: SharedTable, lines: list[Document]) -> Response:
    headers = {"delta-table-version": str(table.version), "delta-sharing-capabilities": "responseformat=parquet"}
    body = "".join(f"{json.dumps(line)}\n" for line in lines)
    return Response(body, media_type="application/x-ndjson; charset=utf-8", headers=headers)
