"""The messages that the source's own description has are rows of silver: each class's words, pairs and minutes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.test_stream_silver import frame, record

# From websocket.json of the vendor, word for word, with what each says: when, who, how much.
EXAMPLES: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "forex": (
        {"ev": "CA", "pair": "USD/EUR", "o": 0.8687, "c": 0.86889, "h": 0.86889, "l": 0.8686, "v": 20,
         "s": 1539145740000},
        "bar_start",
        "2018-10-10 04:29",
        {"ticker": "C:USDEUR", "open": 0.8687, "high": 0.86889, "low": 0.8686, "close": 0.86889, "volume": 20},
    ),
    "stocks": (
        {"ev": "AM", "sym": "GTE", "v": 4110, "av": 9470157, "op": 0.4372, "vw": 0.4488, "o": 0.4488, "c": 0.4486,
         "h": 0.4489, "l": 0.4486, "a": 0.4352, "z": 685, "s": 1610144640000, "e": 1610144700000},
        "window_start",
        "2021-01-08 22:24",
        {"ticker": "GTE", "open": 0.4488, "high": 0.4489, "low": 0.4486, "close": 0.4486, "volume": 4110,
         "vwap": 0.4488},
    ),
    "indices": (
        {"ev": "AM", "sym": "I:SPX", "op": 3985.67, "o": 3985.67, "c": 3985.67, "h": 3985.67, "l": 3985.67,
         "s": 1678220675805, "e": 1678220675805},
        "bar_start",
        "2023-03-07 20:24",
        {"ticker": "I:SPX", "open": 3985.67, "high": 3985.67, "low": 3985.67, "close": 3985.67},
    ),
}  # fmt: skip


@pytest.mark.parametrize("lake", EXAMPLES, indirect=True)
def test_an_example_is_a_row(lake: Lake, tmp_path: Path) -> None:
    """Twice the same bar, the second with another close, and a message of a channel that nobody reads."""
    message, start, minute, said = EXAMPLES[lake.asset_class]
    began = dt.datetime.fromisoformat(minute).replace(tzinfo=dt.UTC)
    other = frame({"ev": "T", "sym": "MSFT"})
    seconds = {61: [frame({**message, "c": 1.0})], 62: [other], 63: [frame(message)]}
    record(lake, tmp_path, seconds, began=began)
    loaded = lake.silver(began.date())["datasets"]["minute_stream"]
    assert [loaded[name] for name in ("bronze_rows", "silver_rows", "duplicates", "quarantined")] == [3, 1, 1, 1]
    (row,) = lake.table(f"silver.{lake.asset_class}_minute_stream").to_dicts()
    assert {name: row[name] for name in said} == said
    assert row[start].replace(tzinfo=dt.UTC) == began
    assert (row["revisions"], row["came"]) == (2, "late")
    # The day's own bar says the same; of another minute it has one that the stream lacks.
    stamp = int(began.timestamp()) * 1000
    rows = [{**{name: message[name] for name in "ohlcv" if name in message}, "t": stamp + at} for at in (0, 60_000)]
    rows = [{**bar, **({"vw": message["vw"]} if "vw" in message else {}), "n": 9} for bar in rows]
    lake.put("minute_bars", began.date(), rows, ticker=said["ticker"])
    lake.silver(began.date(), commits=[at for (name, *_), at in lake.commits.items() if name == "minute_bars"])
    lake.reconcile(began.date())
    results = lake.table("quality.results").to_dicts()
    counted = {each["expectation"]: each["observed"] for each in results if each["compared_with"] == "minute_stream"}
    assert {name: counted[name] for name in ("stream_equal", "stream_corrected", "stream_only", "rest_only")} == {
        "stream_equal": 1,
        "stream_corrected": 0,
        "stream_only": 0,
        "rest_only": 1,
    }
    assert counted["stream_late"] == 1
