"""A recorder's numbers are what CloudWatch makes metrics of."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema
import pytest

from anthill.recorder.health import Health
from anthill.recorder.metrics import Metrics
from anthill.recorder.stream import Stream

STOCKS = Stream("stocks", "minute_stream", "XNYS", ("AM.*",))
OPEN = dt.datetime(2026, 11, 27, 14, 30, tzinfo=dt.UTC)  # 9:30 in New York
# What AWS's specification of the embedded metric format says of a document.
EMBEDDED: dict[str, Any] = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {"type": "string"},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "properties": {"Unit": {"enum": ["Bytes", "Count", "Seconds"]}},
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}


def told(metrics: Metrics, seconds: float = 0, refused: bool = False) -> dict[str, Any]:
    """A line so long after the market opened."""
    read: dict[str, Any] = json.loads(metrics.line(OPEN + dt.timedelta(seconds=seconds), refused))
    return read


def test_a_line_is_one_that_cloudwatch_takes() -> None:
    """By the specification; each dimension is a text of the line, each metric a number; no newline ends it early."""
    line = Metrics(STOCKS, Health(state="recording", why="closed\nwith 1006")).line(OPEN)
    assert "\n" not in line
    read = json.loads(line)
    jsonschema.validate(read, EMBEDDED)
    (named,) = read["_aws"]["CloudWatchMetrics"]
    assert read["_aws"]["Timestamp"] == 1795789800000
    assert (named["Namespace"], named["Dimensions"], read["AssetClass"]) == ("Anthill", [["AssetClass"]], "stocks")
    assert all(isinstance(read[each["Name"]], int | float) for each in named["Metrics"])


def test_what_is_counted_is_since_the_line_before() -> None:
    """A sum over minutes is what happened in them."""
    health = Health(state="recording", spooled=7)
    metrics = Metrics(STOCKS, health)
    health.counts.update({"frames": 3, "segments": 1, "faults": 2, "connections": 1})
    first = told(metrics)
    health.counts.update({"frames": 4})
    second = told(metrics, 60)
    counted = ("StreamFrames", "StreamSegments", "StreamFaults")
    assert [[line[name] for name in counted] for line in (first, second)] == [[3, 1, 2], [4, 0, 0]]
    assert (first["StreamSpooled"], second["StreamSpooled"]) == (7, 7)


@pytest.mark.parametrize(
    ("state", "since", "frame", "at", "silence"),
    [
        ("recording", 0, 50, 60, 10),  # seconds after the opening: begun, last frame, asked
        ("connecting", 0, None, 180, 180),  # nothing ever came
        ("connecting", 0, -3600, 180, 180),  # hours before the opening are no silence
        ("waiting", 0, None, 180, 0),  # another one records
        ("recording", -7200, -7000, -3600, 0),  # the market is closed
        ("recording", 60, 200, 150, 0),  # the machine's clock is behind S3's
    ],
)
def test_silence_is_counted_while_the_market_is_open(
    state: str, since: float, frame: float | None, at: float, silence: float
) -> None:
    """From the last frame, or from when there could have been one."""
    health = Health(state=state, last_frame=None if frame is None else OPEN + dt.timedelta(seconds=frame))
    metrics = Metrics(STOCKS, health)
    told(metrics, since)
    assert told(metrics, at)["StreamSilence"] == silence


def test_each_opening_counts_anew() -> None:
    """A night between two sessions is no silence of the second."""
    metrics = Metrics(STOCKS, Health(state="connecting"))
    assert [told(metrics, seconds)["StreamSilence"] for seconds in (0, 60)] == [0, 60]
    monday = 3 * 86_400
    assert [told(metrics, monday + seconds)["StreamSilence"] for seconds in (-60, 0, 60)] == [0, 0, 60]


def test_a_refusal_is_told_once() -> None:
    """It is the last line of a recorder that ends for good."""
    metrics = Metrics(STOCKS, Health(state="stopped"))
    assert [told(metrics)["StreamRefused"], told(metrics, refused=True)["StreamRefused"]] == [0, 1]
