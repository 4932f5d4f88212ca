"""The demo's summary: what is in bronze, silver and gold, counted there."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from anthill import catalog
from anthill.bronze import commits as bronze
from anthill.calendars import present_market_day
from anthill.catalog import AssetClass
from anthill.cli.terminal import Terminal
from anthill.lakehouse import statements
from anthill.warehouse.warehouse import Settled, Warehouse
from local import blanks, lake, sources
from local.airflow_api import AirflowApi
from local.job import Job
from local.polygon_stream import recorded
from local.stack import Stack


def bronze_objects(stack: Stack, asset_class: str) -> set[str]:
    """The keys of all of an asset class's commits in bronze."""
    s3, datasets = stack.s3(), catalog.load(asset_class).datasets.values()
    return set().union(*(bronze.commit_keys(s3, lake.BRONZE, dataset) for dataset in datasets))


def collect(
    stack: Stack,
    api: AirflowApi,
    days: dict[str, list[dt.date]],
    jobs: dict[str, Job],
    before: dict[str, set[str]],
    served: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """Every number of the summary, by asset class and by source beside them; `missing` lists what is not there."""
    warehouse = Settled(stack.warehouse())
    classes = {
        name: _of_class(stack, api, warehouse, name, asked, jobs[name], before[name]) for name, asked in days.items()
    }
    every = [*classes.items(), *served.items()]
    return {
        "asset_classes": classes,
        "sources": served,
        "missing": [f"{name} {line}" for name, numbers in every for line in numbers.pop("missing")],
    }


def _of_class(
    stack: Stack,
    api: AirflowApi,
    warehouse: Warehouse,
    asset_class: str,
    days: list[dt.date],
    job: Job,
    before: set[str],
) -> dict[str, Any]:
    declared = catalog.load(asset_class)
    commits = {name: _commits(stack, declared, name, days) for name in declared.daily}
    landed = {
        name: {day: sum(each.rows for each in found) for day, found in of.items()} for name, of in commits.items()
    }
    silver = _tables(warehouse, "silver", [f"{asset_class}_{name}" for name in declared.daily], days)
    gold = _tables(warehouse, "gold", [f"{asset_class}_{name}" for name in declared.gold], days)
    after = bronze_objects(stack, asset_class)
    numbers: dict[str, Any] = {
        "days": [day.isoformat() for day in days],
        "market_days": len(days),
        "bronze": {name: held(of) for name, of in commits.items()},
        "bronze_by_day": landed,
        "bronze_objects": len(after),
        "landed_new": len(after - before),
        "silver": silver,
        "gold": gold,
        **blanks.find(warehouse, declared, silver, gold, _between(days)),
        "published": _published(warehouse, asset_class, days),
        **_quality(warehouse, asset_class, days),
        "grants": api.xcoms(job.dag, job.run, "grants") or {},
    }
    numbers["missing"] = _missing(numbers, declared, out_of_reach(declared, days[-1], stack.options.today))
    return numbers


def text(numbers: dict[str, Any]) -> str:
    """The summary for a person."""
    console = Terminal(width=100, file=io.StringIO(), force_terminal=False)
    for name, found in numbers["asset_classes"].items():
        title = f"{name}, {found['days'][0]} to {found['days'][-1]}"
        rows = {
            layer: {part: (str(count["days"] or ""), f"{count['rows']:,}") for part, count in found[layer].items()}
            for layer in ("bronze", "silver", "gold")
        }
        console.print(_table(title, ("dataset or table", "days", "rows"), rows))
    for name, found in numbers["sources"].items():
        counts = {layer: {part: (f"{many:,}",) for part, many in of.items()} for layer, of in found["tables"].items()}
        console.print(_table(name, ("table", "rows"), counts))
    if lacking := [blank for found in numbers["asset_classes"].values() for blank in blanks.lines(found)]:
        table = Table("table", "column", "why", title="What these days cannot show")
        for blank in lacking:
            table.add_row(blank.table, ", ".join(blank.columns) or "all", blank.reason)
        console.print(table)
    lines = _of_market(numbers) if numbers["asset_classes"] else []
    lines += [
        f"{name:<10} {line}" for name, found in numbers["sources"].items() for line in sources.of(name).lines(found)
    ]
    lines += [f"{'Stream':<10} {line}" for line in recorded.lines(numbers["stream"])] if "stream" in numbers else []
    return console.file.getvalue() + "\n".join([*lines, *_end(numbers)])


def _table(title: str, columns: tuple[str, ...], layers: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Table:
    """Counts by layer and part."""
    table = Table("", *columns, title=title)
    for column in table.columns[2:]:
        column.justify = "right"
    for layer, parts in layers.items():
        for part, counts in parts.items():
            table.add_row(layer, part, *counts)
        table.add_section()
    return table


def _of_market(numbers: dict[str, Any]) -> list[str]:
    """What all asset classes came to."""
    new, objects, quarantined = (_sum(numbers, name) for name in ("landed_new", "bronze_objects", "quarantined"))
    quality, grants = (_counts(numbers, name) for name in ("quality", "grants"))
    return [
        f"Bronze     {new} new objects of {objects}"
        + ("" if new else ": nothing new, every answer was the same as before"),
        f"Quality    {quality['passed']} of {quality['expectations']} expectations met,"
        f" {quality['warnings']} warnings, {quality['critical']} critical",
        f"Quarantine {quarantined} rows",
        f"Grants     {grants['granted']} granted, {grants['revoked']} revoked, {grants['unchanged']} unchanged",
    ]


def _end(numbers: dict[str, Any]) -> list[str]:
    """What it took, and where to go on."""
    files, classes = numbers["files"], list(numbers["asset_classes"])
    query = f"SELECT * FROM gold.{classes[-1]}_market_summary ORDER BY market_date" if classes else ""
    queries = [query] if query else [sources.of(name).QUERY for name in numbers["sources"]]
    return [
        f"Took       {numbers['seconds']:.0f} s, {numbers['peak_memory_mb']:,} MB at most, all processes together",
        "",
        f"Look at    {files['report']}   (open it in a browser)",
        *(f'           make sql Q="{query}"' for query in queries),
        "           make up      (the same data with the Airflow UI)",
        f"Files      {files['objects']}, {files['summary']}, logs in {files['logs']}",
    ]


def _sum(numbers: dict[str, Any], name: str) -> int:
    return sum(found[name] for found in numbers["asset_classes"].values())


def _counts(numbers: dict[str, Any], name: str) -> Counter[str]:
    return sum((Counter(found[name]) for found in numbers["asset_classes"].values()), Counter())


def _commits(stack: Stack, declared: AssetClass, dataset: str, days: list[dt.date]) -> dict[str, list[bronze.Commit]]:
    """The newest commit of each shard, of each market day that has landed whole."""
    s3 = stack.s3()
    shards = len(declared.datasets[dataset].shards) or 1
    found = {}
    for day in days:
        newest = bronze.newest_revisions(s3, lake.BRONZE, declared.datasets[dataset], str(day))
        if len(newest) == shards:
            found[day.isoformat()] = [bronze.read_commit(s3, lake.BRONZE, key) for key in newest.values()]
    return found


def held(commits: dict[str, list[bronze.Commit]]) -> dict[str, int]:
    """What bronze holds of a dataset in these days."""
    every = [commit for of in commits.values() for commit in of]
    rows, stored = sum(commit.rows for commit in every), sum(commit.size for commit in every)
    return {"days": len(commits), "rows": rows, "bytes": stored, "objects": len(every)}


def _tables(warehouse: Warehouse, schema: str, names: list[str], days: list[dt.date]) -> dict[str, dict[str, int]]:
    columns = {table["name"]: {column["name"] for column in table["columns"]} for table in warehouse.listed(schema)}
    counts = [
        f"SELECT '{name}' AS name, count(DISTINCT market_date) AS days, count(*) AS rows"
        f" FROM {schema}.{name} WHERE {_between(days)}"
        if "market_date" in columns[name]
        else f"SELECT '{name}' AS name, CAST(NULL AS BIGINT) AS days, count(*) AS rows FROM {schema}.{name}"
        for name in names
        if name in columns
    ]
    return {row.pop("name"): row for row in warehouse.records(" UNION ALL ".join(counts) + " ORDER BY name")}


def _quality(warehouse: Warehouse, asset_class: str, days: list[dt.date]) -> dict[str, Any]:
    mine = f"asset_class = '{asset_class}' AND {_between(days)}"
    (counts,) = warehouse.records(
        "SELECT count(*) AS expectations, count_if(passed) AS passed,"
        " count_if(NOT passed AND severity = 'warn') AS warnings,"
        " count_if(NOT passed AND severity = 'critical') AS critical,"
        f" (SELECT count(*) FROM quality.quarantine WHERE {mine}) AS quarantined"
        f" FROM quality.results WHERE {mine}"
    )
    return {"quarantined": counts.pop("quarantined"), "quality": counts}


def _between(days: list[dt.date]) -> str:
    return f"market_date BETWEEN DATE'{days[0]}' AND DATE'{days[-1]}'"


def _published(warehouse: Warehouse, asset_class: str, days: list[dt.date]) -> dict[str, int]:
    """How many of the market days gold has of each of its tables."""
    rows = warehouse.records(
        "SELECT gold_table, count(*) AS days FROM quality.published"
        f" WHERE asset_class = '{asset_class}' AND {_between(days)} GROUP BY gold_table"
    )
    return {row["gold_table"]: row["days"] for row in rows}


def out_of_reach(declared: AssetClass, last: dt.date, today: str) -> set[str]:
    """What the source has of its present only, and the gold that stands on it, where a later market day is its present.

    `today` is the stand-in's date; it is 18:00 in New York there.
    """
    evening = dt.datetime.combine(dt.date.fromisoformat(today), dt.time(18), ZoneInfo("America/New_York"))
    if present_market_day(declared.calendar, evening) == last:
        return set()
    found = {name for name, dataset in declared.daily.items() if dataset.present_only}
    for name in declared.gold:
        sql = statements.code(statements.path("gold", declared.asset_class, name))
        tables = {f"{{{layer}}}.{declared.asset_class}_{each}" for each in found for layer in ("silver", "gold")}
        if any(re.search(rf"{re.escape(table)}\b", sql) for table in tables):
            found.add(name)
    return found


def _missing(numbers: dict[str, Any], declared: AssetClass, absent: set[str]) -> list[str]:
    """What a whole run would have and this one has not; nobody waits for what was not to be had."""
    problems = []
    for name, dataset in declared.daily.items():
        wanted = 0 if name in absent else 1 if dataset.present_only else numbers["market_days"]
        landed, silver = numbers["bronze"][name], numbers["silver"].get(dataset.table, {"rows": 0})
        if landed["days"] < wanted:
            problems.append(f"bronze {name}: {landed['days']} of {wanted} days")
        if landed["rows"] and not silver["rows"]:
            problems.append(f"silver {dataset.table}: no rows of the {landed['rows']} in bronze")
    unpublished = [name for name in declared.gold if not numbers["published"].get(name) and name not in absent]
    problems += [f"gold {name}: nothing is published" for name in unpublished]
    if (priced := numbers["published"].get("daily_prices", 0)) != numbers["market_days"]:
        problems.append(f"gold daily_prices: {priced} of {numbers['market_days']} days")
    if numbers["quality"]["critical"]:
        problems.append(f"quality: {numbers['quality']['critical']} critical expectations are broken")
    if not numbers["grants"]:
        problems.append("grants: none were applied")
    return problems
