"""What a recorder tells over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from aiohttp.test_utils import TestClient, TestServer

from anthill.recorder.health import Health, site


async def asked(health: Health, path: str) -> tuple[int, str]:
    """Status and text of a page."""
    async with TestClient(TestServer(site(health))) as client:
        answer = await client.get(path)
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("state", "status"),
    [("recording", 200), ("waiting", 200), ("connecting", 503), ("starting", 503), ("stopped", 503)],
)
def test_only_who_records_or_waits_is_well(state: str, status: int) -> None:
    """A container's check reads the status alone; the body says why."""
    code, text = asyncio.run(asked(Health(state=state, why="closed with 1006"), "/health"))
    assert code == status
    assert '"why": "closed with 1006"' in text


def test_metrics_are_prometheus_lines() -> None:
    """A name and a number each, with the moments of the last frame and commit as seconds."""
    health = Health(state="recording", last_frame=dt.datetime(2026, 11, 27, 15, tzinfo=dt.UTC), spooled=7)
    health.counts.update({"frames": 3})
    code, text = asyncio.run(asked(health, "/metrics"))
    assert code == 200
    assert dict(line.split() for line in text.splitlines()) == {
        "anthill_recorder_frames_total": "3",
        "anthill_recorder_spooled_bytes": "7",
        "anthill_recorder_recording": "1",
        "anthill_recorder_last_frame_seconds": "1795791600",
    }
