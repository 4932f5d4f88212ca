"""`python -m terraform.cost [--check]`: docs/cost.md from prices.yaml and usage.yaml."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "cost.md"
GB = 1e9
ENDPOINTS, ZONES = 13, 3  # of modules/networking without NAT, in the zones of the environments
INTRODUCTION = """# What it costs a month

Made by `python -m terraform.cost` from `terraform/cost/prices.yaml` (list prices, us-east-1, no discounts, no tax)
and `terraform/cost/usage.yaml` (rows, hours, units). Prices are typed in, not fetched: compare them with their source
before budgeting. DBUs and hours of a working month are estimates; rows and bytes a row are those of the datasets.
*Idle* means: everything stands, and no DAG runs.
"""


class Part(NamedTuple):
    """A line of the bill: what, its formula in numbers, dollars a month, and the key of its price's source."""

    what: str
    formula: str
    dollars: float
    source: str


def parts(prices: dict[str, Any], usage: dict[str, Any], environment: str, working: bool) -> Iterator[Part]:
    """The bill of one environment, idle (everything stands, nothing runs) or working."""
    stands = usage["environments"][environment]["stacks"]
    does = (
        usage["environments"][environment]["working"]
        if working
        else dict.fromkeys(usage["environments"][environment]["working"], 0)
    )
    hours, days = usage["hours_a_month"], usage["market_days"]

    def part(what: str, source: str, *factors: tuple[float, str]) -> Part:
        dollars = 1.0
        for factor, _ in factors:
            dollars *= factor
        return Part(what, " x ".join(f"{factor:,.6g} {unit}" for factor, unit in factors), dollars, source)

    size = stands["mwaa_class"]
    mwaa = prices["mwaa"]
    yield part(f"MWAA environment, {size}", "mwaa", (hours, "h"), (mwaa["environment_hour"][size], "$"))
    beyond = (stands["workers_beyond_one"] + stands["webservers_beyond_two"]) * hours + does[
        "extra_worker_hours_a_day"
    ] * days
    yield part(
        "MWAA workers and web servers beyond the included", "mwaa", (beyond, "h"), (mwaa["additional_hour"][size], "$")
    )
    yield part("MWAA metadata", "mwaa", (usage["metadata_gb"], "GB"), (mwaa["metadata_gb_month"], "$"))

    network, nats = prices["network"], stands["nat_gateways"]
    yield part(
        "NAT gateways and their addresses",
        "network",
        (nats, "gateways"),
        (hours, "h"),
        (network["nat_hour"] + network["public_address_hour"], "$"),
    )
    raw = does["rows_a_day"] * days * usage["bytes_a_row"]["gzip"] / GB
    zones = stands["endpoint_zones"]
    yield part(
        "Interface endpoints", "network", (zones, "endpoint zones"), (hours, "h"), (network["endpoint_zone_hour"], "$")
    )
    yield part("NAT traffic", "network", (usage["control_gb_a_day"] * 30 + raw, "GB"), (network["nat_gb"], "$"))

    s3 = prices["s3"]
    kept = does["rows_a_day"] * days * usage["months_kept"] / GB
    yield part(
        "Bronze storage (the older part in STANDARD_IA)",
        "s3",
        (kept * usage["bytes_a_row"]["gzip"], "GB"),
        (s3["infrequent_gb_month"], "$"),
    )
    yield part(
        "Silver and gold storage",
        "s3",
        (2 * kept * usage["bytes_a_row"]["delta"], "GB"),
        (s3["standard_gb_month"], "$"),
    )
    puts = (
        does["objects_a_day"] * days * 10
    )  # bronze's object, and the files, logs and checkpoints of the tables behind it
    yield part("S3 writes", "s3", (puts / 1000, "k"), (s3["put_1000"], "$"))
    yield part("S3 reads", "s3", (puts * usage["gets_a_put"] / 1000, "k"), (s3["get_1000"], "$"))

    yield part("KMS keys", "kms", (stands["keys"], "keys"), (prices["kms"]["key_month"], "$"))
    # Bucket keys spare most calls: one for a thousand requests of S3, and one a secret read.
    calls = puts * (1 + usage["gets_a_put"]) / 1000 + does["task_hours_a_day"] * days * 120
    yield part("KMS requests", "kms", (calls / 10000, "10k"), (prices["kms"]["requests_10000"], "$"))
    yield part("Secrets", "secrets", (stands["secrets"], "secrets"), (prices["secrets"]["secret_month"], "$"))

    watch = prices["cloudwatch"]
    logs = usage["control_gb_a_day"] * 30 * 0.5 + does["task_hours_a_day"] * days * usage["log_gb_an_hour_of_tasks"]
    yield part("Logs taken in (Airflow, flow logs)", "cloudwatch", (logs, "GB"), (watch["ingested_gb"], "$"))
    yield part("Logs kept", "cloudwatch", (logs * usage["months_kept"], "GB"), (watch["stored_gb_month"], "$"))
    yield part("Alarms", "cloudwatch", (stands["alarms"], "alarms"), (watch["alarm_month"], "$"))
    yield part("Dashboard", "cloudwatch", (1, "dashboard"), (watch["dashboard_month"], "$"))

    databricks = prices["databricks"]
    yield part(
        "Databricks jobs, serverless",
        "databricks",
        (does["job_dbu_a_day"], "DBU"),
        (days, "days"),
        (databricks["jobs_dbu"], "$"),
    )
    rate = usage["warehouse_dbu_an_hour"][stands["warehouse"]]
    yield part(
        f"Databricks SQL warehouse, {stands['warehouse']}", "databricks",
        (does["sql_hours_a_day"], "h"), (days, "days"), (rate, "DBU"), (databricks["sql_dbu"], "$"),
    )  # fmt: skip
    yield part("Athena", "athena", (does["athena_tb"], "TB"), (prices["athena"]["scanned_tb"], "$"))


