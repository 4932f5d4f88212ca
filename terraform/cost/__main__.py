"""`python -m terraform.cost [--check]`: docs/cost.md from prices.yaml and usage.yaml."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from terraform.cost.bill import Bill, Facts

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "cost.md"
ENDPOINTS, ZONES = 13, 3  # of modules/networking without NAT, in the zones of the environments
INTRODUCTION = """# What it costs a month

Made by `python -m terraform.cost` from `terraform/cost/prices.yaml` (list prices, us-east-1, no discounts, no free
tier, no tax) and `terraform/cost/usage.yaml` (rows, hours, units). Prices are entered by hand: compare them with
their pages before you plan a budget. DBUs and hours of a working month are estimates; rows are those of the datasets,
bytes a row were measured.
*Idle* means that everything is running but no DAG is. Databricks bills its own lines; the budget of `monitoring` covers
AWS only, those of `databricks` and `compute` what Databricks bills. Not included: traffic to readers, machines of
interactive clusters, e-mails, support.
"""


def read(name: str) -> Facts:
    """One of the two files beside this one: prices or usage."""
    found: Facts = yaml.safe_load((HERE / f"{name}.yaml").read_text())
    return found


def table(prices: Facts, usage: Facts, environment: str) -> Iterator[str]:
    """The bill of one environment, with AWS's part and the whole."""
    idle, working = (Bill(prices, usage, environment, flag).lines() for flag in (False, True))
    yield from (f"## {environment}", "", "| part | idle $ | working $ | working = | price |")
    yield "| --- | ---: | ---: | --- | --- |"
    for i, w in zip(idle, working, strict=True):
        yield f"| {w.what} | {i.dollars:,.2f} | {w.dollars:,.2f} | {w.formula} | {w.group} |"
    for name, left_out in (("AWS", "databricks"), ("together", "")):
        sums = (sum(line.dollars for line in bill if line.group != left_out) for bill in (idle, working))
        yield f"| **{name}** | {' | '.join(f'**{dollars:,.2f}**' for dollars in sums)} | | |"
    yield ""


def ways_out(prices: Facts, usage: Facts) -> Iterator[str]:
    """What it costs to have no way out to the internet."""
    hours, nat, zone = usage["hours_a_month"], prices["nat"], prices["endpoints"]["zone_hour"]
    endpoints = ENDPOINTS * ZONES * hours * zone
    gateway = hours * (nat["gateway_hour"] + nat["public_address_hour"])
    yield from ("## NAT or endpoints only", "")
    yield f'`egress = "endpoints"` takes {ENDPOINTS} interface endpoints in {ZONES} zones:'
    yield f"{ENDPOINTS} x {ZONES} x {hours} h x {zone} $ = {endpoints:,.2f} $ a month,"
    yield f"against {gateway:,.2f} $ for one NAT gateway and {3 * gateway:,.2f} $ for three."
    yield from ("It cuts off the internet; it does not save money.", "")


def sources(prices: Facts) -> Iterator[str]:
    """Where each group of prices stands, and where and when its numbers were seen."""
    yield from ("## Sources of the prices", "", "| price | page | seen | on |", "| --- | --- | --- | --- |")
    for group, facts in prices.items():
        yield f"| {group} | {facts['page']} | {facts['seen']} | {facts['checked']} |"


def page() -> str:
    """docs/cost.md as it should be."""
    prices, usage = read("prices"), read("usage")
    bills = [line for environment in usage["environments"] for line in table(prices, usage, environment)]
    return "\n".join([INTRODUCTION, *bills, *ways_out(prices, usage), *sources(prices)]) + "\n"


def main() -> int:
    """Write the page, or with --check exit 1 if it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        fresh = PAGE.exists() and PAGE.read_text() == page()
        print("docs/cost.md is up to date" if fresh else "docs/cost.md is stale: run python -m terraform.cost")
        return 0 if fresh else 1
    PAGE.write_text(page())
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
