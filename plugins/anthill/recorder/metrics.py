"""A recorder's numbers as a line that CloudWatch makes metrics of, in its embedded metric format."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import msgspec

from anthill.recorder.health import Health
from anthill.recorder.stream import Stream

EVERY = 60.0  # seconds between two lines
_NAMESPACE, _OF = "Anthill", "AssetClass"
_UNITS = {
    "StreamFrames": "Count",
    "StreamSegments": "Count",
    "StreamFaults": "Count",
    "StreamSpooled": "Bytes",
    "StreamSilence": "Seconds",
    "StreamRefused": "Count",
}


class Metrics:
    """What happened between two lines: alarms look at it, so a recorder that tells nothing is one that does not run."""

    def __init__(self, stream: Stream, health: Health) -> None:
        self._stream, self._health = stream, health
        self._told: Counter[str] = Counter()
        self._heard: dt.datetime | None = None  # or since when it could have been

    def line(self, now: dt.datetime, refused: bool = False) -> str:
        """The numbers since the line before, at a moment (UTC)."""
        values = {
            **{f"Stream{name.title()}": count for name, count in self._since(("frames", "segments", "faults")).items()},
            "StreamSpooled": self._health.spooled,
            "StreamSilence": self._silence(now),
            "StreamRefused": int(refused),
        }
        told = {
            "Namespace": _NAMESPACE,
            "Dimensions": [[_OF]],
            "Metrics": [{"Name": n, "Unit": _UNITS[n]} for n in values],
        }
        head = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [told]}
        about = {_OF: self._stream.asset_class, "state": self._health.state, "why": self._health.why}
        return msgspec.json.encode({"_aws": head, **about, **values}).decode()

    def _since(self, names: tuple[str, ...]) -> dict[str, int]:
        counted = {name: self._health.counts[name] - self._told[name] for name in names}
        self._told.update(counted)
        return counted

    def _silence(self, now: dt.datetime) -> float:
        """Seconds without a frame while the market is open, and nobody else is the one who records."""
        if not self._stream.in_session(now) or self._health.state == "waiting":
            self._heard = None
            return 0.0
        self._heard = max(filter(None, (self._heard or now, self._health.last_frame)))
        return max((now - self._heard).total_seconds(), 0.0)
