"""A Databricks account that holds groups, principals, metastores and workspaces, and answers as the service does.

The paths, forms and errors are those that databricks-sdk 0.156 asks for and reads; it takes no call that writes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SCIM = "urn:ietf:params:scim:api:messages:2.0"


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, document: dict[str, Any]):
        self.status, self.document = status, document
        super().__init__(str(document))


@dataclass
class Account:
    """What the account holds; `admins` and `others` are the tokens that it knows."""

    id: str
    admins: set[str]
    others: set[str] = field(default_factory=set)
    groups: dict[int, str] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)  # display name → application id
    metastores: list[dict[str, str]] = field(default_factory=list)
    workspaces: dict[int, str] = field(default_factory=dict)  # id → status
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, token: str, query: dict[str, str]) -> dict[str, Any]:
        """The document."""
        self.asked.append((method, path))
        if not token:
            raise RefusedError(401, {"error_code": 401, "message": "Credential was not sent."})
        if token not in self.admins | self.others:
            raise RefusedError(403, {"error_code": 403, "message": "Invalid access token."})
        routes: list[tuple[str, Callable[..., dict[str, Any]]]] = [
            (r"metastores", self._metastores),
            (r"workspaces/(\d+)", self._workspace),
            (r"scim/v2/Groups", self._groups),
            (r"scim/v2/Groups/(\d+)", self._group),
            (r"scim/v2/ServicePrincipals", self._principals),
        ]
        for pattern, respond in routes:
            if method == "GET" and (found := re.fullmatch(rf"/api/2\.0/accounts/([\w-]+)/{pattern}", path)):
                if found[1] != self.id:
                    raise RefusedError(404, {"error_code": "NOT_FOUND", "message": f"Account {found[1]} not found."})
                if token not in self.admins:
                    told = "This API is disabled for users without account admin status."
                    raise RefusedError(403, {"error_code": "PERMISSION_DENIED", "message": told})
                return respond(*found.groups()[1:], **({"query": query} if pattern.startswith("scim") else {}))
        raise RefusedError(404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{method} {path}'"})

    def _metastores(self) -> dict[str, Any]:
        return {"metastores": self.metastores} if self.metastores else {}

    def _workspace(self, number: str) -> dict[str, Any]:
        if (status := self.workspaces.get(int(number))) is None:
            told = f"Workspace {number} does not exist"
            raise RefusedError(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told})
        return {"workspace_id": int(number), "workspace_status": status, "workspace_status_message": "as it is"}

    def _groups(self, query: dict[str, str]) -> dict[str, Any]:
        return _listed([{"id": str(number), "displayName": name} for number, name in self.groups.items()], query)

    def _group(self, number: str, query: dict[str, str]) -> dict[str, Any]:
        if int(number) not in self.groups:
            told = {"schemas": [f"{SCIM}:Error"], "detail": f"Group with id {number} not found.", "status": "404"}
            raise RefusedError(404, told)
        return {"id": number, "displayName": self.groups[int(number)]}

    def _principals(self, query: dict[str, str]) -> dict[str, Any]:
        return _listed([{"displayName": name, "applicationId": each} for name, each in self.principals.items()], query)


def _listed(resources: list[dict[str, str]], query: dict[str, str]) -> dict[str, Any]:
    asked = re.fullmatch(r'displayName eq "([^"]*)"', query.get("filter", 'displayName eq ""'))
    if asked is None:
        told = {"schemas": [f"{SCIM}:Error"], "scimType": "invalidFilter", "detail": "no such filter", "status": "400"}
        raise RefusedError(400, told)
    # As the service: a filter finds a name whatever its case.
    found = [each for each in resources if not asked[1] or each["displayName"].lower() == asked[1].lower()]
    start = int(query.get("startIndex", 1))
    page = found[start - 1 : start - 1 + int(query.get("count", 100))]
    told = {"schemas": [f"{SCIM}:ListResponse"], "totalResults": len(found), "startIndex": start}
    return {**told, "itemsPerPage": len(page), "Resources": page}


@contextmanager
def serving(account: Account) -> Iterator[str]:
    """The address of a server that answers for the account."""

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            try:
                status, document = 200, account.answer(self.command, address.path, token, query)
            except RefusedError as refused:
                status, document = refused.status, refused.document
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
