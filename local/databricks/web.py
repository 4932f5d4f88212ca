"""What every REST call shares: parameters from query or body, bearer tokens, error bodies, pages of a list."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.databricks.account import Account, Principal
from local.databricks.errors import ApiError, invalid

log = logging.getLogger(__name__)
Parameters = dict[str, Any]
Handler = Callable[[Parameters], Awaitable[dict[str, Any]]]

_CALLER: ContextVar[Principal] = ContextVar("caller")
_VERSIONS = {"jobs": ("2.0", "2.1", "2.2"), "clusters": ("2.0", "2.1"), "unity-catalog": ("2.0", "2.1")}


def caller() -> Principal:
    """Who makes the call that is being answered."""
    return _CALLER.get()


async def parameters(request: Request) -> Parameters:
    """Path, query and JSON body in one: triggers of the Airflow provider send a GET's parameters as a body."""
    found: Parameters = dict(request.query_params)
    body = await request.body()
    if body.strip():
        try:
            given = json.loads(body)
        except ValueError as error:
            raise ApiError(400, "MALFORMED_REQUEST", f"The request body is not JSON: {error}") from None
        if given is not None and not isinstance(given, dict):
            raise ApiError(400, "MALFORMED_REQUEST", "The request body must be a JSON object.")
        found |= given or {}
    return {**found, **request.path_params}


def route(method: str, path: str, handler: Handler) -> Route:
    """A REST call under /api/{version}; the handler takes the parameters and gives the JSON body."""
    versions = _VERSIONS.get(path.partition("/")[0], ("2.0",))

    async def answer(request: Request) -> Response:
        if request.path_params["version"] not in versions:
            return JSONResponse({"error": f"Bad Target: {request.url.path}"}, 404)
        try:
            return JSONResponse(await handler(await parameters(request)))
        except ApiError as error:
            body = {"error_code": error.code, "message": error.message}
            return JSONResponse(body, error.status, headers=error.headers)
        except Exception as error:
            log.exception("%s %s", method, request.url.path)
            return JSONResponse({"error_code": "INTERNAL_ERROR", "message": repr(error)}, 500)

    return Route(f"/api/{{version}}/{path}", answer, methods=[method])


def integer(given: Parameters, name: str, default: int | None = None) -> int:
    """A whole number, which clients may send as text."""
    value = given.get(name, default)
    if value is None or value == "":
        if default is not None:
            return default
        raise invalid(f"Missing required field: {name}")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"{name} must be a whole number, not {value!r}.") from None


def flag(given: Parameters, name: str) -> bool:
    """A boolean, which a query string carries as text."""
    return str(given.get(name, "")).lower() == "true"


def page(items: list[Any], given: Parameters, size: str, default: int, most: int) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and the `next_page_token` when there is more."""
    limit = integer(given, size, default)
    if not 0 <= limit <= most:
        raise invalid(f"{size} must be between 0 and {most}, not {limit}.")
    start = integer(given, "page_token", 0)
    end = start + (limit or default)
    return items[start:end], {"next_page_token": str(end)} if end < len(items) else {}


async def unknown(request: Request, _: Exception) -> Response:
    """What is answered where there is no such call, or page."""
    path = request.url.path
    if not path.startswith("/api/"):
        return PlainTextResponse("Not Found", 404)
    called = f"{request.method} /{path.removeprefix('/api/').partition('/')[2]}"
    return JSONResponse({"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{called}'"}, 404)


class Authentication:
    """Knows by the bearer token who calls the API, and refuses whom it does not know; pages for people need none."""

    def __init__(self, app: ASGIApp, account: Account) -> None:
        self._app, self._account = app, account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call through, or answer 401 or 403."""
        if (
            scope["type"] == "http"
            and scope["path"].startswith("/api/")
            and "/unity-catalog/public/" not in scope["path"]
        ):
            given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
            known = self._account.signed_in(given.removeprefix("Bearer "))
            if known is None:
                refused = JSONResponse({"error_code": 403, "message": "Invalid access token."}, 403)
                if not given:
                    refused = JSONResponse({"error_code": 401, "message": "Credential was not sent."}, 401)
                await refused(scope, receive, send)
                return
            _CALLER.set(known)
        await self._app(scope, receive, send)
