"""The cost page follows the price file, and the usage file follows what the environments make."""

import copy
import json
import re
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scripts.configuration import values
from terraform.cost.__main__ import PAGE, levers, page, read
from terraform.cost.bill import Bill
from terraform.providers import TREE
from terraform.root import VALUES, environments

PRICES, USAGE = read("prices"), read("usage")
EACH = pytest.mark.parametrize("environment", environments())


def test_the_page_is_what_the_price_file_gives() -> None:
    """docs/cost.md was made from the files as they are."""
    assert PAGE.read_text() == page(), "stale: run python -m terraform.cost"


@EACH
def test_every_line_is_its_formula(environment: str) -> None:
    """The printed factors multiply to the printed dollars; working is never cheaper than idle."""
    bills = (Bill(PRICES, USAGE, environment, flag).lines() for flag in (False, True))
    for idle, working in zip(*bills, strict=True):
        factors = [float(factor.split()[0].replace(",", "")) for factor in working.formula.split(" x ")]
        assert prod(factors) == pytest.approx(working.dollars, rel=1e-4)
        assert working.dollars >= idle.dollars >= 0


@EACH
def test_a_price_reaches_the_bill(environment: str) -> None:
    """Doubling any price doubles the lines that take it, and each price of the file is taken by some line."""

    def doubled(facts: Any, path: tuple[str, ...]) -> Any:
        changed = copy.deepcopy(facts)
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] *= 2
        return changed

    before = Bill(PRICES, USAGE, environment, True).lines()
    tier, size = (USAGE["environments"][environment]["stands"][key] for key in ("tier", "mwaa_class"))
    paths: list[tuple[str, ...]] = [
        ("mwaa", "environment_hour", size),
        ("databricks", "jobs_dbu", tier),
        ("databricks", "sql_dbu", tier),
    ]
    paths += [(group, key) for group, facts in PRICES.items() for key, v in facts.items() if isinstance(v, float)]
    for path in paths:
        after = Bill(doubled(PRICES, path), USAGE, environment, True).lines()
        changed = [(b.dollars, a.dollars) for b, a in zip(before, after, strict=True) if a != b]
        assert len(changed) == (2 if path[:2] == ("databricks", "jobs_dbu") else 1), path  # jobs, and their start-up
        assert [after for _, after in changed] == pytest.approx([2 * before for before, _ in changed])


def test_prices_say_where_they_were_seen() -> None:
    """Each group names its page, what it was compared with, and the day."""
    for group, facts in PRICES.items():
        assert facts["page"].startswith("https://"), group
        assert len(facts["seen"]) > 10, group
        assert facts["checked"].year >= 2026, group


def given(environment: str, stack: str) -> dict[str, Any]:
    """What an environment gives a stack."""
    team, name = stack.split("/")
    found: dict[str, Any] = values(TREE / "environments" / environment / VALUES)["stacks"][team][name]
    return found


def code() -> dict[Path, str]:
    """Terraform's files by path, without examples."""
    return {path: path.read_text() for path in TREE.rglob("*.tf") if not {"examples", ".terraform"} & set(path.parts)}


def alarms(gateways: int, classes: int, warehouses: int) -> int:
    """The alarms of a map of alarms or a resource of its own; gateways, recorders, warehouses have each their own."""
    declared = re.compile(
        r'^    [a-z-]+ = \{\n      text |^resource "aws_cloudwatch_metric_alarm" "(?!this)', re.MULTILINE
    )
    more = 0
    counted = (
        ("monitoring/main", "gateways", gateways),
        ("recorder/alarms", "classes", classes),
        ("warehouse/alarms", "warehouses", warehouses),
    )
    for file, table, count in counted:
        each = re.search(rf"^  of_{table} = \{{\n(.*?)^  \}}", code()[TREE / f"modules/{file}.tf"], re.M | re.S)
        assert each is not None
        more += len(declared.findall(each[1])) * (count - 1)
    return sum(len(declared.findall(text)) for text in code().values()) + more


