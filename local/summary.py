"""The demo's summary: what is in bronze, silver and gold, counted there and not taken on trust."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from anthill import catalog
from anthill.catalog import AssetClass
from anthill.landing import bronze
from local import lake
from local.airflow_api import AirflowApi
from local.stack import Stack
from local.warehouse import Warehouse


def bronze_objects(stack: Stack, asset_class: str) -> set[str]:
    """The keys of all of an asset class's objects in bronze."""
    pages = stack.s3().get_paginator("list_objects_v2").paginate(Bucket=lake.BRONZE, Prefix=f"polygon/{asset_class}/")
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def collect(
    stack: Stack, api: AirflowApi, asset_class: str, days: list[dt.date], runs: list[dict[str, Any]], before: set[str]
) -> dict[str, Any]:
    """Every number of the summary; `missing` lists what is not there."""
    declared = catalog.load(asset_class)
    warehouse = stack.warehouse()
    landed = {name: _landed(stack, declared, name, days) for name in declared.datasets}
    after = bronze_objects(stack, asset_class)
    grants = [api.xcoms(asset_class, run["dag_run_id"], "grants") or {} for run in runs]
    numbers: dict[str, Any] = {
        "asset_class": asset_class,
        "days": [day.isoformat() for day in days],
        "market_days": len(days),
        "bronze": {name: {"days": len(counts), "rows": sum(counts.values())} for name, counts in landed.items()},
        "bronze_by_day": landed,
        "bronze_objects": len(after),
        "landed_new": len(after - before),
        "silver": _tables(warehouse, "silver", [f"{asset_class}_{name}" for name in declared.datasets], days),
        "gold": _tables(warehouse, "gold", [f"{asset_class}_{name}" for name in declared.gold], days),
        "quality": _quality(warehouse, asset_class, days),
        "quarantined": _quarantined(warehouse, asset_class, days),
        "grants": dict(sum((Counter(grant) for grant in grants), Counter())),
    }
    numbers["missing"] = _missing(numbers, declared)
    return numbers


def text(numbers: dict[str, Any]) -> str:
    """The summary for a person."""
    console = Console(width=100, file=io.StringIO())
    table = Table(
        "",
        "dataset or table",
        "days",
        "rows",
        title=f"{numbers['asset_class']}, {numbers['days'][0]} to {numbers['days'][-1]}",
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for layer in ("bronze", "silver", "gold"):
        for name, count in numbers[layer].items():
            table.add_row(layer, name, str(count["days"]), f"{count['rows']:,}")
        table.add_section()
    console.print(table)
    quality, grants, files = numbers["quality"], numbers["grants"], numbers["files"]
    new = numbers["landed_new"]
    lines = [
        f"Bronze     {new} new objects of {numbers['bronze_objects']}"
        + ("" if new else ": nothing new, every answer was the same as before"),
        f"Quality    {quality['passed']} of {quality['expectations']} expectations met,"
        f" {quality['warnings']} warnings, {quality['critical']} critical",
        f"Quarantine {numbers['quarantined']} rows",
        f"Grants     {grants.get('granted', 0)} granted, {grants.get('revoked', 0)} revoked,"
        f" {grants.get('unchanged', 0)} found in place",
        f"Took       {numbers['seconds']:.0f} s, {numbers['peak_memory_mb']:,} MB at most for all processes together",
        "",
        f"Look at    {files['report']}   (open it in a browser)",
        '           make sql Q="SELECT * FROM gold.stocks_market_summary ORDER BY market_date"',
        "           make up      (the same data with the Airflow UI)",
        f"Files      {files['objects']}, {files['summary']}, logs in {files['logs']}",
    ]
    return console.file.getvalue() + "\n".join(lines)


def _landed(stack: Stack, declared: AssetClass, dataset: str, days: list[dt.date]) -> dict[str, int]:
    """Rows of each landed market day, over its shards' newest commits."""
    s3 = stack.s3()
    shards = len(declared.datasets[dataset].shards) or 1
    counts = {}
    for day in days:
        newest = bronze.newest_revisions(s3, lake.BRONZE, declared.asset_class, dataset, day)
        if len(newest) == shards:
            commits = [bronze.read_commit(s3, lake.BRONZE, key) for key in newest.values()]
            counts[day.isoformat()] = sum(commit.rows for commit in commits)
    return counts


def _tables(warehouse: Warehouse, schema: str, names: list[str], days: list[dt.date]) -> dict[str, dict[str, int]]:
    counts = [
        f"SELECT '{name}' AS name, count(DISTINCT market_date) AS days, count(*) AS rows"
        f" FROM {schema}.{name} WHERE {_between(days)}"
        for name in names
    ]
    return {row.pop("name"): row for row in warehouse.records(" UNION ALL ".join(counts) + " ORDER BY name")}


def _quality(warehouse: Warehouse, asset_class: str, days: list[dt.date]) -> dict[str, int]:
    return warehouse.records(
        "SELECT count(*) AS expectations, count_if(passed) AS passed,"
        " count_if(NOT passed AND severity = 'warn') AS warnings,"
        " count_if(NOT passed AND severity = 'critical') AS critical"
        f" FROM quality.results WHERE asset_class = '{asset_class}' AND {_between(days)}"
    )[0]


def _quarantined(warehouse: Warehouse, asset_class: str, days: list[dt.date]) -> int:
    where = f"asset_class = '{asset_class}' AND {_between(days)}"
    counted: int = warehouse.records(f"SELECT count(*) AS rows FROM quality.quarantine WHERE {where}")[0]["rows"]
    return counted


def _between(days: list[dt.date]) -> str:
    return f"market_date BETWEEN DATE'{days[0]}' AND DATE'{days[-1]}'"


def _missing(numbers: dict[str, Any], declared: AssetClass) -> list[str]:
    """What a whole run would have and this one has not."""
    wanted = numbers["market_days"]
    problems = [
        f"bronze {name}: {count['days']} of {wanted} days"
        for name, count in numbers["bronze"].items()
        if count["days"] != wanted
    ]
    for name, dataset in declared.datasets.items():
        silver, landed = numbers["silver"][dataset.table], numbers["bronze"][name]
        if landed["rows"] and not silver["rows"]:
            problems.append(f"silver {dataset.table}: no rows of the {landed['rows']} in bronze")
    problems += [
        f"gold {name}: {count['days']} of {wanted} days"
        for name, count in numbers["gold"].items()
        if count["days"] != wanted
    ]
    if numbers["quality"]["critical"]:
        problems.append(f"quality: {numbers['quality']['critical']} critical expectations are broken")
    if not numbers["grants"]:
        problems.append("grants: none were applied")
    return problems
