"""A plan: its arithmetic, its bytes, and what of it an approved plan holds."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.governance import approved, markdown, plan
from anthill.governance.approved import Approved
from anthill.governance.plan import Held, Item, Plan

TABLES = [f"table dev.gold.t{number}" for number in range(3)]
_items = st.builds(
    Item,
    kind=st.sampled_from(["grant", "tag"]),
    on=st.sampled_from(TABLES),
    who=st.sampled_from(["analysts", "interns"]),
    what=st.sampled_from(["SELECT", "MODIFY"]),
    at=st.sampled_from(["", "a.yaml:3", "b.yaml:9"]),
)


def item(on: str = TABLES[0], who: str = "analysts", what: str = "SELECT", by: str = "", at: str = "") -> Item:
    """A grant."""
    return Item(kind="grant", on=on, who=who, what=what, by=by, at=at)


def keys(items: tuple[Item, ...]) -> set[plan.Key]:
    """What is in a group."""
    return {each.key for each in items}


@given(declared=st.lists(_items), held=st.lists(_items), absent=st.sets(st.sampled_from(TABLES)))
def test_every_fact_is_in_one_group(declared: list[Item], held: list[Item], absent: set[str]) -> None:
    """What is declared is kept, added or waits for its thing; what is held beyond it is removed."""
    there = [each for each in held if each.on not in absent]
    made = plan.difference("dev", declared, Held(there, absent=frozenset(absent)))
    wanted, found = {each.key for each in declared}, {each.key for each in there}
    assert keys(made.kept) == wanted & found
    assert keys(made.removed) == found - wanted
    assert keys(made.absent) == {key for key in wanted if key[1] in absent}
    assert keys(made.added) == wanted - found - keys(made.absent)
    assert len(made.declared) == len(wanted)


def test_the_same_plan_has_the_same_bytes() -> None:
    """Whatever order things were read in, and wherever the declarations' lines stand; one fact more is another plan."""
    one = plan.difference("dev", [item(at="a:1"), item(TABLES[1], at="a:2")], Held([]))
    two = plan.difference("dev", [item(TABLES[1], at="a:7"), item(at="a:9")], Held([]))
    assert one.body() == two.body()
    assert one.sha256 == hashlib.sha256(two.body()).hexdigest()
    assert plan.read(one.body()) == msgspec.structs.replace(plan.read(two.body()))
    assert plan.difference("dev", [item()], Held([])).sha256 != one.sha256
    assert plan.difference("prod", [item(), item(TABLES[1])], Held([])).sha256 != one.sha256
    document = json.loads(one.body())
    assert list(document) == sorted(document)
    assert [each["on"] for each in document["added"]] == TABLES[:2]


def test_kinds_are_planned_together_and_parted_again() -> None:
    """Each kind gets its own changes back."""
    tag = Item(kind="tag", on=TABLES[0], who="", what="layer=gold")
    both = plan.together("dev", [plan.difference("dev", [item()], Held([])), plan.difference("dev", [], Held([tag]))])
    assert both.of("grant") == plan.difference("dev", [item()], Held([]))
    assert (both.of("tag").added, both.of("tag").removed) == ((), (tag,))


RULE = "gold of shared"
BEFORE = Plan(catalog="dev", kept=(item(by=RULE), item("schema dev.gold", what="USE_SCHEMA")))