def keys() -> int:
    """The keys of an account: those of modules count for each call of the module."""
    found = 0
    for path, text in code().items():
        if times := len(re.findall(r'^resource "aws_kms_key"', text, re.MULTILINE)):
            module = path.parent.name if path.parent.parent.name == "modules" else ""
            calls = [t for p, t in code().items() if module and f'modules/{module}"' in t and "modules" not in p.parts]
            found += times * (len(calls) if module else 1)
    return found


@EACH
def test_usage_is_that_of_the_tfvars(environment: str) -> None:
    """What stands on the page is what Terraform would make."""
    stands = USAGE["environments"][environment]["stands"]
    mwaa, network = given(environment, "platform_development/mwaa"), given(environment, "platform_development/network")
    databricks = given(environment, "platform_development/databricks")
    recorded = len(given(environment, "platform_development/recorder")["classes"])
    assert mwaa["environment_class"] == stands["mwaa_class"]
    assert mwaa["workers"]["min"] - 1 == stands["workers_beyond_one"]
    assert max(mwaa["webservers"]["min"] - 2, 0) == stands["webservers_beyond_two"]
    assert {"nat_single": 1, "nat_per_zone": 3, "endpoints": 0}[network["egress"]] == stands["nat_gateways"]
    assert databricks["pricing_tier"] == stands["tier"]
    assert given(environment, "innovation_development/compute")["warehouse"]["size"] == stands["warehouse"]
    assert (stands["alarms"], stands["keys"]) == (alarms(stands["nat_gateways"], recorded, "warehouse" in mwaa), keys())
    own = {"PUBLIC_ONLY": 1, "PRIVATE_ONLY": 2}[mwaa["webserver_access"]]
    assert stands["endpoint_zones"] == own * 2 + (2 * 3 if "private_link" in databricks else 0)


@EACH
def test_the_budget_is_above_a_working_month_and_not_far(environment: str) -> None:
    """The notice at 80 % of the budget is not sent in a month as planned, nor only when twice of it is spent."""
    lines = Bill(PRICES, USAGE, environment, True).lines()
    aws = sum(line.dollars for line in lines if line.group not in ("databricks", "runners"))
    budget = given(environment, "platform_development/monitoring")["monthly_budget_usd"]
    assert aws < 0.8 * budget < 1.6 * aws


@EACH
def test_a_guess_has_a_low_and_a_high(environment: str) -> None:
    """Every line is at least its low and at most its high; what is counted and not guessed is the same in all three."""
    guessed = {name for name, value in USAGE["environments"][environment]["working"].items() if isinstance(value, list)}
    assert guessed >= {"sql_hours_a_day", "job_dbu_a_day", "traffic_out_gb_a_day", "runner_minutes_a_day"}
    assert not guessed & {"rows_a_day", "objects_a_day", "starts_a_day"}
    bills = [Bill(PRICES, USAGE, environment, True, guess).lines() for guess in range(3)]
    for low, likely, high in zip(*bills, strict=True):
        assert low.dollars <= likely.dollars <= high.dollars
    assert bills[0][-1].dollars < bills[1][-1].dollars < bills[2][-1].dollars


def test_the_levers_are_the_largest() -> None:
    """Prod's three settings by hand: the warehouse a third as large, no better MWAA, one gateway instead of three."""
    prod_, hours, days = PRICES, USAGE["hours_a_month"], USAGE["market_days"]
    beyond = hours + 6 * days
    mwaa = hours * (0.74 - 0.29) + beyond * (0.11 - 0.0)
    warehouse, gateways = 6 * days * (12 - 4) * 0.7, 2 * hours * (0.045 + 0.005)
    told = levers(prod_, USAGE, "prod")
    assert [float(re.findall(r"saves ([\d,]+) ", each)[0].replace(",", "")) for each in told] == [
        round(warehouse),
        round(mwaa),
        round(max(gateways, hours * 0.11, (25 + 15 * 0.3) * days * 0.1)),
    ]
    assert levers(PRICES, USAGE, "dev") == ["nothing: all is as small as it goes"]


