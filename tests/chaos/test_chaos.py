"""A short night of chaos; `make chaos` has the long ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chaos.__main__ import disturb, disturb_sources
from tests.chaos.faults import Night


@pytest.mark.skipif(not os.environ.get("ANTHILL_STACK"), reason="takes minutes: `make test-stack`")
def test_nothing_is_lost_in_two_nights(tmp_path: Path) -> None:
    """Faults, kills, copies and a stale backfill: bronze, silver and gold are what they are without all that.

    In the second a load comes in while gold computes, and cannot be checked: gold shows neither before it was.
    """
    assert disturb(tmp_path, seed=32, seconds=3600, nights=2) == []


@pytest.mark.long
@pytest.mark.skipif(not os.environ.get("ANTHILL_STACK"), reason="takes minutes: `make test-stack LONG=1`")
def test_the_sources_arrive_in_two_nights(tmp_path: Path) -> None:
    """Broken connections, faults and kills: bronze and silver are what ToteSys and ENEM say, of the newest edition."""
    assert disturb_sources(tmp_path, seed=58, nights=2) == []


def test_a_seed_is_its_faults() -> None:
    """The same seed plays the same faults to the same requests, whatever else is asked between them."""
    asked = [("PUT", f"/bucket/key{number}", {}) for number in range(300)]

    def played(calls: list[tuple[str, str, dict[str, str]]]) -> dict[str, object]:
        choose = Night("7 1").s3()
        return {path: choose(method, path, headers) for method, path, headers in calls}

    assert played(asked) == played(asked[::-1])
    assert any(played(asked).values())
    assert (Night("7 1").api(), Night("7 1").kills("x")) == (Night("7 1").api(), Night("7 1").kills("x"))
    assert Night("7 1").api() != Night("8 1").api()
