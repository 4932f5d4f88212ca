"""How a recorder is, for whoever asks over HTTP: /health for a container's check, /metrics for Prometheus."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Health:
    """What a recorder tells of itself; times in UTC."""

    state: str = "starting"  # starting, waiting (for the lease), connecting, recording, stopped
    why: str = ""  # of the last fault
    last_frame: dt.datetime | None = None
    last_commit: dt.datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)  # frames, segments, connections, faults
    spooled: int = 0  # bytes that S3 does not have yet

    @property
    def is_well(self) -> bool:
        """Whether it records, or waits because another one does."""
        return self.state in {"recording", "waiting"}

    def metrics(self) -> str:
        """As Prometheus reads it."""
        lines = [f"anthill_recorder_{name}_total {count}" for name, count in sorted(self.counts.items())]
        lines += [f"anthill_recorder_spooled_bytes {self.spooled}", f"anthill_recorder_recording {int(self.is_well)}"]
        for name, moment in (("frame", self.last_frame), ("commit", self.last_commit)):
            if moment:
                lines.append(f"anthill_recorder_last_{name}_seconds {moment.timestamp():.0f}")
        return "\n".join(lines) + "\n"


def site(health: Health) -> web.Application:
    """The two pages."""

    async def show(_: web.Request) -> web.Response:
        told = {
            "state": health.state,
            "why": health.why,
            "last_frame": health.last_frame and health.last_frame.isoformat(),
            "last_commit": health.last_commit and health.last_commit.isoformat(),
            "spooled_bytes": health.spooled,
            **health.counts,
        }
        return web.json_response(told, status=200 if health.is_well else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(text=health.metrics(), content_type="text/plain")

    app = web.Application()
    app.add_routes([web.get("/health", show), web.get("/metrics", metrics)])
    return app