def test_a_way_in_costs_what_its_parts_do() -> None:
    """By hand, of the host, disk and endpoint that the module makes, and of an attachment; and by default nothing."""
    text, module = " ".join(page().split()), code()[TREE / "modules/access/main.tf"]
    assert 'instance_type = "t4g.nano"' in module
    assert re.search(r'volume_type\s*= "gp3"\n\s*volume_size\s*= 8\n', module)
    assert len(re.findall(r'^resource "aws_vpc_endpoint"', module, re.MULTILINE)) == 1
    assert "= 3.71 $ a month" in text  # 730 x 0.0042 + 8 x 0.08
    assert "3 x 730 h x 0.01 $ = 21.90 $" in text
    assert "730 h x 0.05 $ = 36.50 $" in text
    assert {given(each, "platform_development/network").get("access", "none") for each in environments()} == {"none"}


def test_a_warehouse_costs_what_its_parts_do() -> None:
    """By hand, of the smallest that the module makes, with its alarms and both secrets; no environment has one."""
    text, module = " ".join(page().split()), code()[TREE / "modules/warehouse/variables.tf"]
    assert 'default     = "db.t4g.micro"' in module
    assert "default     = { first = 20, most = 100 }" in module
    assert "= 14.98 $ a month" in text  # 730 x 0.016 + 20 x 0.115 + 2 x 0.40 + 2 x 0.10
    assert not [each for each in environments() if "warehouse" in given(each, "platform_development/mwaa")]


def test_cuts_cost_what_their_facts_give() -> None:
    """As often as the declared calendar has an interval, with the jobs that the bundle has for them; by hand."""
    text, cuts = " ".join(page().split()), USAGE["cuts"]
    declared = msgspec.yaml.decode((TREE.parent / "include/datasets/totesys.yaml").read_text())
    assert declared["calendar"] == "PT3M"
    assert cuts["a_day"] == 24 * 60 / 3
    jobs = msgspec.yaml.decode((TREE.parent / "databricks/resources/postgres.yml").read_text())["resources"]["jobs"]
    assert cuts["jobs"] == len(jobs)
    assert "| likely | 50% | 1 | 657.00 |" in text  # 720 jobs a day are 12 hours; x 4 DBU x 730 / 24 days x 0.45 $
    assert "is 2,044.00 $ a month" in text  # 730 h x 4 DBU x 0.70 $
    assert "mw1.small (357.70 $)" in text
    slots = cuts["classes"]
    pool = json.loads((TREE.parent / "include/pools.json").read_text())["polygon"]["slots"]
    assert slots["mw1.micro"] < pool < slots["mw1.small"]


def test_other_services_cost_what_their_factors_give() -> None:
    """docs/services.md: each line's factors multiply to its dollars, and MWAA's month is the cost page's."""
    text = (PAGE.parent / "services.md").read_text()
    lines = re.findall(r"^\| [^|]+ \| ([\d.,]+) \$ \| ([^|]+ x [^|]+) \|", text, re.MULTILINE)
    assert len(lines) >= 7
    for dollars, formula in lines:
        factors = [float(factor.split()[0].replace(",", "")) for factor in formula.split(" x ")]
        assert prod(factors) == pytest.approx(float(dollars.replace(",", "")), abs=0.005)
    bill = Bill(PRICES, USAGE, "prod", True).lines()
    mwaa = sum(line.dollars for line in bill if line.what.startswith("MWAA") and "metadata" not in line.what)
    assert f"MWAA's {mwaa:.0f} $" in text
    does = USAGE["environments"]["prod"]["working"]
    assert f"{does['rows_a_day']:,} rows and {does['objects_a_day']} objects a market day" in text
    assert f"{does['task_hours_a_day'][1]} hours of tasks, {USAGE['market_days']} days" in text
