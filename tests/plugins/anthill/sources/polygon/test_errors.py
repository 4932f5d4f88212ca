"""What the API's refusals are called, and what their texts say."""

from __future__ import annotations

import pickle

import pytest

from anthill.sources import errors
from anthill.sources.polygon.errors import BadRequestError, refusal


@pytest.mark.parametrize(
    ("code", "status", "message", "kind"),
    [
        (401, "ERROR", "Unknown API Key", errors.UnknownKeyError),
        (400, "ERROR", "API Key was not provided", errors.UnknownKeyError),
        (403, "NOT_AUTHORIZED", "You are not entitled to this data.", errors.NotEntitledError),
        (200, "NOT_AUTHORIZED", "", errors.NotEntitledError),
        (403, "NOT_AUTHORIZED", "Your plan doesn't include this data timeframe.", errors.OutsideHistoryError),
        (403, "NOT_AUTHORIZED", "Attempted to request today's data before end of day.", errors.NotReadyError),
        (403, "NOT_AUTHORIZED", "Your plan has today's data at the close.", errors.NotReadyError),
        (403, "NOT_AUTHORIZED", "Attempted before end of day.", errors.NotReadyError),
        (404, "NOT_FOUND", "", errors.NotFoundError),
        (404, "", "404 page not found", errors.NotFoundError),
        (200, "NOT_FOUND", "", errors.NotFoundError),
        (429, "ERROR", "You've exceeded the maximum requests per minute", errors.RateLimitedError),
        (200, "ERROR", "You've exceeded the maximum requests per minute", errors.RateLimitedError),
        (500, "", "", errors.ServerFailedError),
        (503, "", "<html>", errors.ServerFailedError),
        (302, "", "", BadRequestError),
        (400, "ERROR", "bad cursor", BadRequestError),
        (404, "", "<html>404 Not Found</html>", errors.BadAnswerError),
        (404, "", "", errors.BadAnswerError),
        (404, "ERROR", "no route", errors.BadAnswerError),
        (403, "", "<H1>403 ERROR</H1>", errors.BadAnswerError),
        (403, "", "Forbidden: you are not entitled to this timeframe", errors.BadAnswerError),
        (403, "ERROR", "You are not entitled to this data.", errors.BadAnswerError),
        (403, "Forbidden", "NOT_AUTHORIZED", errors.BadAnswerError),
        (403, "", "", errors.BadAnswerError),
        (401, "", "<html>Unauthorized: API key</html>", errors.BadAnswerError),
        (401, "NOT_AUTHORIZED", "", errors.UnknownKeyError),
        (400, "", "<html>400 Bad Request, no API key</html>", errors.BadAnswerError),
        (405, "", "", errors.BadAnswerError),
        (403, "NOT_AUTHORIZED", "This API key is not entitled to this.", errors.NotEntitledError),
        (404, "NOT_FOUND", "No API key like this.", errors.NotFoundError),
        (429, "ERROR", "Unknown API Key", errors.RateLimitedError),
        (429, "NOT_AUTHORIZED", "You are not entitled to this timeframe.", errors.RateLimitedError),
        (500, "ERROR", "internal error while validating API key", errors.ServerFailedError),
        (500, "ERROR", "exceeded the maximum requests", errors.ServerFailedError),
        (503, "NOT_AUTHORIZED", "auth backend unavailable", errors.ServerFailedError),
        (502, "", "upstream timeframe exceeded, not entitled to more", errors.ServerFailedError),
        (504, "NOT_FOUND", "", errors.ServerFailedError),
        (302, "NOT_AUTHORIZED", "", BadRequestError),
        (400, "ERROR", "exceeded the maximum requests", BadRequestError),
        (408, "NOT_AUTHORIZED", "", errors.BadAnswerError),
        (200, "ERROR", "error while validating API key", errors.BadAnswerError),
        (200, "ERROR", "You are not entitled", errors.BadAnswerError),
        (200, "OK", "You are not entitled to this timeframe", errors.BadAnswerError),
        (200, "", "Unknown API Key", errors.BadAnswerError),
        (200, "NOT_AUTHORIZED", "Unknown API Key", errors.NotEntitledError),
        (408, "", "", errors.BadAnswerError),
        (200, "ERROR", "something", errors.BadAnswerError),
    ],
)
def test_each_refusal_has_its_type(code: int, status: str, message: str, kind: type[errors.SourceError]) -> None:
    """The table of the API's answers, row by row; each text has the code, the URL and an advice."""
    error = refusal(code, status, message, "http://x/v2/2001-01-02")
    assert type(error) is kind
    assert str(code) in str(error)
    assert "http://x/v2/2001-01-02" in str(error)
    assert error.advice
    assert str(error).endswith(".")


def test_what_is_not_the_apis_own_speaks_of_no_plan() -> None:
    """It tells what answered instead, and whom to ask."""
    error = refusal(403, "", "<H1>403 ERROR</H1> Request blocked.", "http://x/v2")
    assert "the API answered 403: <H1>403 ERROR</H1> Request blocked. [GET http://x/v2]" in str(error)
    assert "not the API's own answer: ask who runs the proxy, firewall or CDN" in str(error)
    assert "plan" not in str(error)
    assert refusal(408, "ERROR", "", "http://x").advice == errors.BadAnswerError.advice


def test_its_subject_leads() -> None:
    """Dataset and market day come first, once they are known."""
    error = errors.NotFoundError("gone", "http://x")
    error.subject, error.tries = "stocks.splits on 2014-06-06", 3
    assert str(error).startswith("stocks.splits on 2014-06-06: gone after 3 tries [GET http://x]. Check")


def test_a_masked_secret_is_nowhere() -> None:
    """Neither text nor repr holds it."""
    error = errors.UnknownKeyError("Unknown API Key SECRET", "http://x")
    error.mask("SECRET")
    assert "SECRET" not in f"{error} {error!r} {error.args}"
    assert "Unknown API Key ***" in str(error)


def test_an_error_is_the_same_in_another_process() -> None:
    """Problem, place and advice go with it."""
    error = errors.ServerFailedError("broken", "http://x", "Wait.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.ServerFailedError
    assert again.args == ("broken", "http://x", "Wait.")
    assert (again.problem, again.url, again.advice, str(again)) == ("broken", "http://x", "Wait.", str(error))
