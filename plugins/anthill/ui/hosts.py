"""A server that answers to its own names and its own pages: loopback alone keeps no foreign page out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

_HOST = re.compile(r"([^:\[\]]+|\[[^\[\]]+\])(?::\d*)?")  # a name or a bracketed address, and a port


class OwnHosts:
    """Refuses a request for another host (421), as DNS rebinding sends it, and one from another host's page (403)."""

    def __init__(self, app: Any, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the refusal, or let the request through."""
        if scope["type"] not in ("http", "websocket") or not (refusal := self._refusal(scope["headers"])):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1]})
        else:
            kind = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": refusal[0], "headers": kind})
            await send({"type": "http.response.body", "body": refusal[1].encode()})

    def _refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        given = [(name, value.decode("latin-1")) for name, value in headers]
        hosts = [value for name, value in given if name == b"host"]
        known = ", ".join(sorted(self._names))
        if len(hosts) != 1 or not (host := _HOST.fullmatch(hosts[0])) or host[1].lower() not in self._names:
            return 421, f"This server is {known}, not {' or '.join(hosts) or 'without a name'}"
        origins = [value for name, value in given if name == b"origin"]
        if any(_host(origin) not in self._names for origin in origins):
            return 403, f"Pages of {', '.join(origins)} may ask nothing of {known}"
        return None


def _host(origin: str) -> str | None:
    """The host of a page's origin; None where it has none."""
    try:
        found = _HOST.fullmatch(urlsplit(origin).netloc)
    except ValueError:
        return None
    return found[1].lower() if found else None
