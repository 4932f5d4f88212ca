"""What a market day of each dataset costs: what it takes, as a demo counted, at what the environment pays for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from terraform.cost.bill import Bill, Facts

MEASURED = Path(__file__).with_name("measured.yaml")
HEADER = """# What a market day of each dataset is in bronze: rows, bytes as stored, objects. Written by
# `python -m terraform.cost --summary var/demo/summary.json` from what a demo counted; nothing here is typed by hand.
"""
# By what a line of the bill grows: its beginning. What readers, deliveries and the bare environment cost is nobody's.
GROWING = {
    "rows": ("Silver and gold", "Databricks jobs"),
    "bytes": ("NAT traffic", "Bronze, in"),
    # A task an object: what is paid by requests, and by the hours of tasks.
    "objects": ("Bronze, on", "S3 ", "KMS requests", "Secrets' reads", "Logs ", "MWAA workers"),
}
INTRODUCTION = """## A market day of each dataset

Rows, stored bytes and objects of a market day as `make demo` counted them in bronze, in its simulated market, times
what each costs in the bill above: a row is computed and lies in silver and gold, a byte comes in and lies in bronze, an
object is a task with its requests. What readers, deliveries and the bare environment cost is no dataset's.
`python -m terraform.cost --summary var/demo/summary.json` takes over another demo.
""".splitlines()
STARTING = "Their start-up"  # once an asset class, whatever its datasets hold


def measure(summary: Path) -> None:
    """Take over what a demo counted."""
    classes = json.loads(summary.read_text())["asset_classes"]
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, numbers in sorted(classes.items()):
        days = {dataset: held["days"] for dataset, held in numbers["bronze"].items()}
        found[name] = {
            dataset: {key: round(held[key] / days[dataset]) for key in GROWING}
            for dataset, held in sorted(numbers["bronze"].items())
            if days[dataset]
        }
    MEASURED.write_text(HEADER + yaml.safe_dump(found, default_flow_style=None, sort_keys=False, width=120))


def measured() -> Facts:
    """What a demo counted, by asset class and dataset."""
    found: Facts = msgspec.yaml.decode(MEASURED.read_text())
    return found


def filled(usage: Facts) -> Facts:
    """The usage with what it leaves to the demo: the rows and objects of an environment's asset classes."""
    found = measured()
    for environment in usage["environments"].values():
        takes = [of for name in environment["asset_classes"] for of in found[name].values()]
        for by in ("rows", "objects"):
            if environment["working"][f"{by}_a_day"] == "measured":
                environment["working"][f"{by}_a_day"] = sum(each[by] for each in takes)
    return usage


def monthly(prices: Facts, usage: Facts, environment: str, *beginnings: str) -> float:
    """What such lines cost a month more than in an idle one."""
    bills = (Bill(prices, usage, environment, flag).lines() for flag in (False, True))
    return sum(
        working.dollars - idle.dollars
        for idle, working in zip(*bills, strict=True)
        if working.what.startswith(beginnings)
    )


def rates(prices: Facts, usage: Facts, environment: str) -> dict[str, float]:
    """What one row, byte and object more costs a market day."""
    does = usage["environments"][environment]["working"]
    whole = {
        "rows": does["rows_a_day"],
        "bytes": does["rows_a_day"] * usage["bytes_a_row"]["gzip"],
        "objects": does["objects_a_day"],
    }
    days = usage["market_days"]
    return {by: monthly(prices, usage, environment, *GROWING[by]) / days / whole[by] for by in GROWING}


def costs(prices: Facts, usage: Facts, found: Facts, environment: str) -> Iterator[tuple[str, dict[str, Any], float]]:
    """Each dataset of the environment with what it takes and costs a market day; and the start of each class's jobs."""
    rate, classes = rates(prices, usage, environment), usage["environments"][environment]["asset_classes"]
    start = monthly(prices, usage, environment, STARTING) / usage["market_days"] / len(classes)
    for name in classes:
        yield f"{name}: its jobs' start", {}, start
        for dataset, takes in found[name].items():
            yield f"{name}.{dataset}", takes, sum(takes[by] * rate[by] for by in GROWING)


def tables(prices: Facts, usage: Facts, found: Facts) -> Iterator[str]:
    """The section of the page."""
    yield from (*INTRODUCTION, "")
    for environment in usage["environments"]:
        lines = sorted(costs(prices, usage, found, environment), key=lambda line: (-line[2], line[0]))
        days = usage["market_days"]
        yield from (f"### {environment}, by dataset", "", "| dataset | rows | kB | objects | a day $ | a month $ |")
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for name, takes, dollars in lines:
            counts = (f"{takes['rows']:,.0f} | {takes['bytes'] / 1000:,.0f} | {takes['objects']:g}") if takes else "| |"
            yield f"| {name} | {counts} | {dollars:,.4f} | {dollars * days:,.2f} |"
        whole = sum(dollars for *_, dollars in lines)
        yield from (f"| **together** | | | | **{whole:,.4f}** | **{whole * days:,.2f}** |", "")
