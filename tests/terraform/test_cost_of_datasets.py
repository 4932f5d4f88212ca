"""What a dataset costs a market day: its part of the environment's bill, by what a demo counted."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from terraform.cost import datasets
from terraform.cost.__main__ import PAGE, read
from terraform.cost.bill import Bill
from terraform.root import environments

PRICES, USAGE = read("prices"), read("usage")
FOUND = datasets.measured()
EACH = pytest.mark.parametrize("environment", environments())
# Lines that grow with readers, deliveries or the number of jobs, and with no dataset.
OF_OTHERS = ("Traffic out", "Request metrics", "Athena", "Databricks SQL", "GitHub", datasets.STARTING)


@EACH
def test_every_line_that_grows_is_somebodys(environment: str) -> None:
    """Each line of a working month that costs more than in an idle one is one kind of datasets', or of others."""
    kinds = [*datasets.GROWING.values(), OF_OTHERS]
    bills = (Bill(PRICES, USAGE, environment, flag).lines() for flag in (False, True))
    for idle, working in zip(*bills, strict=True):
        owners = [kind for kind in kinds if working.what.startswith(kind)]
        assert len(owners) == 1 or (working.dollars == idle.dollars and len(owners) == 0), working.what


@EACH
def test_the_parts_of_datasets_make_the_whole(environment: str) -> None:
    """Datasets that together take what the environment's market day takes cost together what it costs for data."""
    does = USAGE["environments"][environment]["working"]
    classes = USAGE["environments"][environment]["asset_classes"]
    found = {name: {} for name in classes}
    rows, objects = does["rows_a_day"], does["objects_a_day"]
    found[classes[0]] = {
        "a": {"rows": rows * 0.7, "bytes": rows * 0.7 * USAGE["bytes_a_row"]["gzip"], "objects": objects * 0.1},
        "b": {"rows": rows * 0.3, "bytes": rows * 0.3 * USAGE["bytes_a_row"]["gzip"], "objects": objects * 0.9},
    }
    costs = list(datasets.costs(PRICES, USAGE, found, environment))
    idle, working = (Bill(PRICES, USAGE, environment, flag).lines() for flag in (False, True))
    others = [kind for kind in OF_OTHERS if kind != datasets.STARTING]
    grown = [w.dollars - i.dollars for i, w in zip(idle, working, strict=True) if not w.what.startswith(tuple(others))]
    assert sum(dollars for *_, dollars in costs) * USAGE["market_days"] == pytest.approx(sum(grown))


def test_a_row_a_byte_and_an_object_cost_what_they_do_by_hand() -> None:
    """Prod: 25 DBU for 930,000 rows, which lie twice for a year; bytes come in and lie; 900 objects of ten writes."""
    rate, rows = datasets.rates(PRICES, USAGE, "prod"), 930_000
    assert rate["rows"] == pytest.approx(25 * 0.45 / rows + 2 * 24 * 12 * 0.023 / 1e9)
    assert rate["bytes"] == pytest.approx(0.045 / 1e9 + 12 * 0.0125 / 1e9)
    requests = 0.01 / 1000 + 10 * (0.005 + 4 * 0.0004) / 1000
    secrets = 8 * 120 / 900  # reads an object: by the hours of its task
    keys = (10 * 5 / 1000 + secrets) / 10_000 * 0.03
    logs = 8 * 0.02 / 900 * (0.5 + 12 * 0.03)
    workers = 6 * 0.11 / 900
    assert rate["objects"] == pytest.approx(requests + secrets / 10_000 * 0.05 + keys + logs + workers)


def test_a_demos_count_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A market day is the mean of those that landed; what did not land is left out; the file says who wrote it."""
    monkeypatch.setattr(datasets, "MEASURED", tmp_path / "measured.yaml")
    held: dict[str, Any] = {
        "a": {"days": 2, "rows": 300, "bytes": 9001, "objects": 4},
        "b": {"days": 0, "rows": 0, "bytes": 0, "objects": 0},
        "c": {"days": 1, "rows": 0, "bytes": 57, "objects": 1},
    }
    summary = tmp_path / "summary.json"
    summary.write_text(json.dumps({"asset_classes": {"x": {"bronze": held}}}))
    datasets.measure(summary)
    expected = {"a": {"rows": 150, "bytes": 4500, "objects": 2}, "c": {"rows": 0, "bytes": 57, "objects": 1}}
    assert datasets.measured() == {"x": expected}
    assert datasets.MEASURED.read_text().startswith("# What a market day of each dataset is in bronze")


@EACH
def test_every_dataset_of_the_environment_is_on_the_page(environment: str) -> None:
    """Those that the demo landed are declared, each has a line, and so has the start of each class's jobs."""
    classes = USAGE["environments"][environment]["asset_classes"]
    section = PAGE.read_text().split(f"### {environment}, by dataset\n")[1].split("**together**")[0]
    for name in classes:
        assert FOUND[name].keys() <= catalog.load(name).daily.keys()
        assert all(f"\n| {name}.{dataset} | " in section for dataset in FOUND[name])
        assert f"\n| {name}: its jobs' start | " in section


def test_small_environments_hold_what_the_demo_holds() -> None:
    """Dev and staging take the demo's market as it is: its rows and objects are summed, and typed nowhere."""
    typed = (Path(datasets.__file__).parent / "usage.yaml").read_text()
    assert typed.count("rows_a_day: measured") == typed.count("objects_a_day: measured") == 2
    for environment in ("dev", "staging"):
        of = USAGE["environments"][environment]
        for by in ("rows", "objects"):
            wanted = sum(each[by] for name in of["asset_classes"] for each in FOUND[name].values())
            assert of["working"][f"{by}_a_day"] == wanted


def test_a_dataset_that_grows_costs_more() -> None:
    """Each count of its own moves its line, and no other's."""
    before = {name: dollars for name, _, dollars in datasets.costs(PRICES, USAGE, FOUND, "prod")}
    asset_class = USAGE["environments"]["prod"]["asset_classes"][0]
    dataset = next(iter(FOUND[asset_class]))
    for by in datasets.GROWING:
        changed = copy.deepcopy(dict(FOUND))
        changed[asset_class][dataset][by] += 1000
        after = {name: dollars for name, _, dollars in datasets.costs(PRICES, USAGE, changed, "prod")}
        assert {name for name in before if after[name] != before[name]} == {f"{asset_class}.{dataset}"}
        assert after[f"{asset_class}.{dataset}"] > before[f"{asset_class}.{dataset}"]
