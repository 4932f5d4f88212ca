"""One call of the API, from the request to the answer."""

import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import compressobj

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from local.polygon.answers.envelopes import LEVEL, ApiError, Packed, bad_request
from local.polygon.answers.plans import Gate, Plan
from local.polygon.markets.market import Markets, StockMarket


@dataclass(frozen=True)
class Call:
    """What a handler sees of a request."""

    path: str
    parts: dict[str, str]
    query: dict[str, str]
    base: str  # the scheme and host that were called
    plan: Plan
    markets: Markets
    request_id: str

    @property
    def today(self) -> dt.date:
        """The day on which the markets are asked, in New York."""
        return self.markets.clock.today

    @property
    def market(self) -> StockMarket:
        """US stocks, which most endpoints are about."""
        return self.markets.stocks

    def flag(self, name: str, default: bool) -> bool:
        """A query parameter that is true or false."""
        text = self.query.get(name, str(default)).lower()
        if text not in ("true", "false"):
            raise bad_request(f"The parameter '{name}' must be true or false")
        return text == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """A query parameter that counts: from 1 to `most`."""
        text = self.query.get(name, str(default))
        if not re.fullmatch(r"\d{1,9}", text) or not 1 <= int(text) <= most:
            raise bad_request(f"The parameter '{name}' must be a number from 1 to {most}")
        return int(text)


@dataclass(frozen=True)
class Answer:
    """A body: an end of its own, after a beginning that many answers share (or none)."""

    end: bytes
    beginning: Packed | None = None


Handler = Callable[[Call], Answer]


class Api:
    """Turns handlers into endpoints: checks the key, numbers the requests, compresses, and words the errors."""

    def __init__(self, markets: Markets, gate: Gate, seed: int) -> None:
        self._markets, self._gate, self._seed = markets, gate, seed
        self._numbers = itertools.count(1)

    def endpoint(self, handler: Handler) -> Callable[[Request], Response]:
        """An endpoint for Starlette, which runs it in a thread."""

        def endpoint(request: Request) -> Response:
            request_id = hashlib.md5(f"{self._seed} {next(self._numbers)}".encode(), usedforsecurity=False).hexdigest()
            try:
                return _respond(request, 200, handler(self._call(request, request_id)))
            except ApiError as error:
                body = {"status": error.body["status"], "request_id": request_id} | error.body
                return _respond(request, error.status, Answer(msgspec.json.encode(body)))

        return endpoint

    def _call(self, request: Request, request_id: str) -> Call:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        query = dict(request.query_params)
        key = query.pop("apiKey", None)
        plan = self._gate.admit(token.strip() if kind.lower() == "bearer" else key)
        plan.admit(request.url.path)
        base = f"{request.url.scheme}://{request.headers.get('host', '')}"
        return Call(request.url.path, request.path_params, query, base, plan, self._markets, request_id)


def json_answer(body: Any) -> Answer:
    """An answer made whole for this call."""
    return Answer(msgspec.json.encode(body))


def _respond(request: Request, status: int, answer: Answer) -> Response:
    headers = {"vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = answer.beginning.gzipped(answer.end) if answer.beginning else _gzip(answer.end)
    else:
        body = answer.beginning.plain(answer.end) if answer.beginning else answer.end
    return Response(body, status, headers, "application/json")


def _gzip(body: bytes) -> bytes:
    packer = compressobj(LEVEL, wbits=31)
    return packer.compress(body) + packer.flush()
