"""The API as the rest of the house sees it: pages, tried again while a fault may pass, at the plan's rate."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.wait import wait_exponential_jitter

from anthill.sources.clocks import Clocks
from anthill.sources.errors import PassingError, RateLimitedError, SourceError
from anthill.sources.meter import Meter
from anthill.sources.page import Page
from anthill.sources.polygon import page as pages
from anthill.sources.polygon.paging import chain
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.transport import Answer, Transport
from anthill.sources.polygon.urls import build

log = logging.getLogger(__name__)


class Patience(msgspec.Struct, frozen=True):
    """How long to wait for a fault to pass, in seconds: in all, first, at most, and after a 429 that names no time.

    Calls count with the waits between them, but a second one is made however long the first took.
    """

    total: float = 300.0
    first: float = 0.5
    longest: float = 60.0
    rate_limited: float = 15.0


class _Calls(msgspec.Struct):
    """How long the calls for one page took."""

    seconds: float = 0.0


class Client:
    """Calls the API through one gate; safe to share between threads."""

    def __init__(
        self,
        transport: Transport,
        gate: Gate,
        patience: Patience = Patience(),  # noqa: B008 frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.transport = transport
        self.gate = gate
        self.meter = Meter()
        self.clocks = Clocks()
        self._patience = patience
        self._backoff = wait_exponential_jitter(patience.first, patience.longest, jitter=patience.first)
        self._retrying = Retrying(
            retry=retry_if_exception_type(PassingError),
            wait=self._wait,
            before_sleep=self._before_sleep,
            retry_error_callback=_give_up,
            sleep=sleep,
        )

    def __repr__(self) -> str:
        return f"Client({self.transport.base_url!r})"

    def chain(self, path: str, params: Mapping[str, str], rows_in: str = "") -> Iterator[Page]:
        """All pages of a call, in order; a SourceError ends it. `rows_in` as in `envelope.parse`."""
        return chain(lambda url: self.page(url, rows_in), build(self.transport.base_url, path, params))

    def page(self, url: str, rows_in: str = "") -> Page:
        """One page, tried again while a fault may pass and patience lasts."""
        calls = _Calls()
        result: Page = self._retrying.copy(stop=lambda state: self._is_enough(state, calls))(
            self._try, url, rows_in, calls
        )
        return result

    def answer(self, path: str) -> Answer:
        """One call without any retry, its body unread."""
        self.gate.enter()
        return self.transport.get(build(self.transport.base_url, path, {}))

    def _try(self, url: str, rows_in: str, calls: _Calls) -> Page:
        self.meter.waited(self.gate.enter())
        started = time.monotonic()
        try:
            with self.meter.call():
                return self._read(url, rows_in)
        finally:
            calls.seconds += time.monotonic() - started

    def _read(self, url: str, rows_in: str) -> Page:
        answer = self.transport.get(url)
        try:
            page = pages.read(answer, rows_in)
            self.clocks.check("the answer's Date", page.asof, page.url)
        except SourceError as error:
            self.transport.mask(error)
            raise
        return page

    def _wait(self, state: RetryCallState) -> float:
        wait = self._backoff(state)
        error = _error(state)
        if isinstance(error, RateLimitedError):
            asked = self._patience.rate_limited if error.retry_after is None else error.retry_after
            return max(asked, wait)  # an API that asks for no wait at all must not be called in a tight loop
        return wait

    def _is_enough(self, state: RetryCallState, calls: _Calls) -> bool:
        seconds = state.idle_for + state.upcoming_sleep + (calls.seconds if state.attempt_number > 1 else 0)
        return seconds > self._patience.total

    def _before_sleep(self, state: RetryCallState) -> None:
        error = _error(state)
        if isinstance(error, RateLimitedError):
            self.gate.close_for(state.upcoming_sleep)  # for every thread: the limit is the key's, not the call's
        fact = error.fact if isinstance(error, SourceError) else error
        log.warning("Try %d failed, next in %.1f s: %s", state.attempt_number, state.upcoming_sleep, fact)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _give_up(state: RetryCallState) -> Page:
    error = _error(state)
    if isinstance(error, SourceError):
        error.tries = state.attempt_number
    assert error is not None  # noqa: S101 tenacity calls this after a failure only
    raise error
