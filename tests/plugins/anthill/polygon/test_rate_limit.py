"""The gate, and what Retry-After asks for."""

from __future__ import annotations

import email.utils
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.polygon.plans import per_minute
from anthill.polygon.rate_limit import Gate, http_date, retry_after

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
