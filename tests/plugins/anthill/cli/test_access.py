"""`anthill access` over declarations that a test writes: who reads a table, what they see of it, by which line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog, include

from .conftest import Run

GRANTS = """\
tables:
  gold:
    analysts: [SELECT]
    Partner@Example.com: [SELECT]
    writers: [MODIFY]
securables:
  - type: schema
    name: "{catalog}.gold"
    grants:
      analysts: [USE_SCHEMA]
      engineers: [USE_SCHEMA, SELECT]
      scientists: [ALL_PRIVILEGES]
  - type: table
    name: "{catalog}.gold.tiny_last"
    grants:
      analysts: [SELECT]
      engineers: [SELECT]
"""
TINY = """\
asset_class: tiny
description: Quotes of the tests
source: polygon
calendar: XNYS
start_date: 2020-01-02
due_after_close: PT1H
deadline_after_close: PT2H
owner: market-data
gold: [last, seen]
access:
  last:
    rows: {all_for: [engineers], others: market_date < current_date(), of: [market_date]}
    masks:
      close: {plain_for: [engineers], others: round(close)}
  seen:
    rows: {all_for: [scientists]}
datasets:
  quotes:
    description: Quotes
    path: /quotes
    key: [ticker]
    fields: {T: ticker, c: close}
"""
SHARE = """\
description: For partners
tables:
  - {name: gold.tiny_last, partitions: {year: "2024"}}
recipients:
  partner: {until: 2999-12-31}
  former: {until: 2020-12-31}
"""


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all declarations."""
    for name, text in {
        "grants/shared.yaml": GRANTS, "datasets/tiny.yaml": TINY, "shares/partners.yaml": SHARE,
        "sql/gold/tiny/last.sql": "CREATE TABLE {gold}.tiny_last (year INT)\nPARTITIONED BY (year)\n",
        "renamed.yaml": "tables: {}\ncolumns: {}\n",
        "expectations.yaml": (include.include_dir() / "expectations.yaml").read_text(),
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(include, "_PLACES", (tmp_path,))
    return tmp_path


def told(run: Run, *arguments: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What a script is told, by table and principal."""
    result = run("--json", "access", *arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    found = json.loads(result.stdout)
    by = {(each["table"], each["who"]): each for each in found}
    assert len(by) == len(found)
    return by


def test_each_reader_of_a_table_stands_once_with_what_they_see(run: Run, declared: Path) -> None:
    """By the table's grant, else by its schema's; less where a policy holds, nothing where the schema is shut."""
    found = told(run)
    last = {who: each["sees"] for (table, who), each in found.items() if table == "gold.tiny_last"}
    assert last == {
        "analysts": "rows where market_date < current_date(), close as round(close)",
        "engineers": "all",
        "scientists": "rows where market_date < current_date(), close as round(close)",
        "recipient dev__partner": "year 2024",
    }
    seen = {who: each["sees"] for (table, who), each in found.items() if table == "gold.tiny_seen"}
    assert seen == {
        "analysts": "no rows",
        "engineers": "no rows",
        "partner@example.com": "nothing: lacks USE_SCHEMA on its schema",
        "scientists": "all",
    }


def test_each_has_the_line_that_gives_it_and_its_last_day(run: Run, declared: Path) -> None:
    """What is inherited says so; a recipient whose last day is over is none."""
    found = told(run)
    grants = declared / "grants/shared.yaml"
    lines = grants.read_text().splitlines()
    by = {who: each["by"] for (table, who), each in found.items() if table == "gold.tiny_last"}
    assert by["engineers"] == f"{grants}:{lines.index('      engineers: [SELECT]') + 1}"
    at = lines.index("      scientists: [ALL_PRIVILEGES]") + 1
    assert by["scientists"] == f"inherited from its schema, {grants}:{at}"
    assert by["recipient dev__partner"] == f"share partners, {declared}/shares/partners.yaml:5"
    assert found["gold.tiny_last", "recipient dev__partner"]["until"] == "2999-12-31"
    assert ("gold.tiny_last", "recipient dev__former") not in found


def test_a_part_is_printed_for_people(run: Run, declared: Path) -> None:
    """Of a table, a schema, or a principal; a name that nothing has is refused with what was meant."""
    result = run("access", "gold.tiny_seen", COLUMNS="200")
    assert "scientists" in result.stdout
    assert "tiny_last" not in result.stdout
    assert set(told(run, "engineers")) == {("gold.tiny_last", "engineers"), ("gold.tiny_seen", "engineers")}
    assert {table for table, _ in told(run, "gold")} == {"gold.tiny_last", "gold.tiny_seen"}
    assert "Nobody is declared to read silver." in run("access", "silver").stdout
    refused = run("access", "gold.tiny_lost")
    assert refused.exit_code == 1
    assert "did you mean 'gold.tiny_last'?" in refused.output


def test_the_real_declarations_are_told(run: Run) -> None:
    """Each table of each asset class has a reader in gold."""
    read = {table for table, _ in told(run)}
    tables = {f"gold.{name}_{table}" for name in catalog.asset_classes() for table in catalog.load(name).gold}
    assert tables <= read
