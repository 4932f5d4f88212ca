"""The gate, and what Retry-After asks for."""

from __future__ import annotations

import email.utils
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.http_date import http_date
from anthill.sources.polygon.plans import per_minute
from anthill.sources.polygon.rate_limit import Gate, retry_after

from .clock import Clock


@pytest.mark.parametrize(("plan", "rate"), [("basic", 5), ("starter", 6000), ("developer", 6000), ("advanced", 6000)])
def test_plans(plan: str, rate: int) -> None:
    """Each plan has its rate."""
    assert per_minute(plan) == rate


def test_an_unknown_plan_names_the_plans() -> None:
    """The error lists what is allowed."""
    with pytest.raises(ValueError, match="'gold', allowed are basic, starter, developer, advanced"):
        per_minute("gold")


@given(st.integers(0, 86_400))
def test_seconds(seconds: int) -> None:
    """A number is seconds, spaces around it or not."""
    assert retry_after(f" {seconds} ", None) == seconds


@given(st.integers(0, 86_400), st.integers(-3 * 86_400, 3 * 86_400))
def test_a_date_counts_by_the_servers_clock(seconds: int, skew: int) -> None:
    """A server whose clock is days off still asks for the wait it means."""
    now = int(time.time()) + skew
    date, until = (email.utils.formatdate(at, usegmt=True) for at in (now, now + seconds))
    assert retry_after(until, date) == seconds


@given(st.text(max_size=30))
def test_anything_else_is_no_wait(value: str) -> None:
    """No text breaks it, and none asks for a negative wait."""
    wait = retry_after(value, value)
    assert wait is None or wait >= 0


def test_a_past_date_is_no_wait() -> None:
    """Retry at once."""
    now = time.time()
    assert retry_after(email.utils.formatdate(now - 60, usegmt=True), email.utils.formatdate(now, usegmt=True)) == 0
    assert http_date("yesterday") is None


def test_the_rate_holds_across_threads_and_is_used(clock: Clock) -> None:
    """No window of a second lets more through than the plan; at least 95 % of it is used while there is work."""
    rate, calls = 50, 220
    gate = Gate(rate * 60, clock.sleep)
    passed: list[float] = []
    todo = list(range(calls))

    def work() -> None:
        while todo:
            todo.pop()
            gate.enter()
            passed.append(clock.now)

    clock.run([work] * 8)
    assert len(passed) == calls
    assert all(later - earlier >= 1 for earlier, later in zip(passed, passed[rate:], strict=False))
    assert passed[-1] - passed[0] <= (calls // rate) / 0.95


def test_the_rate_is_one_of_seconds_that_pass() -> None:
    """By the machine's own clock, too: more calls than a second's are not done within it."""
    gate = Gate(20 * 60)
    started = time.monotonic()
    for _ in range(21):
        gate.enter()
    assert time.monotonic() - started >= 1


def test_a_closed_gate_lets_nobody_through() -> None:
    """One thread's 429 holds the others back, too."""
    gate = Gate(0)
    gate.close_for(0.2)
    gate.close_for(0.05)  # a shorter wait never opens it early
    passed: list[float] = []
    started = time.monotonic()
    threads = [threading.Thread(target=lambda: (gate.enter(), passed.append(time.monotonic()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 4
    assert min(passed) - started >= 0.2


def test_a_slow_plan_has_its_calls_at_once_and_then_waits_for_the_minute(clock: Clock) -> None:
    """Five a minute: no window of a minute has a sixth, and the wait is no longer than it must be."""
    passed: list[float] = []

    def calls() -> None:
        gate = Gate(5, clock.sleep)
        for _ in range(12):
            gate.enter()
            passed.append(clock.now)

    clock.run([calls])
    assert passed[4] < 1
    assert all(60 <= later - earlier < 63 for earlier, later in zip(passed, passed[5:], strict=False))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("123456789", 123_456_789.0),
        ("1234567890123", 123_456_789.0),
        ("\u0663", None),
        ("\u00b2", None),
        ("1.5", None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_digits(value: str | None, seconds: float | None) -> None:
    """Of ASCII; a number beyond all years is as good as three of them."""
    assert retry_after(value, None) == seconds


def test_without_the_servers_clock_this_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A date of a server that tells no time, or none that can be read."""
    monkeypatch.setattr("anthill.sources.polygon.rate_limit.time", SimpleNamespace(time=lambda: 1_402_084_800.0))
    assert [retry_after("Fri, 06 Jun 2014 20:00:30 GMT", date) for date in (None, "", "soon")] == [30.0] * 3
    assert http_date("Fri, 06 Jun 2014 20:00:30 GMT") == 1_402_084_830.0


@pytest.mark.parametrize(("rate", "at_once"), [(600, 10), (659, 10), (660, 11), (6000, 100)])
def test_from_ten_calls_a_second_on_a_window_is_a_second(clock: Clock, rate: int, at_once: int) -> None:
    """No more go out at once than a second has; the next waits for its end, and a little longer."""
    passed: list[float] = []

    def calls() -> None:
        gate = Gate(rate, clock.sleep)
        for _ in range(at_once + 1):
            gate.enter()
            passed.append(clock.now)

    clock.run([calls])
    assert passed[at_once - 1] < 0.5
    assert 1.01 <= passed[at_once] - passed[0] < 1.2


def test_below_it_a_window_is_a_minute(clock: Clock) -> None:
    """599 may go out at once."""
    passed: list[float] = []

    def calls() -> None:
        gate = Gate(599, clock.sleep)
        for _ in range(600):
            gate.enter()
            passed.append(clock.now)

    clock.run([calls])
    assert passed[598] < 1
    assert 60.6 <= passed[599] - passed[0] < 62


@pytest.mark.parametrize(("rate", "slow"), [(0, False), (1, True), (599, True), (600, False)])
def test_a_slow_gate_is_known(rate: int, slow: bool) -> None:
    """Where a call takes less time than its turn there is no use in making many at a time."""
    assert Gate(rate).is_slow is slow


@pytest.mark.parametrize(("seconds", "told"), [(5.0, False), (5.25, True), (90.0, True)])
def test_a_long_wait_is_told(clock: Clock, caplog: pytest.LogCaptureFixture, seconds: float, told: bool) -> None:
    """It is the result; five seconds are not worth a line."""
    caplog.set_level("INFO")
    gate, waited = Gate(0, clock.sleep), []
    gate.close_for(seconds)
    clock.run([lambda: waited.append(gate.enter())])
    assert waited == [seconds]
    line = f"Waited {seconds:.0f} s for the rate limit"
    assert [record.getMessage() for record in caplog.records] == ([line] if told else [])
    clock.run([lambda: waited.append(gate.enter())])
    assert waited == [seconds, 0.0]


def test_a_call_that_waited_for_its_turn_looks_at_the_gate_again(clock: Clock) -> None:
    """The API may have closed it meanwhile."""
    passed: list[float] = []
    gate = Gate(1, clock.sleep)

    def calls() -> None:
        for _ in range(2):
            gate.enter()
            passed.append(clock.now)

    def closes() -> None:
        clock.sleep(30)
        gate.close_for(100)

    clock.run([calls, closes])
    assert passed == [0.0, pytest.approx(130.0)]
