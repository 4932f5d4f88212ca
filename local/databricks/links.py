"""Links that open without a token, for a while: what the service has of its storage, signed there."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

OPEN = 900  # seconds


class Links:
    """Signs addresses below this workspace's own."""

    def __init__(self, key: bytes, base_url: str, clock: Callable[[], float] = time.time) -> None:
        self._key, self._base_url, self._clock = key, base_url, clock

    def to(self, path: str, **given: str) -> tuple[str, int]:
        """A link, and until when it opens (epoch seconds)."""
        until = int(self._clock()) + OPEN
        asked = {**given, "until": str(until)}
        return f"{self._base_url}{path}?{urlencode({**asked, 'signature': self._signature(path, asked)})}", until

    def refusal(self, request: Request) -> Response | None:
        """What is wrong with a link; storage refuses a token beside a signature, too."""
        if "authorization" in request.headers:
            return refused(400, "Only one auth mechanism allowed")
        given = dict(request.query_params)
        signature = given.pop("signature", "")
        if not hmac.compare_digest(self._signature(request.url.path, given).encode(), signature.encode()):
            return refused(403, "The request signature we calculated does not match")
        return refused(403, "Request has expired") if int(given["until"]) < self._clock() else None

    def _signature(self, path: str, given: Mapping[str, str]) -> str:
        text = f"{path} {urlencode(sorted(given.items()))}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def refused(status: int, message: str) -> Response:
    """An answer of storage that is not a file."""
    return JSONResponse({"message": message}, status)
