"""The cost page follows the price file, and the price file covers what the environments take."""

import copy
import re
from typing import Any

import pytest
import yaml

from terraform.check import TREE
from terraform.cost.__main__ import HERE, PAGE, page, parts, sources

PRICES: dict[str, Any] = yaml.safe_load((HERE / "prices.yaml").read_text())
USAGE: dict[str, Any] = yaml.safe_load((HERE / "usage.yaml").read_text())


def test_the_page_is_what_the_price_file_gives() -> None:
    """docs/cost.md was made from the files as they are."""
    assert PAGE.read_text() == page(), "stale: run python -m terraform.cost"


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_line_is_its_formula(environment: str) -> None:
    """The printed factors multiply to the printed dollars; working is never cheaper than idle."""
    for idle, working in zip(*(parts(PRICES, USAGE, environment, flag) for flag in (False, True)), strict=True):
        product = 1.0
        for factor in working.formula.split(" x "):
            product *= float(factor.split()[0].replace(",", ""))
        assert product == pytest.approx(working.dollars, rel=1e-4)
        assert working.dollars >= idle.dollars >= 0
        assert working.source in sources()


def test_a_price_reaches_the_bill() -> None:
    """Doubling the hour of the environment's class doubles that line, and no other."""
    dearer = copy.deepcopy(PRICES)
    dearer["mwaa"]["environment_hour"]["mw1.micro"] *= 2
    before, after = (list(parts(p, USAGE, "dev", True)) for p in (PRICES, dearer))
    changed = [(b.dollars, a.dollars) for b, a in zip(before, after, strict=True) if a != b]
    assert [pair[0] for pair in changed] == [before[0].dollars]
    assert changed[0][1] == pytest.approx(2 * before[0].dollars)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_usage_is_that_of_the_tfvars(environment: str) -> None:
    """Class, gateways and warehouse on the page are the ones that Terraform would make."""
    stands = USAGE["environments"][environment]["stacks"]
    folder = TREE / "environments" / environment
    mwaa = (folder / "platform_development/mwaa/terraform.tfvars").read_text()
    assert f'environment_class = "{stands["mwaa_class"]}"' in mwaa
    minimum = re.search(r"workers\s*= \{ min = (\d+)", mwaa)
    assert minimum is not None
    assert int(minimum[1]) - 1 == stands["workers_beyond_one"]
    egress = re.search(r'egress\s*= "(\w+)"', (folder / "platform_development/network/terraform.tfvars").read_text())
    assert egress is not None
    assert {"nat_single": 1, "nat_per_zone": 3, "endpoints": 0}[egress[1]] == stands["nat_gateways"]
    assert f'"{stands["warehouse"]}"' in (folder / "innovation_development/compute/terraform.tfvars").read_text()
