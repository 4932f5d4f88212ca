"""The notebooks of research/: cell by cell over a small gold, as Jupyter and as Databricks run them."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from anthill import reader
from tests.local.databricks.workspace import TOKEN, Workspace
from tests.research import planted
from tests.research.planted import CORRELATION, SERIES, Market

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {file.stem: file for file in sorted((ROOT / "research").glob("*.ipynb"))}
FRAMES = {
    "event_study": ("study", "parts"),
    "volatility_forecast": ("quarters", "verdict"),
    "cross_asset_correlation": ("correlations", "quarters"),
}
Names = dict[str, Any]


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the planted gold, named by the variables of Databricks' tools."""
    folder = tmp_path_factory.mktemp("research")
    planted.write(folder / "lake" / "gold")
    running = Workspace(folder, ["--python-path", str(ROOT / "plugins")]).start()
    with pytest.MonkeyPatch.context() as named:
        named.setenv("DATABRICKS_HOST", running.url)
        named.setenv("DATABRICKS_WAREHOUSE_ID", "local")
        named.setenv("DATABRICKS_TOKEN", TOKEN)
        named.setattr(reader, "_session", lambda: None)  # another test's session of Spark is no notebook's
        yield running
    running.stop()


@pytest.fixture(scope="module")
def results(gold: Workspace) -> dict[str, Names]:
    """What each notebook has at its end, read from the warehouse."""
    return {name: run(name) for name in NOTEBOOKS}


def cells(name: str, kind: str = "code") -> list[str]:
    """The text of a notebook's cells."""
    held = json.loads(NOTEBOOKS[name].read_text())["cells"]
    return ["".join(cell["source"]) for cell in held if cell["cell_type"] == kind]


