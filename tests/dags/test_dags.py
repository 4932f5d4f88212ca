"""What Airflow finds in dags/."""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from anthill import catalog
from anthill.dag_builder.market import market_dag
from anthill.dag_builder.ticks import ticks_dag
from tests.plugins.anthill.lakehouse.ticking import turned_on

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"


@pytest.fixture(scope="module")
def dagbag() -> DagBag:
    """Every DAG of the repository, as the dag-processor reads them."""
    return DagBag(dag_folder=str(DAGS))


def test_exactly_these_dags_are_there(dagbag: DagBag) -> None:
    """No file fails to import, none is missing, none too many."""
    assert dagbag.import_errors == {}
    intraday = {f"{name}_intraday" for name in catalog.asset_classes() if catalog.load(name).intraday}
    streams = {f"{name}_stream" for name in catalog.asset_classes() if catalog.load(name).streams}
    assert streams
    care = {"coverage_index", "digest", "doctor", "erasure", "governance", "models", "recorder", "sandbox", "smoke"}
    warehouses = {f"{name}_warehouse" for name in catalog.asset_classes() if catalog.load(name).warehouse}
    whole = {
        *catalog.asset_classes(),
        *intraday,
        *streams,
        *warehouses,
        *care,
        "drop_zone",
        "market_backfill",
        "market_as_of",
    }
    assert warehouses
    assert set(dagbag.dags) == whole


def test_a_warehouse_follows_gold_and_is_loaded_by_one_run_at_a_time(dagbag: DagBag) -> None:
    """Off at first; it waits for all tables of the star; the version comes before its load."""
    dag = dagbag.dags["totesys_warehouse"]
    star = {f"gold.totesys.{name}" for name in catalog.load("totesys").warehouse}
    assert {asset.name for asset in dag.schedule} == star
    gold = dagbag.dags["totesys"].task_dict["gold"]
    assert star <= {asset.name for asset in gold.outlets}
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {"keep": set(), "load": {"keep"}}


def test_a_backfill_lands_and_loads_chunk_by_chunk(dagbag: DagBag) -> None:
    """Each chunk's silver follows its own landing; the rest follows, whatever failed but the plan."""
    dag = dagbag.dags["market_backfill"]
    assert "chunk.land" in dag.task_dict["chunk.silver"].upstream_task_ids
    assert dag.task_dict["chunk.land"].upstream_task_ids == {"plan"}
    order = {"landed": {"chunk.silver"}, "quality": {"plan", "landed"}, "gold": {"quality"}, "computed": {"gold"}}
    order |= {"grants": {"plan", "computed"}, "report": {"plan", "computed"}}
    assert {task: dag.task_dict[task].upstream_task_ids for task in order} == order
    rules = {"landed": "all_done", "quality": "all_success", "gold": "one_done", "computed": "all_done"}
    rules |= {"grants": "all_success", "report": "all_success"}
    assert {task: dag.task_dict[task].trigger_rule for task in rules} == rules
    assert dag.task_dict["complete"].trigger_rule == "none_failed"
    assert dag.params.get_param("asset_class").schema["enum"] == catalog.asset_classes()
    assert dag.schedule is None


def test_a_rebuild_is_read_once_it_is_whole(dagbag: DagBag) -> None:
    """Readers come last, where every asset class is rebuilt; a run that lists or drops has only its report."""
    dag = dagbag.dags["market_as_of"]
    order = {"rebuild": {"plan"}, "grants": {"rebuild"}, "report": {"grants"}}
    assert {task: dag.task_dict[task].upstream_task_ids for task in order} == order
    rules = {"rebuild": "all_success", "grants": "all_success", "report": "none_failed"}
    assert {task: dag.task_dict[task].trigger_rule for task in rules} == rules
    assert (dag.schedule, dag.max_active_runs) == (None, 1)


def test_no_landing_hangs_for_ever(dagbag: DagBag) -> None:
    """All that calls the API has a time-out, in which the slowest plan gives far more than is asked for."""
    callers = [task for dag in dagbag.dags.values() for task in dag.tasks if task.pool == "polygon"]
    declared = [catalog.load(asset_class) for asset_class in catalog.with_past()]
    assert len(callers) >= 1 + sum(len(each.daily) + len(each.intraday) for each in declared)
    others = {"chunk.land": dt.timedelta(days=7), "examine": dt.timedelta(hours=1)}
    for task in callers:
        assert task.execution_timeout == others.get(task.task_id, dt.timedelta(days=1)), task.task_id


