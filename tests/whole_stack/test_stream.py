"""Twenty minutes of a stream, cut and killed, through its DAG: gaps have causes, and nothing differs from REST."""

from __future__ import annotations

import datetime as dt

from local import connections, demo
from local.polygon_stream import recorded
from local.stack import Stack

DAY = "2026-06-13"


def test_a_recorded_day_is_settled(stack: Stack) -> None:
    """What the demo's summary says of it is what the warehouse has; no key is in a log."""
    api, day = stack.api(), dt.date.fromisoformat(DAY)
    api.wait_for_dag(recorded.NAME)
    api.patch(f"/dags/{recorded.NAME}", {"is_paused": False})
    progress = demo.Progress(demo.tell)
    demo.watch(stack, api, [demo.market_day(api, recorded.NAME, day)], progress)
    numbers = recorded.take(stack, api, progress, day)
    assert numbers["missing"] == []
    bars = numbers["bars"]
    where = f"WHERE market_date = DATE'{DAY}'"
    (rest,) = stack.warehouse().records(f"SELECT count(*) AS bars FROM silver.crypto_minute_bars {where}")
    assert bars["stream_equal"] + bars["stream_corrected"] == rest["bars"]
    assert bars["stream_live"] + bars["stream_late"] + bars["stream_by_rest"] == rest["bars"]
    assert bars["stream_live"] >= 40
    whole = "SELECT ticker, bar_start, open, high, low, close, volume, vwap FROM silver.crypto_minute"
    days = f"AND CAST(bar_start AS DATE) = DATE'{DAY}'"
    differ = stack.warehouse().records(
        f"SELECT count(*) AS bars FROM ({whole}_stream {where} {days} EXCEPT {whole}_bars {where})"
    )
    assert differ == [{"bars": bars["stream_corrected"]}]
    causes = [gap.partition("UTC: ")[2] for gap in numbers["gaps"]]
    assert [cause.partition(" ")[0] for cause in causes] == ["nobody", "closed", "killed", "stopped"]
    said = "\n".join(recorded.lines(numbers))
    assert f"{bars['stream_live']:,} came live" in said
    assert "nothing differs from REST" in said
    for log in (stack.run / "recorder.log", stack.run / "stream.log"):
        assert connections.POLYGON_KEY not in log.read_text()
