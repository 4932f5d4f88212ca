"""Faults that the source itself sends, over HTTP to bronze, silver and gold: told by kind, and corrected later."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill.calendars import market_days
from benchmarks.anomalies import FINDS, measured
from benchmarks.panel import KINDS, Fault, planted
from tests.local.polygon.serving import GROUPED, Server, serving
from tests.oracle.scheduled import Environment
from tests.plugins.anthill.lakehouse.lake import Lake

DAYS = market_days("XNYS", dt.date(2025, 9, 2), dt.date(2025, 11, 26))  # none of the scripted events is in them
SIZE = ("--stocks", "150", "--otc", "1", "--underlyings", "1", "--crypto", "1", "--indices", "1", "--no-limits")
EACH = 6  # of a kind
# How many of them are told. A close a tenth off is within what a wild share does, and a volume a hundred times too
# large within seven deviations of one whose volume swings by two thirds of itself and more.
LEAST = {"bad_close": 4, "bad_high_or_low": 6, "split_missing": 6, "stale": 6, "volume_unit": 5}
VALUES = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}

pytestmark = pytest.mark.timeout(3600)


@dataclass
class Scene:
    """What was planted, what was told of it, and the environment that it went through."""

    faults: list[Fault]
    rules: dict[tuple[str, dt.date], dict[str, Any]]
    script: Path
    environment: Environment
    tickers: int
    told: list[dict[str, Any]]

    def plant(self, *, but: Iterable[tuple[str, dt.date]] = ()) -> None:
        """The simulator's script of faults, without those of some bars."""
        left = set(but)
        self.script.write_text(json.dumps([rule for bar, rule in self.rules.items() if bar not in left]))


def panel(pages: dict[dt.date, list[dict[str, Any]]]) -> pl.DataFrame:
    """The bars of all that trades on each of the days."""
    always = set.intersection(*({bar["T"] for bar in page} for page in pages.values()))
    rows = [
        {"ticker": bar["T"], "market_date": day, "session": at, **{VALUES[key]: float(bar[key]) for key in VALUES}}
        for at, (day, page) in enumerate(pages.items()) for bar in page if bar["T"] in always
    ]  # fmt: skip
    return pl.DataFrame(rows).sort("session", "ticker")


def scripted(pages: dict[dt.date, list[dict[str, Any]]], clean: pl.DataFrame, wrong: pl.DataFrame) -> Iterator[Any]:
    """A fault of the simulator for each bar that was made wrong, by its bar."""
    places = {(bar["T"], day): at for day, page in pages.items() for at, bar in enumerate(page)}
    for before, after in zip(clean.to_dicts(), wrong.to_dicts(), strict=True):
        if before != after:
            bar = after["ticker"], after["market_date"]
            values = {key: after[name] for key, name in VALUES.items()}
            row = {"at": places[bar], "set": values | {"vw": (after["high"] + after["low"]) / 2}}
            yield bar, {"match": {"path": f"^{GROUPED}/{bar[1]}$"}, "then": {"row": row}}


@pytest.fixture(scope="module")
def scene(sail: str, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A quarter of a small market, in whose answers faults of each kind are scripted, in gold."""
    folder = tmp_path_factory.mktemp("planted")
    for name in ("lake", "server"):
        (folder / name).mkdir()
    script = folder / "faults.json"
    script.write_text("[]")
    s3.create_bucket(Bucket="planted")
    lake = Lake(sail, folder / "lake")
    lake.only("anomalies", datasets=("ticker_events",))
    with serving(folder / "server", *SIZE, "--clock", "22:30", "--faults", str(script)) as server:
        pages = asked(server)
        clean = panel(pages)
        wrong, faults = planted(clean, EACH, seed=3)
        rules = dict(scripted(pages, clean, wrong))
        tickers = max(map(len, pages.values()))
        scene = Scene(faults, rules, script, Environment(server, s3, "planted", lake), tickers, [])
        scene.plant()
        scene.environment.backfill(DAYS[0], DAYS[-1])
        lake.gold(DAYS[0], DAYS[-1])
        scene.told += lake.table("gold.stocks_anomalies").to_dicts()
        yield scene
    lake.close()


def asked(server: Server) -> dict[dt.date, list[dict[str, Any]]]:
    """The bars of each day as the source would give them without a fault."""
    server.move(today=str(DAYS[-1]), time="22:30")
    return {day: server.page(f"{GROUPED}/{day}?adjusted=false")["results"] for day in DAYS}


def test_each_kind_is_told_and_little_else(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """As many of each kind as can be, and four alarms of five are faults, of which a whole market has fifty a day."""
    lines = measured(scene.told, scene.faults, DAYS, scene.tickers)
    with capsys.disabled():
        print("", f"{len(scene.faults)} faults in {len(scene.rules)} bars of {scene.tickers} tickers", *lines, sep="\n")
    said = {(row["ticker"], row["market_date"], row["reason"]) for row in scene.told}
    for kind in KINDS:
        of_kind = [fault for fault in scene.faults if fault.kind == kind]
        caught = [
            fault for fault in of_kind
            if any((fault.ticker, DAYS[at], reason) in said for at in fault.sessions for reason in FINDS[kind])
        ]  # fmt: skip
        assert len(caught) >= LEAST[kind], (kind, set(of_kind) - set(caught))
    wrong = {(fault.ticker, DAYS[at]) for fault in scene.faults for at in fault.sessions}
    alarms = {(ticker, day) for ticker, day, _ in said}
    assert len(alarms & wrong) / len(alarms) >= 0.8, alarms - wrong
    assert len(alarms) / len(DAYS) / scene.tickers * 11_000 <= 50
    assert all(row["corrected_at"] is None for row in scene.told)


def test_what_the_source_corrects_stays_told_and_says_so(scene: Scene) -> None:
    """An answer without some of the faults: their rows say when, and which object had them; others nothing."""
    chosen = {}
    for kind in ("bad_close", "bad_high_or_low", "volume_unit"):
        for fault in scene.faults:
            if fault.kind == kind:
                chosen[fault.ticker, DAYS[fault.sessions[0]]] = FINDS[kind]
                break
    days = sorted({day for _, day in chosen})
    scene.plant(but=chosen)
    scene.environment.land(days, "stocks", ["grouped_daily"])
    lake = scene.environment.lake
    for day in days:
        lake.run(day)
    rows = lake.table("gold.stocks_anomalies").to_dicts()
    for bar, reasons in chosen.items():
        (row, *_) = [row for row in rows if (row["ticker"], row["market_date"]) == bar and row["reason"] in reasons]
        assert row["corrected_at"] is not None, bar
        assert row["source_uri"].endswith(f"grouped_daily/date={bar[1]}/r000001.jsonl.gz")
    stands = [
        row for row in rows if (row["ticker"], row["market_date"]) not in chosen and row["reason"] == "split_ratio"
    ]
    assert stands
    assert all(row["corrected_at"] is None for row in stands)
