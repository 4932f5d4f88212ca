"""What is declared to be read past the catalog, and what may not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlglot

from anthill import catalog
from anthill.catalog import DeclarationError
from anthill.consumption import declared, query, unity_catalog
from anthill.consumption.declared import Declared
from anthill.consumption.glue_entry import of
from anthill.consumption.unity_catalog import Column, Table, TableNotReadError
from anthill.governance import entries

METALS = """asset_class: metals
description: Metals
source: polygon
calendar: XNYS
start_date: 2014-01-02
due_after_close: PT6H
deadline_after_close: PT10H
owner: market-data
gold: [daily_prices]
datasets:
  fixes:
    description: Fixes
    path: /v1/fixes/{market_date}
    key: [metal]
    fields: {T: metal, p: price}
"""
READ = "access: {daily_prices: {consumption: true}}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "access: {daily_prices: {consumption: true, rows: {all_for: [us]}}}\n",
            16,
            "goes with no policy, and 'rows' is",
        ),
        ("access: {daily_prices: {consumption: true, masks: {p: {plain_for: [us]}}}}\n", 16, "'masks' is one"),
        (f"{READ}tags: {{licence: polygon}}\n", 16, "is not for a table of licence polygon; allowed: redistributable"),
        ("access: {daily_prices: {consumption: true, tags: {personal: customers}}}\n", 16, "about people"),
        (f"{READ}personal: true\n", 16, "whose dataset fixes is about people"),
        (f"{READ}personal: true\ntags: {{personal: 'no'}}\n", 16, 'unless the table\'s own tags say personal: "no"'),
        ("    access:\n      consumption: true\n", 17, "is for tables of gold"),
    ],
)
def test_who_may_not_see_all_of_it_may_not_read_its_files(tmp_path: Path, text: str, line: int, said: str) -> None:
    """Refused with file and line: a policy, a licence, people, and silver."""
    file = tmp_path / "metals.yaml"
    file.write_text(METALS + text)
    with pytest.raises(DeclarationError) as error:
        catalog.parse(file)
    assert f"{file}:{line}: key '" in str(error.value)
    assert ".consumption' " in str(error.value)
    assert said in str(error.value)


def test_what_anybody_may_have_is_taken(tmp_path: Path) -> None:
    """Of no licence, of one that may be given on, of nobody."""
    file = tmp_path / "metals.yaml"
    for more in ("", "tags: {licence: redistributable}\n", "tags: {personal: 'no'}\n"):
        file.write_text(METALS + READ + more)
        assert catalog.parse(file).access["daily_prices"].consumption


def test_a_view_needs_what_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Athena reads files, so all tables below a view are declared as well; the line is that of the view."""
    text = (entries.include_dir() / "datasets/stocks.yaml").read_text()
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/stocks.yaml").write_text(text.replace("  adjustment_reach: {consumption: true}\n", ""))
    monkeypatch.setattr(entries, "include_dir", lambda: tmp_path)
    line = text.splitlines().index("  daily_prices: {consumption: true}") + 1
    with pytest.raises(
        DeclarationError, match=rf"stocks.yaml:{line}: stocks_daily_prices is a view that reads stocks_adj"
    ):
        declared.load("dev", "base")


TABLE = Table("dev.gold.t", [Column("n", "bigint")], "s3://gold/t")
DECLARED = Declared("stocks", "t", "dev.gold.t", "x.yaml:1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"storage_location": "file:///lake/t"}, "dev.gold.t lies at file:///lake/t; Athena reads S3"),
        ({"storage_location": None}, "at a place that Unity Catalog does not tell"),
        ({"columns": [Column("best", "array<string>")]}, "column best is array<string>, which is not for Athena here"),
    ],
)
def test_what_athena_cannot_read_is_refused(change: dict[str, Any], said: str) -> None:
    """With the table, and the column."""
    given = {"full_name": "dev.gold.t", "columns": TABLE.columns, "storage_location": TABLE.storage_location, **change}
    with pytest.raises(TableNotReadError, match=said):
        of(DECLARED, Table(**given), "base")


def test_an_answer_that_is_no_table_is_told() -> None:
    """Of whatever the catalog answers."""

    class Hook:
        def _do_api_call(self, endpoint_info: Any, json: Any = None, wrap_http_errors: bool = True) -> Any:
            return {"full_name": "dev.gold.t", "columns": "none"}

    with pytest.raises(TableNotReadError, match=r"dev.gold.t: Unity Catalog's answer is no table: Expected `array`"):
        unity_catalog.read(Hook(), "dev.gold.t")


KEPT = [(name, each) for name in catalog.asset_classes() for each in query.names(name)]


@pytest.mark.parametrize(("asset_class", "name"), KEPT)
def test_a_kept_query_reads_what_is_declared_in_athenas_words(asset_class: str, name: str) -> None:
    """And asks for one day, once: people are asked for it as often as it stands there."""
    kept = query.read(asset_class, name)
    assert kept.sql.count("{market_date}") == 1
    tree = sqlglot.parse_one(kept.on("2026-06-01"), dialect="athena")
    read = {table.name for table in tree.find_all(sqlglot.exp.Table)}
    assert read
    assert read <= {each.name for each in declared.load("dev", "anthill_dev_gold")}


def test_databases_and_files_keep_queries() -> None:
    """What was sold by currency and design; scores by state, school, sex and year."""
    assert {name for name in KEPT if name[0] in ("totesys", "enem")} == {
        *(("totesys", f"sales_by_{each}") for each in ("currency", "design")),
        *(("enem", f"scores_by_{each}") for each in ("state", "school", "sex", "year")),
    }
