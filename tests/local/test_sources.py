"""Sources beside the market: which can be asked for, what they bring into a stack, and what the summary tells."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace
from local import __main__ as command
from local import connections, signals, sources, summary
from local.connections import Addresses
from local.report import asked, page
from local.stack import Options, Stack

DAGS = Path(__file__).parents[2] / "dags"
NOBODY = Warehouse(Workspace("http://127.0.0.1:9", "token", 1), "dev", "local")  # is asked nothing
FILES = {"files": dict.fromkeys(("summary", "report", "objects", "logs"), "x"), "seconds": 1, "peak_memory_mb": 1}
TOTESYS = {
    "tables": {"silver": {"totesys_staff": 20}, "gold": {"totesys_dim_staff": 20}, "warehouse": {"dim_staff": 20}},
    "cuts": [
        {"at": "20260601T100300Z", "changed": ["sales_order", "payment"], "seconds": 31.4},
        {"at": "20260601T100600Z", "changed": [], "seconds": None},
    ],
    "orders_by_version": {"1": 1234, "2": 56},
    "warehouse_version": 7,
}


def test_totesys_can_be_asked_for() -> None:
    """By the name of its asset class, as every other."""
    assert "totesys" in sources.names()


@pytest.mark.parametrize("name", sources.names())
def test_a_source_has_what_the_stack_asks_it_for(name: str) -> None:
    """Its DAGs are of files in dags/ that are off at first; the market's stay as they are."""
    source = sources.of(name)
    assert callable(source.start)
    assert callable(source.take)
    assert source.QUERY.startswith("SELECT ")
    built = {dag: ast.unparse(ast.parse((DAGS / f"{dag}.py").read_text())) for dag in source.DAGS}
    assert name in built
    assert all(
        any(f"{kind}_dag('{name}'" in text for kind in ("cut", "edition", "warehouse")) for text in built.values()
    )


def test_its_connections_are_variables_and_a_persons_own_go_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with the stack's other connections."""
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_DEFAULT", "mine")
    given = {"AIRFLOW_CONN_TOTESYS_DEFAULT": "ours", "AIRFLOW_CONN_WAREHOUSE_DEFAULT": "ours"}
    found = connections.environment(Addresses("", "http://s3", "http://p", "http://d", "", given))
    assert found["AIRFLOW_CONN_TOTESYS_DEFAULT"] == "ours"
    assert found["AIRFLOW_CONN_WAREHOUSE_DEFAULT"] == "mine"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Stack]:
    """The stacks that `make up` has started, none for real."""
    found: list[Stack] = []

    def start(stack: Stack, *_: Any) -> None:
        found.append(stack)
        raise SystemExit

    monkeypatch.setattr(Stack, "start", start)
    monkeypatch.setattr(signals, "install", lambda: None)  # they are pytest's here
    monkeypatch.setattr(command, "VAR", tmp_path / "var")
    monkeypatch.setattr(command, "CURRENT", tmp_path / "var" / "current")
    return found


def up(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """`python -m local up` with these words."""
    monkeypatch.setattr("sys.argv", ["local", "up", *words])
    command.main()


def test_up_serves_what_is_asked_for(monkeypatch: pytest.MonkeyPatch, started: list[Stack]) -> None:
    """With the schedule on; without a source it is off, as ever."""
    for words in ([], ["--sources", "totesys"]):
        with pytest.raises(SystemExit):
            up(monkeypatch, *words)
    assert [(each.options.sources, each.options.schedule) for each in started] == [((), False), (("totesys",), True)]


def test_a_source_that_is_none_is_told_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, started: list[Stack]
) -> None:
    """Nothing is started."""
    with pytest.raises(SystemExit, match=r"SOURCES=totesys,tulips: tulips is none of .*totesys"):
        up(monkeypatch, "--sources", "totesys,tulips")
    assert not started


def test_the_summary_tells_of_sources_alone() -> None:
    """Tables by layer, the star by version, and the seconds to the warehouse beside the goal."""
    text = summary.text({"asset_classes": {}, "sources": {"totesys": TOTESYS}, **FILES})
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if "│" in line]
    assert ["warehouse", "dim_staff", "20"] in rows
    assert "1,234 of version 1, 56 of version 2; the warehouse has version 7" in text
    assert "2 looks at the database made 1 cuts, in which changed: 2 tables" in text
    assert "in the warehouse: 31 s (goal 60 s)" in text
    assert 'make sql Q="SELECT * FROM gold.totesys_fact_sales_order' in text
    assert "Bronze " not in text


def test_what_a_source_lacks_makes_the_demo_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name; a source that has all adds nothing."""
    monkeypatch.setattr(Stack, "warehouse", lambda _: NOBODY)
    served = {"totesys": {**TOTESYS, "missing": ["warehouse dim_staff: 3 of gold's 4 rows"]}, "enem": {"missing": []}}
    found = summary.collect(Stack(Options(Path())), None, {}, {}, {}, served)  # type: ignore[arg-type]
    assert found["missing"] == ["totesys warehouse dim_staff: 3 of gold's 4 rows"]
    assert json.dumps(found["sources"]["totesys"]["cuts"])


def test_the_report_tells_of_sources_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its title is what they are."""
    monkeypatch.setattr(asked.Lake, "tables", frozenset())
    counted = {"asset_classes": {}, "sources": {"totesys": TOTESYS}}
    page.write(NOBODY, {}, counted, tmp_path / "alone.html")
    text = (tmp_path / "alone.html").read_text()
    assert "<h1>ToteSys: the database of a business that sells tote bags</h1>" in text
    assert "1,234 of version 1" in text