def test_a_bulk_landing_takes_the_whole_rate_and_a_day_its_part(dagbag: DagBag) -> None:
    """All that calls the API does so in the pool whose slots are parts of the plan's rate."""
    slots = json.loads((ROOT / "include" / "pools.json").read_text())["polygon"]["slots"]
    bulk = dagbag.dags["market_backfill"].task_dict["chunk.land"]
    assert (bulk.pool, bulk.pool_slots) == ("polygon", slots)
    for asset_class in catalog.with_past():
        for task in dagbag.dags[asset_class].tasks:
            if task.task_id.startswith("land."):
                assert (task.pool, task.pool_slots) == ("polygon", 1)


@pytest.mark.parametrize("asset_class", [name for name in catalog.asset_classes() if catalog.load(name).intraday])
def test_snapshots_are_off_and_never_overlap(dagbag: DagBag, asset_class: str) -> None:
    """A task a dataset that is taken in market hours; paused until somebody turns it on; one run at a time."""
    dag = dagbag.dags[f"{asset_class}_intraday"]
    assert set(dag.task_ids) == set(catalog.load(asset_class).intraday)
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)


@pytest.mark.parametrize("asset_class", [name for name in catalog.asset_classes() if catalog.load(name).streams])
def test_a_stream_is_off_and_its_runs_follow_one_another(dagbag: DagBag, asset_class: str) -> None:
    """Gaps, then silver, then what settles the day; nothing of it stands in the market day's DAG."""
    dag = dagbag.dags[f"{asset_class}_stream"]
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "gaps": set(),
        "silver": {"gaps"},
        "settle": {"silver"},
    }
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)
    assert dag.task_dict["gaps"].pool == "polygon"
    assert [dag.task_dict[name].job for name in ("silver", "settle")] == ["silver", "reconcile"]
    market = dagbag.dags[asset_class]
    assert not [task for task in market.task_ids if "stream" in task]


def test_ticks_are_of_nobody_at_first_and_no_market_day_waits_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a list no DAG; with one a DAG of their own, off, and the market day has no task of them."""
    assert ticks_dag("stocks", None) is None
    declared = turned_on(tmp_path, "AAPL")
    monkeypatch.setattr(catalog, "load", lambda name: declared)
    dag = ticks_dag("stocks", None)
    assert dag is not None
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
        "land.trades": set(),
        "land.quotes": set(),
        "silver": {"land.trades", "land.quotes"},
        "quality": {"silver"},
        "reconcile": {"quality"},
        "gold": {"reconcile"},
        "grants": {"gold"},
    }
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)
    market = market_dag("stocks", None)
    assert not {"land.trades", "land.quotes"} & set(market.task_ids)
    assert not {"trades", "quotes"} & set(market.task_dict["silver"].datasets)


@pytest.mark.parametrize("asset_class", catalog.with_past())
def test_a_market_dag_goes_from_land_to_grants(dagbag: DagBag, asset_class: str) -> None:
    """A land task a declared dataset, then silver, quality, reconciliation, gold and grants, one after the other."""
    dag = dagbag.dags[asset_class]
    lands = {f"land.{name}" for name in catalog.load(asset_class).daily}
    compared = ["reconcile"] if catalog.load(asset_class).reconciling else []
    chain = ["silver", "quality", *compared, "gold", "grants"]
    assert set(dag.task_ids) == lands | {*chain, "complete"}
    assert dag.task_dict["silver"].upstream_task_ids == lands
    for before, after in itertools.pairwise(chain):
        assert dag.task_dict[after].upstream_task_ids == {before}
    assert all(dag.task_dict[task].deferrable for task in chain[:-1])
    # What fails stops only what stands on it, and the run is red all the same.
    assert {task for task in chain if dag.task_dict[task].trigger_rule == "all_done"} == set(chain)
    assert dag.task_dict["complete"].upstream_task_ids == lands | set(chain)
    assert dag.task_dict["complete"].trigger_rule == "all_done"


def test_a_database_is_cut_by_one_run_after_the_other_and_waits_for_no_market(dagbag: DagBag) -> None:
    """Off at first; one task lands all tables, in the pool of its own source; a skipped look skips all that follows."""
    dag = dagbag.dags["totesys"]
    assert (dag.is_paused_upon_creation, dag.max_active_runs, dag.catchup) == (True, 1, False)
    assert dag.timetable._delta == dt.timedelta(minutes=3)
    chain = ["land", "silver", "quality", "gold", "grants"]
    assert set(dag.task_ids) == {*chain, "complete"}
    for before, after in itertools.pairwise(chain):
        assert dag.task_dict[after].upstream_task_ids == {before}
    assert {dag.task_dict[task].trigger_rule for task in chain} == {"all_success"}
    assert dag.task_dict["complete"].upstream_task_ids == set(chain)
    pools = json.loads((ROOT / "include" / "pools.json").read_text())
    assert dag.task_dict["land"].pool == "postgres" in pools
    assert "postgres" not in {task.pool for other in dagbag.dags.values() if other is not dag for task in other.tasks}
    assert dag.task_dict["land"].execution_timeout == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("asset_class", "later"), [("stocks", {"ticker_events": "tickers"}), ("options", {"daily_bars": "contracts"})]
)
def test_what_is_asked_for_each_row_of_a_list_waits_for_it(
    dagbag: DagBag, asset_class: str, later: dict[str, str]
) -> None:
    """It reads the list that was landed; where that failed it goes on all the same. Nothing else waits."""
    tasks = dagbag.dags[asset_class].task_dict
    for name in catalog.load(asset_class).daily:
        waits = {f"land.{later[name]}"} if name in later else set()
        assert (tasks[f"land.{name}"].upstream_task_ids, tasks[f"land.{name}"].trigger_rule) == (waits, "all_done")


@pytest.mark.parametrize("asset_class", catalog.asset_classes())
def test_a_dag_explains_itself_to_operators(dagbag: DagBag, asset_class: str) -> None:
    """Its documentation says what it makes, what a failure means and what to do, for every task."""
    text = dagbag.dags[asset_class].doc_md or ""
    assert re.search("What it makes.*What a failure means, and what to do", text, re.DOTALL)
    for task in {task.partition(".")[0] for task in dagbag.dags[asset_class].task_ids} - {"complete"}:
        assert f"`{task}" in text


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_is_a_docstring_and_one_call(path: Path) -> None:
    """Logic lives in the package; no file in dags/ is named like a package beside it."""
    docstring, *rest = ast.parse(path.read_text()).body
    assert isinstance(docstring, ast.Expr)
    assert [type(node) for node in rest] == [ast.ImportFrom, ast.Assign]
    assert not (ROOT / "plugins" / path.stem).exists()


def test_parsing_a_dag_file_imports_nothing_heavy() -> None:
    """No pandas, SDK, calendar or client: they cost every parse."""
    script = """
