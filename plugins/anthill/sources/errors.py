"""What a source can do wrong, as types: a retry never helps, try later, try again at once."""

from __future__ import annotations

import re
from functools import cache


@cache
def spelled(secret: str, flags: int = 0) -> re.Pattern[str]:
    """What finds a secret in a text, its characters plain, percent-encoded, even twice, or escaped as in JSON."""
    return re.compile("".join(rf"(?:{re.escape(c)}|(?:%(?:25)*|\\u00)(?i:{ord(c):02x}))" for c in secret), flags)


class SourceError(Exception):
    """A call to the source failed; the text names the subject, the URL without its key, and what to do."""

    advice = ""

    def __init__(self, problem: str, url: str = "", advice: str = "") -> None:
        super().__init__(problem, url, advice)
        self.problem = problem
        self.url = url
        self.advice = advice or type(self).advice
        self.subject = ""  # dataset and market day, set by who knows them, as is the connection
        self.connection = ""
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
        verb = "GET " if self.url.startswith(("http", "s3", "sftp")) else ""
        where = f" [{verb}{self.url}]" if self.url else ""
        tries = f" after {self.tries} tries" if self.tries > 1 else ""
        return f"{subject}{self.problem}{tries}{where}"

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.advice

    def __str__(self) -> str:
        return f"{self.fact}. {self.remedy}".rstrip()


class FatalError(SourceError):
    """The same call will fail again: no retry."""

    @property
    def remedy(self) -> str:
        """What to do, and with which connection."""
        return self.advice + (f" (connection {self.connection})" if self.connection else "")


class UnknownKeyError(FatalError):
    """The API does not know the key, or knows it no longer."""

    advice = "Put a valid API key into the connection's password."


class NotEntitledError(FatalError):
    """The plan does not include this data."""

    advice = "Upgrade the API plan, or take the dataset out of include/datasets."


class OutsideHistoryError(FatalError):
    """The date asked for is older than the plan's history."""

    advice = "Ask for a later market day, or upgrade the API plan."


class NotFoundError(FatalError):
    """The API has no such path or thing."""

    advice = "Check the dataset's path and parameters in include/datasets."


class NotReadyError(SourceError):
    """The data is not there yet: try later."""

    advice = "The task's next retry asks again."


class PassingError(SourceError):
    """A fault that usually passes: retried at once with growing waits."""

    advice = "Nothing was committed. Retry the task; if it stays, see the API's status page."


class ConnectionFailedError(PassingError):
    """No connection, a reset, or a time-out."""

    advice = "Check the connection's host and the network; then retry the task."


class ServerFailedError(PassingError):
    """The API answered 5xx."""


class BadAnswerError(PassingError):
    """The answer is not what the API promises: cut, not JSON, an error in disguise, too few rows, too large."""


class ReplacedError(PassingError):
    """A file gave way to another version while it was read: what has come of it is of no use."""


class RateLimitedError(PassingError):
    """The API answered 429; `retry_after` in seconds, None if it did not say."""

    advice = "Lower the connection's requests_per_minute, or see who else uses the key."

    def __init__(self, problem: str, url: str = "", advice: str = "", retry_after: float | None = None) -> None:
        super().__init__(problem, url, advice)
        self.retry_after = retry_after
