"""What the API can do wrong, as types: a retry never helps, try later, try again at once."""

from __future__ import annotations

import re
from functools import cache


@cache
def spelled(secret: str, flags: int = 0) -> re.Pattern[str]:
    """What finds a secret in a text, its characters plain, percent-encoded, even twice, or escaped as in JSON."""
    return re.compile("".join(rf"(?:{re.escape(c)}|(?:%(?:25)*|\\u00)(?i:{ord(c):02x}))" for c in secret), flags)


class PolygonError(Exception):
    """A call to the API failed; the text names the subject, the URL without its key, and what to do."""

    advice = ""

    def __init__(self, problem: str, url: str = "", advice: str = "") -> None:
        super().__init__(problem, url, advice)
        self.problem = problem
        self.url = url
        self.advice = advice or type(self).advice
        self.subject = ""  # dataset and market day, set by who knows them
        self.tries = 1

    def mask(self, secret: str) -> None:
        """Take a secret that the API echoed out of text and URL, however it is encoded there."""
        if secret:
            self.problem = spelled(secret).sub("***", self.problem)
            self.url = spelled(secret, re.IGNORECASE).sub("***", self.url)  # hosts lose their upper case
            self.args = (self.problem, self.url, *self.args[2:])

    @property
    def fact(self) -> str:
        """What happened and where, without advice."""
        subject = f"{self.subject}: " if self.subject else ""
        where = f" [GET {self.url}]" if self.url else ""
        tries = f" after {self.tries} tries" if self.tries > 1 else ""
        return f"{subject}{self.problem}{tries}{where}"

    def __str__(self) -> str:
        return f"{self.fact}. {self.advice}".rstrip()


class FatalError(PolygonError):
    """The same call will fail again: no retry."""


class UnknownKeyError(FatalError):
    """The API does not know the key, or knows it no longer."""

    advice = "Put a valid API key into the connection's password."


class NotEntitledError(FatalError):
    """The plan does not include this data."""

    advice = "Upgrade the API plan, or take the dataset out of include/datasets."


class OutsideHistoryError(FatalError):
    """The date asked for is older than the plan's history."""

    advice = "Ask for a later market day, or upgrade the API plan."


class PresentOnlyError(FatalError):
    """The source answers for the present, and the market day asked for is another."""

    advice = "Nothing can be had for it any more."


class NotFoundError(FatalError):
    """The API has no such path or thing."""

    advice = "Check the dataset's path and parameters in include/datasets."


class BadRequestError(FatalError):
    """The API does not take this request."""

    advice = "Check the dataset's path and parameters in include/datasets."


class ForeignOriginError(FatalError):
    """The answer leads to another host: the key does not go there."""

    advice = "The key was not sent. Check the connection's host."


class BadAddressError(FatalError):
    """The connection's host is no HTTP address."""

    advice = "Set the connection's host to the API's address, such as https://api.polygon.io."


class NotReadyError(PolygonError):
    """The data is not there yet: try later."""

    advice = "The task's next retry asks again."


class BrokenChainError(PolygonError):
    """The pages of one chain do not fit together; nothing of it can be trusted."""

    advice = "Nothing was committed. Retry the task; if it stays, report it to the API's support."


class PassingError(PolygonError):
    """A fault that usually passes: retried at once with growing waits."""

    advice = "Nothing was committed. Retry the task; if it stays, see the API's status page."


class ConnectionFailedError(PassingError):
    """No connection, a reset, or a time-out."""

    advice = "Check the connection's host and the network; then retry the task."


class ServerFailedError(PassingError):
    """The API answered 5xx."""


class BadAnswerError(PassingError):
    """The answer is not what the API promises: cut, not JSON, an error in disguise, too few rows, too large."""


class RateLimitedError(PassingError):
    """The API answered 429; `retry_after` in seconds, None if it did not say."""

    advice = "Lower the connection's requests_per_minute, or see who else uses the key."

    def __init__(self, problem: str, url: str = "", advice: str = "", retry_after: float | None = None) -> None:
        super().__init__(problem, url, advice)
        self.retry_after = retry_after


_OWN = {"ERROR", "NOT_AUTHORIZED", "NOT_FOUND"}  # what the API's own refusals have as their status
_UNKNOWN_PATH = "404 page not found"  # its own words too, as plain text
_BETWEEN = "This is not the API's own answer: ask who runs the proxy, firewall or CDN on the way."


def refusal(code: int, status: str, message: str, url: str, retry_after: float | None = None) -> PolygonError:
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


def _in_disguise(said: str, status: str, text: str, url: str) -> PolygonError:
    """What came with 200 and is no page: the body's status is all the code that it has."""
    if status == "NOT_AUTHORIZED":
        return _by_plan(said, text, url)
    if status == "NOT_FOUND":
        return NotFoundError(said, url)
    if status == "ERROR" and text.startswith("unknown api key"):
        return UnknownKeyError(said, url)
    return RateLimitedError(said, url) if "maximum requests" in text else BadAnswerError(said, url)


def _by_plan(said: str, text: str, url: str) -> PolygonError:
    """Which of its limits the plan names."""
    if "before end of day" in text or "today's data" in text:
        return NotReadyError(said, url)
    return OutsideHistoryError(said, url) if "timeframe" in text else NotEntitledError(said, url)