def sources() -> dict[str, str]:
    """Where each group of prices was read, from the comments of prices.yaml."""
    lines = (HERE / "prices.yaml").read_text().splitlines()
    return {line.split(":")[0]: line.split("# ", 1)[1] for line in lines if ": # http" in line}


def page() -> str:
    """docs/cost.md as it should be."""
    prices = yaml.safe_load((HERE / "prices.yaml").read_text())
    usage = yaml.safe_load((HERE / "usage.yaml").read_text())
    lines = [INTRODUCTION]
    for environment in usage["environments"]:
        idle, working = (list(parts(prices, usage, environment, flag)) for flag in (False, True))
        lines += [f"## {environment}", "", "| part | idle $ | working $ | working = | price |"]
        lines += ["| --- | ---: | ---: | --- | --- |"]
        for i, w in zip(idle, working, strict=True):
            lines.append(f"| {w.what} | {i.dollars:,.2f} | {w.dollars:,.2f} | {w.formula} | {w.source} |")
        totals = (f"**{sum(part.dollars for part in bill):,.2f}**" for bill in (idle, working))
        lines += [f"| **together** | {' | '.join(totals)} | | |", ""]
    network, hours = prices["network"], usage["hours_a_month"]
    endpoints = ENDPOINTS * ZONES * hours * network["endpoint_zone_hour"]
    nat = hours * (network["nat_hour"] + network["public_address_hour"])
    lines += [
        "## NAT or endpoints only",
        "",
        f'`egress = "endpoints"` takes {ENDPOINTS} interface endpoints in {ZONES} zones:',
        f"{ENDPOINTS} x {ZONES} x {hours} h x {network['endpoint_zone_hour']} $ = {endpoints:,.2f} $ a month,",
        f"against {nat:,.2f} $ for one NAT gateway and {3 * nat:,.2f} $ for three.",
        "It closes the internet; it does not save money.",
    ]
    lines += ["", "## Sources of the prices", ""]
    lines += [f"- {key}: {where}" for key, where in sources().items()]
    return "\n".join(lines) + "\n"


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
