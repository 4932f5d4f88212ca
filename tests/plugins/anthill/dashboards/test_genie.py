"""The Genie space: questions with the SQL that answers them, of the widgets whose tables it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anthill.dashboards import dashboard, genie
from anthill.dashboards.widget import DashboardError

SPACE = """title: T
description: D
tables: [gold.market, gold.b]
instructions: [Say so., Round it.]
questions: [What moved?, Who traded most?]
"""
HEAD = """-- Kind: counter
-- Place: column {column}, row 1, 1 wide, 1 high
-- Value: gained, Gained, %
-- Empty: Nothing.
"""
CHOICE = """-- Title: Choice
-- Kind: choice
-- Place: column 4, row 1, 1 wide, 1 high
-- Chosen: ticker
-- Group: kind, Kind
-- Rank: traded, Turnover, USD
-- Empty: No.
SELECT ticker, kind, traded FROM gold.market
"""


@pytest.fixture
def body(tmp_path: Path) -> dict[str, Any]:
    """A space over a dashboard: a widget stands alone, one reads what the space lacks, two are about a choice."""
    (tmp_path / "genie.yaml").write_text(SPACE)
    place = tmp_path / "market"
    place.mkdir()
    (place / "dashboard.yaml").write_text("title: M\ndescription: D\nturn: 1\nreaders: [analysts]\n")
    queries = {
        "known": "SELECT gained\nFROM gold.market JOIN gold.b USING (gained)",
        "foreign": "SELECT gained FROM gold.market JOIN gold.secret USING (gained)",
    }
    for at, (name, sql) in enumerate(queries.items(), 1):
        (place / f"{name}.sql").write_text(f"-- Title: Title of {name}\n{HEAD.format(column=at)}{sql}\n")
    chosen = "-- Chosen: ticker\n-- Empty"
    head = HEAD.format(column=3).replace("-- Empty", chosen)
    (place / "chosen.sql").write_text(f"-- Title: Chosen\n{head}SELECT ticker, gained FROM gold.market\n")
    (place / "choose.sql").write_text(CHOICE)
    return genie.body(genie.read(tmp_path / "genie.yaml"), [dashboard.read(place)], "${c}")


def test_examples_are_the_widgets_that_stand_alone(body: dict[str, Any]) -> None:
    """Over tables of the space only, with the environment's catalog before each."""
    (example,) = body["instructions"]["example_question_sqls"]
    assert example["question"] == ["Title of known"]
    assert "".join(example["sql"]) == "SELECT gained\nFROM ${c}.gold.market JOIN ${c}.gold.b USING (gained)"


def test_tables_questions_and_instructions_are_those_declared(body: dict[str, Any]) -> None:
    """Tables in their order, a line an instruction, each entry with an id that stays the same."""
    assert body["version"] == 2
    assert body["data_sources"] == {"tables": [{"identifier": "${c}.gold.b"}, {"identifier": "${c}.gold.market"}]}
    asked = body["config"]["sample_questions"]
    assert {question for each in asked for question in each["question"]} == {"What moved?", "Who traded most?"}
    assert [each["id"] for each in asked] == sorted(each["id"] for each in asked)
    (text,) = body["instructions"]["text_instructions"]
    assert text["content"] == ["Say so.\n", "Round it.\n"]
    assert len({each["id"] for each in (*asked, text)}) == 3


def test_a_space_takes_thirty_tables(tmp_path: Path) -> None:
    """One more is told, with the line."""
    file = tmp_path / "genie.yaml"
    for many in (30, 31):
        names = ", ".join(f"gold.t{number}" for number in range(many))
        file.write_text(SPACE.replace("gold.market, gold.b", names))
        if many == 30:
            assert len(genie.read(file).tables) == 30
        else:
            with pytest.raises(DashboardError, match=r"genie\.yaml:3: tables are 31, and a space takes 30"):
                genie.read(file)
