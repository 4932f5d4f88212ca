"""What the API's refusals and broken answers are."""

from __future__ import annotations

from anthill.sources.errors import (
    BadAnswerError,
    FatalError,
    NotEntitledError,
    NotFoundError,
    NotReadyError,
    OutsideHistoryError,
    RateLimitedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)


class BadRequestError(FatalError):
    """The API does not take this request."""

    advice = "Check the dataset's path and parameters in include/datasets."


class ForeignOriginError(FatalError):
    """The answer leads to another host: the key does not go there."""

    advice = "The key was not sent. Check the connection's host."


class BadAddressError(FatalError):
    """The connection's host is no HTTP address."""

    advice = "Set the connection's host to the API's address, such as https://api.polygon.io."


class BrokenChainError(SourceError):
    """The pages of one chain do not fit together; nothing of it can be trusted."""

    advice = "Nothing was committed. Retry the task; if it stays, report it to the API's support."


_OWN = {"ERROR", "NOT_AUTHORIZED", "NOT_FOUND"}  # what the API's own refusals have as their status
_UNKNOWN_PATH = "404 page not found"  # its own words too, as plain text
_BETWEEN = "This is not the API's own answer: ask who runs the proxy, firewall or CDN on the way."


def refusal(code: int, status: str, message: str, url: str, retry_after: float | None = None) -> SourceError:
    """The typed error for an HTTP code and the body's status and message; code 200 for an error in disguise.

    The code leads: a text only tells apart what the code leaves open, and only where the body is the API's own.
    """
    said = f"the API answered {code} {status}".rstrip() + (f": {message}" if message else "")
    if code == 429:
        return RateLimitedError(said, url, retry_after=retry_after)
    if code >= 500:
        return ServerFailedError(said, url)
    if 300 <= code < 400:
        return BadRequestError(f"{said}, a redirect, which is never followed", url, "Check the connection's host.")
    if code == 200:
        return _in_disguise(said, status, message.lower(), url)
    if code == 404 and (status == "NOT_FOUND" or message == _UNKNOWN_PATH):
        return NotFoundError(said, url)
    if code == 403 and status == "NOT_AUTHORIZED":
        return _by_plan(said, message.lower(), url)
    if status not in _OWN or code in {403, 404, 408, 425}:
        return BadAnswerError(said, url, "" if status in _OWN else _BETWEEN)
    if code == 401 or "api key" in message.lower():
        return UnknownKeyError(said, url)
    return BadRequestError(said, url)


def _in_disguise(said: str, status: str, text: str, url: str) -> SourceError:
    """What came with 200 and is no page: the body's status is all the code that it has."""
    if status == "NOT_AUTHORIZED":
        return _by_plan(said, text, url)
    if status == "NOT_FOUND":
        return NotFoundError(said, url)
    if status == "ERROR" and text.startswith("unknown api key"):
        return UnknownKeyError(said, url)
    return RateLimitedError(said, url) if "maximum requests" in text else BadAnswerError(said, url)


def _by_plan(said: str, text: str, url: str) -> SourceError:
    """Which of its limits the plan names."""
    if "before end of day" in text or "today's data" in text:
        return NotReadyError(said, url)
    return OutsideHistoryError(said, url) if "timeframe" in text else NotEntitledError(said, url)
