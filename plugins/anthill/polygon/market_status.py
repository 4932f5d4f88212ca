"""The market's status: the cheapest call that needs a key."""

from __future__ import annotations

import msgspec

from anthill.polygon.client import Client
from anthill.polygon.errors import BadAnswerError


class MarketStatus(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the market is open, by the API's clock."""

    market: str
    server_time: str


def market_status(client: Client) -> MarketStatus:
    """Ask for it; BadAnswerError if what answers is not the API."""
    answer = client.answer("/v1/marketstatus/now")
    try:
        return msgspec.json.decode(answer.content or b"", type=MarketStatus)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswerError(
            "something answers there, but not the Polygon API", answer.url, "Check the connection's host."
        ) from error