def run(name: str, **changed: Any) -> Names:
    """All code cells in order; what is `changed` is so after the first one."""
    names: Names = {}
    for number, cell in enumerate(cells(name)):
        exec(compile(cell, f"{name}[{number}]", "exec"), names)
        if not number:
            assert set(changed) <= set(names)
            names |= changed
    return names


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_its_file_is_a_notebook_without_results(name: str) -> None:
    """Of a format that has ids, whose cells nobody has run, and whose limits are written above its first code."""
    held = json.loads(NOTEBOOKS[name].read_text())
    assert (held["nbformat"], held["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in held["cells"]}) == len(held["cells"])
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", cell["id"]) for cell in held["cells"])
    code = [cell for cell in held["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    told = cells(name, "markdown")
    assert told[0].startswith("# ")
    assert [text.partition("\n")[0] for text in (told[1], told[-1])] == [
        "## The data and their limits",
        "## What it shows, and what not",
    ]
    for limit in ("Point in time", "urviv", "rror" if name != "cross_asset_correlation" else "Intervals"):
        assert limit in told[1]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_databricks_gives_the_same(gold: Workspace, results: dict[str, Names], name: str) -> None:
    """The same text, with the notebook's session of Spark in the place of a warehouse."""
    asked = ", ".join(f"{frame}.write_json()" for frame in FRAMES[name])
    path = gold.notebook(name, *cells(name), f"import json\ndbutils.notebook.exit(json.dumps([{asked}]))")
    there = [json.loads(text) for text in json.loads(gold.result(path))]
    for frame, rows in zip(FRAMES[name], there, strict=True):
        here = json.loads(results[name][frame].write_json())
        assert len(rows) == len(here) > 0
        for mine, theirs in zip(here, rows, strict=True):
            words = {column for column, value in mine.items() if not isinstance(value, float)}
            assert {column: theirs[column] for column in words} == {column: mine[column] for column in words}
            assert [theirs[column] for column in mine.keys() - words] == pytest.approx(
                [mine[column] for column in mine.keys() - words], rel=1e-9, abs=1e-12
            )


def test_the_event_study_finds_what_was_planted(results: dict[str, Names]) -> None:
    """The mean over days of the means over events, cash no event, a rename no end, a delisting one."""
    names = results["event_study"]
    study = {(row["kind"], row["day"]): row for row in names["study"].to_dicts()}
    assert {day for kind, day in study if kind == "split"} == set(range(-10, 11))
    # A day with jumps of 0.02 and 0.04, and one with 0.05: the means 0.03 and 0.05, half of their distance the error.
    found = study["split", 0]
    assert (found["events"], found["days"]) == (3, 2)
    assert found["mean"] == pytest.approx(0.04)
    assert found["error"] == pytest.approx(0.01)
    for day in set(range(-10, 11)) - {0}:
        assert study["split", day]["mean"] == pytest.approx(0, abs=1e-12)
        assert study["split", day]["events"] == 3
    reverse = {day: row["mean"] for (kind, day), row in study.items() if kind == "reverse split"}
    assert reverse == pytest.approx(
        dict.fromkeys(range(-10, 0), -0.01) | {0: -0.1} | dict.fromkeys(range(1, planted.ENDS_AFTER + 1), 0), abs=1e-12
    )
    parts = {(row["kind"], row["part"]): row for row in names["parts"].to_dicts()}
    assert parts["reverse split", "before"]["mean"] == pytest.approx(-0.1)
    on_the_day = parts["split", "on the day"]
    assert [on_the_day[column] for column in ("mean", "error", "median")] == pytest.approx([0.04, 0.01, 0.04])
    assert parts["split", "after"]["mean"] == pytest.approx(0, abs=1e-12)


def _loss(actual: float, forecast: float) -> float:
    """QLIKE, whose variances are not below 1e-8."""
    ratio = max(actual, 1e-8) / max(forecast, 1e-8)
    return ratio - math.log(ratio) - 1


def _fitted(rows: list[dict[str, Any]]) -> tuple[list[float], float]:
    """HAR's weights by the normal equations, and the mean of what is to what it says."""
    given = np.array([_regressors(row) for row in rows])
    wanted = np.array([math.log(max(row["actual"] / row["variance_252d"], 1e-4)) for row in rows])
    weights = np.linalg.solve(given.T @ given, given.T @ wanted)
    return list(weights), float(np.mean(np.exp(wanted - given @ weights)))


def _regressors(row: dict[str, Any]) -> list[float]:
    own = row["variance_252d"]
    logs = [math.log(max(row[f"variance_{days}d"] / own, 1e-4)) for days in (1, 5, 22)]
    return [1.0, *logs, min(max(row["return_1d"] / math.sqrt(own), -5), 0)]


def _known(lake: Path) -> list[dict[str, Any]]:
    """The rows of the features that have all, with what came of the next day of the table and its quarter."""
    rows = pl.read_delta(str(lake / "gold" / "stocks_volatility_features")).to_dicts()
    days = sorted({row["market_date"] for row in rows})
    following = dict(pairwise(days))
    held = {(row["security"], row["market_date"]): row["variance_1d"] for row in rows}
    found = []
    for row in rows:
        over = following.get(row["market_date"])
        needed = [row[name] for name in row if name.startswith(("variance_", "return_", "squared_"))]
        actual = held.get((row["security"], over))
        if row["is_liquid"] and actual is not None and None not in needed:
            quarter = (row["market_date"].year, (row["market_date"].month - 1) // 3)
            found.append({**row, "over": over, "actual": actual, "quarter": quarter})
    return found


Losses = dict[str, dict[dt.date, list[float]]]


def _judged(known: list[dict[str, Any]]) -> tuple[list[dict[str, float]], Losses]:
    """Each quarter that has 250 rows before it, whose next day was over when it began; and the losses by day."""
    losses: Losses = {"har": {}, "mean_22d_of_range": {}, "mean_20d": {}}
    quarters = []
    for quarter in sorted({row["quarter"] for row in known}):
        asked = [row for row in known if row["quarter"] == quarter]
        start = min(row["market_date"] for row in asked)
        before = [row for row in known if row["over"] < start]
        if len(before) < 250:
            continue
        weights, scale = _fitted(before)
        lost = dict.fromkeys(losses, 0.0)
        for row in asked:
            forecast = {
                "har": scale * math.exp(float(np.dot(weights, _regressors(row)))) * row["variance_252d"],
                "mean_22d_of_range": row["variance_22d"],
                "mean_20d": row["squared_return_20d"],
            }
            for name, value in forecast.items():
                losses[name].setdefault(row["market_date"], []).append(_loss(row["actual"], value))
                lost[name] += losses[name][row["market_date"]][-1] / len(asked)
        quarters.append({**lost, "rows": len(asked), "ratio": lost["har"] / lost["mean_20d"]})
    return quarters, losses


def _same(quarters: list[dict[str, float]], found: pl.DataFrame) -> None:
    for wanted, row in zip(quarters, found.to_dicts(), strict=True):
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, rel=1e-9)


def test_the_forecast_is_judged_by_qlike_and_fitted_to_what_was_over(
    gold: Workspace, results: dict[str, Names]
) -> None:
    """Losses, ratio and error of every quarter by their definitions, row by row."""
    names = results["volatility_forecast"]
    quarters, losses = _judged(_known(gold.folder / "lake"))
    assert len(quarters) == 5
    _same(quarters, names["quarters"])
    verdict = {row["har against"]: row for row in names["verdict"].to_dicts()}
    by_day = {name: [float(np.mean(each)) for _, each in sorted(of.items())] for name, of in losses.items()}
    for name in ("mean_20d", "mean_22d_of_range"):
        gaps = [mine - theirs for mine, theirs in zip(by_day["har"], by_day[name], strict=True)]
        assert verdict[name]["ratio"] == pytest.approx(sum(by_day["har"]) / sum(by_day[name]))
        assert verdict[name]["difference"] == pytest.approx(sum(gaps) / len(gaps))
        assert verdict[name]["error"] == pytest.approx(_newey_west(gaps, 5))
    # The simulated variance is what a HAR is made for.
    assert verdict["mean_20d"]["difference"] < -2 * verdict["mean_20d"]["error"]


def _newey_west(values: list[float], lags: int) -> float:
    """The standard error of a mean, by the sum over all pairs of days that are no more than the lags apart."""
    mean, total = sum(values) / len(values), 0.0
    for first, one in enumerate(values):
        for second in range(max(0, first - lags), min(len(values), first + lags + 1)):
            total += (1 - abs(first - second) / (lags + 1)) * (one - mean) * (values[second] - mean)
    return math.sqrt(total) / len(values)


def test_correlations_are_those_that_were_planted(results: dict[str, Names]) -> None:
    """Weekends are added up, a missing return leaves its days out, and intervals are as wide as theory has them."""
    names = results["cross_asset_correlation"]
    moves = np.delete(Market().moves, planted.LOST, axis=0)
    weeks = moves[: len(moves) // 5 * 5].reshape(-1, 5, 3).sum(axis=1)
    found = {(row["pair"], row["step"]): row for row in names["correlations"].to_dicts()}
    assert len(found) == 6
    for (first, second), wanted in CORRELATION.items():
        day, week = found[f"{first} {second}", "day"], found[f"{first} {second}", "week"]
        assert day["correlation"] == pytest.approx(wanted, abs=1e-9)
        assert (day["rows"], week["rows"]) == (len(moves), len(weeks))
        assert day["low"] < wanted < day["high"]
        normal = 2 * 1.96 * (1 - wanted**2) / math.sqrt(len(moves))  # of independent normal returns, as these are
        assert day["high"] - day["low"] == pytest.approx(normal, rel=0.25)
        of_weeks = np.corrcoef(weeks[:, SERIES.index(first)], weeks[:, SERIES.index(second)])[0, 1]
        assert week["correlation"] == pytest.approx(of_weeks, abs=1e-9)
        assert week["high"] - week["low"] > day["high"] - day["low"]
    quarters = names["quarters"].to_dicts()
    assert sum(row["days"] for row in quarters) == len(moves)
    first_days = quarters[0]["days"]
    of_first = np.corrcoef(moves[:first_days, 0], moves[:first_days, 1])[0, 1]
    assert quarters[0]["SPY X:BTCUSD"] == pytest.approx(of_first, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("event_study", {"FIRST": "2025-01-02"}, "gold has no split on these market days"),
        ("event_study", {"BENCHMARK": "NONE"}, "gold.stocks_daily_returns has no NONE on these market days"),
        ("volatility_forecast", {"FIRST": "2023-04-10"}, "no quarter has 250 rows before it"),
        ("cross_asset_correlation", {"FIRST": "2025-12-01"}, "19 days with a return of all three, 30 are needed"),
        (
            "cross_asset_correlation",
            {"SERIES": {"C:NONE": ("forex", "simple_return")}},
            "forex_daily_returns has no C:NONE",
        ),
    ],
)
@pytest.mark.usefixtures("gold")
def test_what_gold_lacks_is_told(name: str, changed: Names, said: str) -> None:
    """A short gold, as a demo's three days, or a series that is not there ends a notebook with what to do."""
    with pytest.raises(ValueError, match=said):
        run(name, **changed)


def test_what_was_not_known_in_time_can_be_left_out(gold: Workspace) -> None:
    """A late row is neither judged nor fitted to."""
    names = run("volatility_forecast", KNOWN_IN_TIME=True)
    known = [row for row in _known(gold.folder / "lake") if not row["is_late"]]
    assert min(row["market_date"] for row in known) == planted.KNOWN_FROM
    quarters, _ = _judged(known)
    assert len(quarters) == 2
    _same(quarters, names["quarters"])
