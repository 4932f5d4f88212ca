"""Tasks, each with a gate of its own, share one key's rate by the slots of the pool that they hold."""

from __future__ import annotations

import pytest

from anthill.sources.polygon.hook import share
from anthill.sources.polygon.rate_limit import Gate

from .clock import Clock


def test_two_tasks_stay_within_the_plan_and_use_it(clock: Clock) -> None:
    """Three of four slots and one of four, 100 calls a second: no second has more, and 95 % of them are used."""
    rate, seconds = 100, 4.0
    passed: list[float] = []

    def calls(gate: Gate) -> None:
        while clock.now < seconds:
            gate.enter()
            passed.append(clock.now)

    gates = [Gate(share(rate * 60, slots, 4), clock.sleep) for slots in (3, 1)]
    clock.run([lambda gate=gate: calls(gate) for gate in gates for _ in range(4)])
    assert all(later - earlier >= 1 for earlier, later in zip(passed, passed[rate:], strict=False))
    assert len([moment for moment in passed if moment < seconds]) >= 0.95 * rate * seconds


@pytest.mark.parametrize(
    ("rate", "slots", "of_slots", "part"),
    [(5, 1, 1, 5), (6000, 4, 4, 6000), (6000, 1, 4, 1500), (0, 1, 4, 0), (10, 9, 2, 10), (7, 1, 2, 3)],
)
def test_a_part_is_whole_and_never_more_than_the_rate(rate: int, slots: int, of_slots: int, part: int) -> None:
    """Slots beyond the pool get no more than all of it; no limit stays none."""
    assert share(rate, slots, of_slots) == part


def test_more_slots_than_calls_are_refused() -> None:
    """Nobody could make a call; the message says which option to change."""
    with pytest.raises(ValueError, match=r"5 requests a minute cannot be shared by 8 slots.*pool_slots 5 or fewer"):
        share(5, 1, 8)
