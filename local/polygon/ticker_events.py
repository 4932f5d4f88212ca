"""Endpoint that lists what the entity behind a ticker or a FIGI has been called."""

from local.polygon.api import Answer, Call, json_answer
from local.polygon.envelopes import ApiError, bad_request

TYPES = {"ticker_change"}
"""The one type that the API has."""


def ticker_events(call: Call) -> Answer:
    """The changes of ticker of one entity up to today, the latest first; its listing is the last of them."""
    asked = call.query.get("types")
    if asked and not set(asked.split(",")) <= TYPES:
        raise bad_request("The parameter 'types' must be a list of ticker_change")
    found = call.market.events(call.parts["id"])
    if found is None:
        raise ApiError(404, "NOT_FOUND", "Ticker not found.", field="message")
    return json_answer({"request_id": call.request_id, "results": found, "status": "OK"})
