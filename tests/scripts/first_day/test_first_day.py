"""`make first-day` says at every stop what is there, what is missing, and the one command that makes it."""

from __future__ import annotations

import re

import pytest

from scripts.first_day.place import Place
from scripts.first_day.steps import STEPS
from scripts.repository import declared, places
from terraform.root import reads, stacks
from tests.scripts.first_day.conftest import Street
from tests.scripts.first_day.gone import GONE
from tests.scripts.first_day.house import House
from tests.scripts.first_day.page import COMMANDS, FOUND, PAGE, ROWS, VARIABLES


def test_page_and_program_name_the_same_steps() -> None:
    """In one order, with what is looked at, the section and dev's command; the sections are there, in that order."""
    place = Place("dev")
    of_program = [
        (str(number), step.name, step.what, step.link.removeprefix("docs/terraform.md"), step.makes(place))
        for number, step in enumerate(STEPS, 1)
    ]
    assert of_program == ROWS
    sections = re.findall(r"^### (\d+\. .+)$", PAGE, re.MULTILINE)
    assert list(dict.fromkeys(step.section for step in STEPS)) == sections


def test_every_stack_is_a_step_after_what_it_reads() -> None:
    """What is not there yet could not be applied."""
    names = [name for _, name, *_ in ROWS]
    assert {name for name in names if "/" in name} == {"/".join(stack) for stack in stacks()}
    for name in (name for name in names if "/" in name):
        assert all(names.index(other) < names.index(name) for other in reads(name)), name
        assert reads(name) <= {*next(step.after for step in STEPS if step.name == name)}


def test_from_nothing_to_green_as_it_says(street: Street) -> None:
    """Doing what is said next makes one step after the other; GitHub again when there is more to tell it."""
    expected = []
    for _, name, *_ in ROWS:
        expected += [name, "github"] if name in VARIABLES else [name]
    assert [name for name, _ in street.stops] == [*expected, ""]


@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_before_a_step_it_names_the_command(street: Street, name: str) -> None:
    """Exit code 1; what comes before stands, the step is missing, and its command is the page's."""
    seen = next(seen for stop, seen in street.stops if stop == name)
    names, at = list(COMMANDS), list(COMMANDS).index(name)
    assert seen.code == 1
    assert list(seen.marks) == names
    assert {seen.marks[each] for each in names[:at]} <= {"✓"}
    assert seen.marks[name] == "✗"
    assert seen.next == FOUND.get(name, str)(COMMANDS[name])
    link = next(link for _, step, _, link, _ in ROWS if step == name)
    assert f"     {seen.next}\n     docs/terraform.md{link}\n" in seen.text


def test_what_waits_names_what_for(street: Street) -> None:
    """The first step that it needs, by number and name; nobody is asked before."""
    seen = dict(street.stops)["session"]
    assert seen.told("states") == "waits for 3 (session)"
    assert seen.told("market-day") == "waits for 27 (smoke)"
    assert seen.missing == ["session", "databricks"]


def test_all_stands(street: Street) -> None:
    """Exit code 0, and nothing is next."""
    seen = street.stops[-1][1]
    assert (seen.code, seen.next, set(seen.marks.values())) == (0, "", {"✓"})
    assert f"{len(ROWS)} of {len(ROWS)} stand." in seen.text


def test_it_only_looks(street: Street) -> None:
    """Every call reads, of every service, and no secret's value is asked for."""
    house = street.house
    for calls in (house.account.called, house.github.written, house.databricks.asked, house.airflow.calls):
        calls.clear()
    assert street.look().code == 0
    called = {call.partition(":")[2] for call in house.account.called}
    assert {call for call in called if not re.match(r"(Get|List|Describe)[A-Z]|GET$|HEAD$", call)} == set()
    assert "GetSecretValue" not in called
    assert {"DescribeSecret", "GetCallerIdentity", "HEAD"} <= called
    assert house.github.written == []
    assert {method for method, _ in house.databricks.asked} == {"GET"}
    assert {method for method, _ in house.airflow.calls} == {"GET"}


def test_a_member_of_an_organisation_cannot_see_the_bill(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS tells its paying account alone: that is said, and is in nobody's way."""
    monkeypatch.setattr(house.account, "member", True)
    seen = street.look()
    assert seen.code == 0
    assert seen.told("cost-tags") == "not seen from here: the organisation's paying account turns them on"


@pytest.mark.parametrize("promise", GONE)
def test_what_is_gone_is_missing_again(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch, promise: str
) -> None:
    """One thing of a green house is taken away: its step is the first that is missing, with what mends it."""
    step, words, command, change = GONE[promise]
    change(house, monkeypatch)
    seen = street.look()
    assert (seen.code, seen.missing[0]) == (1, step)
    assert words in seen.told(step)
    assert seen.next == command


def test_a_role_for_each_of_githubs_environments(street: Street) -> None:
    """What is looked at is what is declared: each place that takes a role of AWS."""
    taking = [place.name for place in places(declared(), "dev") if "AWS_ROLE_ARN" in dict(place.variables)]
    assert street.stops[-1][1].told("trust") == f"{len(taking)} roles, by the jobs of anthill/anthill"