import sys
from airflow.sdk import DAG
sys.path.insert(0, "plugins")
before = set(sys.modules)
import runpy
runpy.run_path("dags/stocks.py")
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {
        "pandas",
        "numpy",
        "pyarrow",
        "boto3",
        "botocore",
        "exchange_calendars",
        "massive",
        "pyspark",
        "isal",
    }
    assert not heavy & set(done.stdout.split())


def test_the_same_file_makes_the_same_dag_at_every_parse() -> None:
    """A DAG that differs from parse to parse gets a new version each time."""
    from airflow.serialization.serialized_objects import DagSerialization

    parses = [DagSerialization.serialize_dag(DagBag(dag_folder=str(DAGS)).dags["stocks"]) for _ in range(2)]
    assert parses[0] == parses[1]


def test_one_broken_declaration_breaks_one_dag_and_says_which_key(tmp_path: Path) -> None:
    """The other DAG is there, and the import error names file, key and what is allowed."""
    shutil.copytree(DAGS, tmp_path / "dags")
    shutil.copytree(ROOT / "plugins", tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "include", tmp_path / "include")
    (tmp_path / "dags" / "metals.py").write_text((DAGS / "stocks.py").read_text().replace('"stocks"', '"metals"'))
    declared = (ROOT / "include/datasets/stocks.yaml").read_text()
    (tmp_path / "include/datasets/metals.yaml").write_text(
        declared.replace("asset_class: stocks", "asset_class: metals").replace("calendar: XNYS", "calendar: MOON")
    )
    script = (
        "from airflow.dag_processing.dagbag import DagBag\n"
        "bag = DagBag(dag_folder='dags')\n"
        "print('dags:', sorted(bag.dags)); print(*bag.import_errors.values())\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "plugins"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "plugins"),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    dags, errors = done.stdout.split("dags: ")[1].split("\n", 1)
    assert ast.literal_eval(dags) == sorted(DagBag(dag_folder=str(DAGS)).dags)
    assert re.search(r"metals\.yaml:5: key 'calendar' is 'MOON', allowed are XNYS", errors)
