"""What the API can do wrong, as types: a retry never helps, try later, try again at once."""

from __future__ import annotations


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
        """Take a secret that the API echoed out of the text."""
        if secret:
            self.problem = self.problem.replace(secret, "***")
            self.args = (self.problem, *self.args[1:])

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


def refusal(code: int, status: str, message: str, url: str, retry_after: float | None = None) -> PolygonError:
    """The typed error for an HTTP code and the body's status and message; code 200 for an error in disguise."""
    said = f"the API answered {code} {status}".rstrip() + (f": {message}" if message else "")
    text = f"{status} {message}".lower()
    if code == 429 or "maximum requests" in text:
        return RateLimitedError(said, url, retry_after=retry_after)
    if code == 401 or "api key" in text:
        return UnknownKeyError(said, url)
    if code == 403 or "not_authorized" in text or "not entitled" in text:
        if "before end of day" in text or "today's data" in text:
            return NotReadyError(said, url)
        return OutsideHistoryError(said, url) if "timeframe" in text else NotEntitledError(said, url)
    if code == 404 or status == "NOT_FOUND":
        return NotFoundError(said, url)
    if code >= 500:
        return ServerFailedError(said, url)
    if 300 <= code < 400:
        return BadRequestError(f"{said}, a redirect, which is never followed", url, "Check the connection's host.")
    if code in {408, 425} or code == 200:
        return BadAnswerError(said, url)
    return BadRequestError(said, url)