@pytest.mark.parametrize(
    ("given_", "waits"),
    [
        (item(by=RULE), False),  # it stood there: a view that was replaced has lost its readers
        (item(TABLES[1], by=RULE), False),  # a new table, for those who read its layer
        (item(TABLES[1]), True),  # a new table by an entry of its own
        (item(TABLES[1], who="interns", by=RULE), True),  # a new reader of a layer
        (item(TABLES[1], what="MODIFY", by=RULE), True),  # a reader of a layer with another right
        (item(TABLES[1], by="gold of forex"), True),  # by another rule
        (item("schema dev.gold", by=RULE), True),  # a known thing that comes under a rule
    ],
)
def test_what_waits_for_an_approval(given_: Item, waits: bool) -> None:
    """All but what the approved plan held, and a new thing under a rule that it held."""
    made = Plan(catalog="dev", added=(given_,))
    assert approved.waiting(made, Approved(BEFORE)).added == ((given_,) if waits else ())
    assert approved.free(made, Approved(BEFORE)).added == (() if waits else (given_,))
    absent = Plan(catalog="dev", absent=(given_,))
    assert approved.waiting(absent, Approved(BEFORE)).absent == ((given_,) if waits else ())


def test_all_that_is_removed_waits_and_without_an_approved_plan_all_that_is_given() -> None:
    """The first plan of an environment is looked at whole; what is kept is no change."""
    made = Plan(catalog="dev", added=(item(by=RULE),), removed=(item(TABLES[2]),), kept=(item(TABLES[1]),))
    assert approved.waiting(made, Approved(BEFORE)).removed == (item(TABLES[2]),)
    assert approved.free(made, Approved(BEFORE)).removed == ()
    first = approved.waiting(made, Approved())
    assert (first.added, first.removed, first.kept) == ((item(by=RULE),), (item(TABLES[2]),), ())
    assert not approved.is_empty(first)
    assert approved.is_empty(approved.waiting(Plan(catalog="dev", kept=(item(),)), Approved()))


def test_what_was_not_agreed_to_is_a_move() -> None:
    """Less is none, a table that came to be neither; another removal or another gain is one."""
    agreed = Plan(catalog="dev", added=(item(),), absent=(item(TABLES[1]),), removed=(item(TABLES[2]),))
    assert approved.moved(agreed, agreed) == ()
    assert approved.moved(agreed, Plan(catalog="dev")) == ()
    assert approved.moved(agreed, Plan(catalog="dev", added=(item(TABLES[1]),))) == ()
    assert approved.moved(agreed, Plan(catalog="dev", removed=(item(),))) == (item(),)
    assert approved.moved(agreed, Plan(catalog="dev", added=(item(TABLES[2]),))) == (item(TABLES[2]),)


def test_ten_thousand_changes_stay_readable() -> None:
    """Counted, and a line for all tables about which the same is said."""
    tables = [f"table dev.gold.t{number:03}" for number in range(500)]
    groups = [f"group_{number:02}" for number in range(20)]
    made = Plan(catalog="dev", added=tuple(item(table, who=who) for table in tables for who in groups))
    text = markdown.of(made, made)
    lines = text.splitlines()
    assert "| grant | 10000 | 0 | 0 | 0 | 0 |" in lines
    assert "### Waits for an approval: is given (10,000)" in lines
    assert len([line for line in lines if line.startswith("- ")]) == 20
    assert (
        "- **group\\_07** +SELECT on `table dev.gold.t000`, `table dev.gold.t001`, `table dev.gold.t002`, "
        "`table dev.gold.t003`, `table dev.gold.t004` and 495 more" in lines
    )
    assert len(text) < 8_000


def test_what_differs_everywhere_is_counted_where_nobody_would_read_it() -> None:
    """Forty lines a group, and how much more there is."""
    made = Plan(catalog="dev", removed=tuple(item(TABLES[0], who=f"user{number}@x.com") for number in range(10_000)))
    lines = markdown.of(made).splitlines()
    assert "### Is taken away (10,000)" in lines
    assert lines[-1] == "- and 9,960 more lines about 9,960 things"
    assert len(lines) < 60


def test_a_name_is_no_markdown() -> None:
    """Whoever may name a group writes no link into what somebody approves."""
    made = Plan(catalog="dev", added=(item(who="x](http://y) \n# `z`"),))
    (line,) = [line for line in markdown.of(made).splitlines() if "+SELECT" in line]
    assert line == "- **x\\](http://y) \\# \\`z\\`** +SELECT on `table dev.gold.t0`"
