"""The AWS emulator with the one rule of IAM that the landing lives under: put, get and list below bronze, never delete.

The emulator itself takes any key for everything. `terraform/modules/mwaa/role.tf` has the real role. It also takes
seconds for a body of 40 MB that comes in pieces, so that it gets each body whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

from local import hosts, lake

_SIGNED = re.compile(rb"Credential=(?P<key>[^/]+)/[^/]+/[^/]+/(?P<service>[^/]+)/")
_READS = re.compile(rf"/({lake.BRONZE}|{lake.DOCUMENTS})(/{lake.PREFIX}.*)?")
_WRITES = re.compile(rf"/({lake.BRONZE}|{lake.DOCUMENTS})/{lake.PREFIX}.+")
_REFUSAL = (
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>The landing may not do this</Message></Error>"
)

Asgi = Callable[[dict[str, Any], Any, Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]


class LandingRole:
    """Refuses what the landing's key may not do on S3; other keys and services are let through."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
        """Answer 403, or let the call through."""
        if scope["type"] != "http" or not _is_landing(scope) or _may(scope):
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/xml")]})
        await send({"type": "http.response.body", "body": _REFUSAL})


class WholeBodies:
    """Hands a request's body on in one piece: with each piece the emulator would copy all of those before it."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
        """Read the body, then let the call through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        if messages[-1]["type"] == "http.disconnect":
            return  # half a body is no object
        parts = iter([messages[-1] | {"body": b"".join(message.get("body", b"") for message in messages)}])

        async def whole() -> Any:
            return next(parts, None) or await receive()

        await self._app(scope, whole, send)


def _is_landing(scope: dict[str, Any]) -> bool:
    signed = _SIGNED.search(dict(scope["headers"]).get(b"authorization", b""))
    return signed is not None and (signed["key"], signed["service"]) == (lake.LANDING_KEY.encode(), b"s3")


def _may(scope: dict[str, Any]) -> bool:
    names = {part.partition(b"=")[0] for part in scope["query_string"].split(b"&") if part} - {b"x-id"}
    match scope["method"]:
        case "GET" | "HEAD":
            return _READS.fullmatch(scope["path"].rstrip("/")) is not None
        case "PUT":  # of an object, and nothing about it
            return not names and _WRITES.fullmatch(scope["path"]) is not None
    return False


def main() -> None:
    """Serve MiniStack by uvicorn: half the CPU a request of the server in MiniStack's own command."""
    import uvicorn
    from ministack import app as emulator

    host = os.environ["BIND_HOST"]
    uvicorn.run(
        hosts.own(LandingRole(WholeBodies(emulator.app)), host),
        host=host,
        port=int(os.environ["GATEWAY_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
