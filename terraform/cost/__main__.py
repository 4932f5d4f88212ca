"""`python -m terraform.cost [--check]`: docs/cost.md from prices.yaml, usage.yaml and what a demo measured."""

import argparse
import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from terraform.cost import cuts, datasets
from terraform.cost.bill import Bill, Facts

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "cost.md"
BILLED_ELSEWHERE = ("databricks", "runners")
ENDPOINTS, ZONES = 13, 3  # of modules/networking without NAT, in the zones of the environments
INTRODUCTION = """# What it costs a month

Made by `python -m terraform.cost` from `terraform/cost/prices.yaml` (list prices, us-east-1, no discounts, no free
tier, no tax) and `terraform/cost/usage.yaml` (rows, hours, units). Prices are entered by hand: compare them with
their pages before you plan a budget. DBUs and hours of a working month are estimates; rows are those of the datasets,
bytes a row were measured.
*Idle* means that everything is running but no DAG is. *Low* and *high* are of the guesses: hours, DBUs, traffic,
runners' minutes. Databricks and GitHub bill their own lines (GitHub none for a public repository); the budget of
`monitoring` covers AWS only, those of `databricks` and `compute` what Databricks bills. Not included: machines of
interactive clusters, e-mails, support; projects, each of which says what it may cost.
"""


def read(name: str) -> Facts:
    """One of the two files beside this one: prices or usage."""
    found: Facts = msgspec.yaml.decode((HERE / f"{name}.yaml").read_text())
    return datasets.filled(found) if name == "usage" else found


def table(prices: Facts, usage: Facts, environment: str) -> Iterator[str]:
    """The bill of one environment, with AWS's part and the whole."""
    idle = Bill(prices, usage, environment, False).lines()
    low, working, high = (Bill(prices, usage, environment, True, guess).lines() for guess in range(3))
    yield from (f"## {environment}", "", "| part | idle $ | low $ | working $ | high $ | working = | price |")
    yield "| --- | ---: | ---: | ---: | ---: | --- | --- |"
    for lines in zip(idle, low, working, high, strict=True):
        dollars = " | ".join(f"{line.dollars:,.2f}" for line in lines)
        yield f"| {lines[2].what} | {dollars} | {lines[2].formula} | {lines[2].group} |"
    for name, left_out in (("AWS", BILLED_ELSEWHERE), ("together", ())):
        sums = [sum(line.dollars for line in bill if line.group not in left_out) for bill in (idle, low, working, high)]
        yield f"| **{name}** | {' | '.join(f'**{dollars:,.2f}**' for dollars in sums)} | | |"
    a_day = (sums[2] - sums[0]) / usage["market_days"]
    yield from (
        "",
        f"A market day more costs {a_day:,.2f} $, for a million rows {a_day / rows(usage, environment):,.2f} $.",
    )
    yield from (f"What moves a month most: {'; '.join(levers(prices, usage, environment))}.", "")


def rows(usage: Facts, environment: str) -> float:
    """Millions of rows a market day."""
    return float(usage["environments"][environment]["working"]["rows_a_day"]) / 1e6


def levers(prices: Facts, usage: Facts, environment: str) -> list[str]:
    """The three settings that would make a working month cheapest, and by how much."""
    found = []
    for name, other in usage["cheaper"].items():
        now = usage["environments"][environment]["stands"][name]
        changed = copy.deepcopy(dict(usage))
        changed["environments"][environment]["stands"][name] = other
        before, after = (
            sum(line.dollars for line in Bill(prices, each, environment, True).lines()) for each in (usage, changed)
        )
        found.append((before - after, f"`{name}` {now} → {other} saves {before - after:,.0f} $"))
    return [told for saved, told in sorted(found, reverse=True)[:3] if saved > 0] or [
        "nothing: all is as small as it goes"
    ]


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


def ways_in(prices: Facts, usage: Facts) -> Iterator[str]:
    """What it costs to reach a private Airflow; nothing unless it is asked for."""
    hours, zone, access = usage["hours_a_month"], prices["endpoints"]["zone_hour"], prices["access"]
    (size, hour), (disk, gb) = (next(iter(access[key].items())) for key in ("host_hour", "disk_gb_month"))
    attached, moved = access["attachment"].values()
    yield from ("## The way to a private Airflow", "")
    yield "Off by default, and in no bill above (`access` of the stack `network`):"
    yield f'`"ssm"` is one {size} with 8 GB of {disk}: {hours} h x {hour} $ + 8 GB x {gb} $ ='
    yield f"{hours * hour + 8 * gb:,.2f} $ a month, and where there is no NAT one interface endpoint in {ZONES} zones,"
    yield f"{ZONES} x {hours} h x {zone} $ = {ZONES * hours * zone:,.2f} $."
    yield f'`"transit_gateway"` is an attachment: {hours} h x {attached} $ = {hours * attached:,.2f} $'
    yield from (f"a month, and {moved} $ a GB; the gateway and what lies behind it are yours.", "")


def star(prices: Facts, usage: Facts) -> Iterator[str]:
    """What a warehouse of one's own costs; nothing unless it is asked for."""
    hours, of = usage["hours_a_month"], usage["star"]
    (size, hour), (disk, gb) = (next(iter(prices["rds"][key].items())) for key in ("instance_hour", "disk_gb_month"))
    secret, alarm = prices["secrets"]["secret_month"], prices["cloudwatch"]["alarm_month"]
    together = hours * hour + of["gb"] * gb + of["secrets"] * secret + of["alarms"] * alarm
    yield from ("## A warehouse for stars", "")
    yield "Off by default, and in no bill above (`warehouse` of the stack `mwaa`): the smallest is one"
    yield f"{size} with {of['gb']} GB of {disk}, {of['secrets']} secrets, {of['alarms']} alarms: {hours} h x {hour} $ +"
    yield f"{of['gb']} GB x {gb} $ + {of['secrets']} x {secret} $ + {of['alarms']} x {alarm} $ ="
    yield f"{together:,.2f} $ a month. `multi_az` doubles instance and disk; backups as large as the disk are free."
    yield from ("What asks gold for it costs more: see [cuts](#cuts-of-a-database).", "")


def sources(prices: Facts) -> Iterator[str]:
    """Where each group of prices stands, and where and when its numbers were seen."""
    yield from ("## Sources of the prices", "", "| price | page | seen | on |", "| --- | --- | --- | --- |")
    for group, facts in prices.items():
        yield f"| {group} | {facts['page']} | {facts['seen']} | {facts['checked']} |"


def page() -> str:
    """docs/cost.md as it should be."""
    prices, usage = read("prices"), read("usage")
    bills = [line for environment in usage["environments"] for line in table(prices, usage, environment)]
    by_dataset = datasets.tables(prices, usage, datasets.measured())
    ways = [*cuts.section(prices, usage), *ways_out(prices, usage), *ways_in(prices, usage), *star(prices, usage)]
    return "\n".join([INTRODUCTION, *bills, *by_dataset, *ways, *sources(prices)]) + "\n"


def main() -> int:
    """Write the page, or with --check exit 1 if it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="take over what a demo counted: its summary.json")
    asked = parser.parse_args()
    if asked.summary:
        datasets.measure(asked.summary)
    if asked.check:
        fresh = PAGE.exists() and PAGE.read_text() == page()
        print("docs/cost.md is up to date" if fresh else "docs/cost.md is stale: run python -m terraform.cost")
        return 0 if fresh else 1
    PAGE.write_text(page())
    print(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
