"""The markets' status, the cheapest call that needs a key, and the days off that the exchanges have announced."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from anthill.closures import UPCOMING
from anthill.sources.errors import BadAnswerError
from anthill.sources.polygon.client import Client
from anthill.sources.source import Holiday

_T = TypeVar("_T")


class MarketStatus(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the market is open, by the API's clock."""

    market: str
    server_time: str


def market_status(client: Client) -> MarketStatus:
    """Ask for it; BadAnswerError if what answers is not the API."""
    return _asked(client, "/v1/marketstatus/now", MarketStatus)


def holidays(client: Client) -> list[Holiday]:
    """What the exchanges have announced; BadAnswerError if what answers is not the API."""
    return _asked(client, UPCOMING, list[Holiday])


def _asked(client: Client, path: str, kind: type[_T]) -> _T:
    answer = client.answer(path)
    try:
        return msgspec.json.decode(answer.content or b"", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswerError(
            "something answers there, but not the Polygon API", answer.url, "Check the connection's host."
        ) from error
