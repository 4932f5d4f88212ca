"""The cost page follows the price file, and the usage file follows what the environments make."""

import copy
from math import prod
from typing import Any

import pytest

from scripts.configuration import values
from terraform.cost.__main__ import PAGE, page, read
from terraform.cost.bill import Bill
from terraform.providers import TREE
from terraform.root import VALUES

PRICES, USAGE = read("prices"), read("usage")
BOTH = pytest.mark.parametrize("environment", ["dev", "prod"])


def test_the_page_is_what_the_price_file_gives() -> None:
    """docs/cost.md was made from the files as they are."""
    assert PAGE.read_text() == page(), "stale: run python -m terraform.cost"


@BOTH
def test_every_line_is_its_formula(environment: str) -> None:
    """The printed factors multiply to the printed dollars; working is never cheaper than idle."""
    bills = (Bill(PRICES, USAGE, environment, flag).lines() for flag in (False, True))
    for idle, working in zip(*bills, strict=True):
        factors = [float(factor.split()[0].replace(",", "")) for factor in working.formula.split(" x ")]
        assert prod(factors) == pytest.approx(working.dollars, rel=1e-4)
        assert working.dollars >= idle.dollars >= 0


@BOTH
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
        assert len(changed) == 1, path
        assert changed[0][1] == pytest.approx(2 * changed[0][0])


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


@BOTH
def test_usage_is_that_of_the_tfvars(environment: str) -> None:
    """What stands on the page is what Terraform would make."""
    stands = USAGE["environments"][environment]["stands"]
    mwaa, network = given(environment, "platform_development/mwaa"), given(environment, "platform_development/network")
    databricks = given(environment, "platform_development/databricks")
    assert mwaa["environment_class"] == stands["mwaa_class"]
    assert mwaa["workers"]["min"] - 1 == stands["workers_beyond_one"]
    assert max(mwaa["webservers"]["min"] - 2, 0) == stands["webservers_beyond_two"]
    assert {"nat_single": 1, "nat_per_zone": 3, "endpoints": 0}[network["egress"]] == stands["nat_gateways"]
    assert databricks["pricing_tier"] == stands["tier"]
    assert given(environment, "innovation_development/compute")["warehouse"]["size"] == stands["warehouse"]
    own = {"PUBLIC_ONLY": 1, "PRIVATE_ONLY": 2}[mwaa["webserver_access"]]
    assert stands["endpoint_zones"] == own * 2 + (2 * 3 if "private_link" in databricks else 0)


@BOTH
def test_the_budget_is_above_a_working_month_and_not_far(environment: str) -> None:
    """The notice at 80 % of the budget is not sent in a month as planned, nor only when twice of it is spent."""
    lines = Bill(PRICES, USAGE, environment, True).lines()
    aws = sum(line.dollars for line in lines if line.group != "databricks")
    budget = given(environment, "platform_development/monitoring")["monthly_budget_usd"]
    assert aws < 0.8 * budget < 1.6 * aws
