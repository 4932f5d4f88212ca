"""The market DAG with a workgroup: its own tasks against Unity Catalog, Glue, Athena and S3."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from moto.athena.exceptions import InvalidArgumentException
from moto.athena.models import athena_backends
from moto.athena.responses import AthenaResponse

from anthill.consumption import declared, query
from anthill.consumption.declared import Declared
from anthill.dag_builder.cut import cut_dag
from anthill.dag_builder.edition import edition_dag
from anthill.dag_builder.market import market_dag
from anthill.intervals import ending

from .conftest import DATABASE, LAKE, WORKGROUP, client

LOADS = {"daily_prices": "a", "daily_returns": "b", "cross_rates": "c"}
FOLDER = "consumption/forex_pairs/2026-06-01/"


class Instance:
    """A task of a run in which gold ended so."""

    dag_id, run_id = "forex", "r"

    def __init__(self, gold: Any) -> None:
        self.gold, self.pushed = gold, {}

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        """How gold stands."""
        return {"r": {"gold": "failed" if self.gold is None else "success"}}

    def xcom_pull(self, task_ids: str) -> Any:
        """What it returned."""
        return {"tables": {}, "loads": self.gold}

    def xcom_push(self, key: str, value: Any) -> None:
        """The link to the query in the console."""
        self.pushed[key] = value


def run(task: str, gold: Any = LOADS, asset_class: str = "forex") -> Any:
    """One task of the DAG behind a gold with these loads, or one that failed; what it returns."""
    operator = market_dag(asset_class, None).task_dict[f"consumption.{task}"]
    context: Any = {"ti": Instance(gold), "params": {"market_date": "2026-06-01"}, "dag_run": SimpleNamespace(conf={})}
    return operator.execute(context)


@pytest.fixture
def s3(aws: str, connections: None) -> Any:
    """Gold's zone without results, and Athena without executions."""
    found = client("s3", aws)
    for entry in found.list_objects_v2(Bucket=LAKE, Prefix="consumption/").get("Contents", []):
        found.delete_object(Bucket=LAKE, Key=entry["Key"])
    backend().executions.clear()
    return found


def backend() -> Any:
    """What moto holds of Athena."""
    return athena_backends["123456789012"]["us-east-1"]


def asked() -> list[Any]:
    """The executions of the query of pairs."""
    return [each for each in backend().executions.values() if "forex_pairs" in each.query]


def keys(s3: Any) -> set[str]:
    """What lies in its folder."""
    found = s3.list_objects_v2(Bucket=LAKE, Prefix=FOLDER).get("Contents", [])
    return {entry["Key"].removeprefix(FOLDER) for entry in found}


def test_a_load_is_written_once(s3: Any) -> None:
    """In the workgroup and the database; the same load asks Athena nothing, another one replaces what was there."""
    written = {
        "query": "forex_pairs", "market_date": "2026-06-01", "location": f"s3://{LAKE}/{FOLDER}", "written": True,
        "scanned_bytes": 0,
    }  # fmt: skip
    assert run("pairs") == written
    (execution,) = asked()
    assert (execution.workgroup.name, execution.context["Database"]) == (WORKGROUP, DATABASE)
    assert execution.query.startswith("UNLOAD (")
    assert "CAST('2026-06-01' AS DATE)" in execution.query
    assert execution.query.endswith(f")\nTO 's3://{LAKE}/{FOLDER}'\nWITH (format = 'PARQUET')")
    assert keys(s3) == {"_SUCCESS"}

    s3.put_object(Bucket=LAKE, Key=f"{FOLDER}20260601_1.parquet", Body=b"rows")
    assert run("pairs")["written"] is False
    assert len(asked()) == 1
    assert keys(s3) == {"_SUCCESS", "20260601_1.parquet"}

    assert run("pairs", {**LOADS, "daily_prices": "again"}) == written
    assert len(asked()) == 2
    assert keys(s3) == {"_SUCCESS"}  # Athena writes into empty folders only


def test_half_of_it_is_nobodys(s3: Any) -> None:
    """What an execution left that failed is removed before the next one writes, and so is a mark that nobody reads."""
    for key in ("half.parquet", "_SUCCESS"):
        s3.put_object(Bucket=LAKE, Key=f"{FOLDER}{key}", Body=b"ro")
    assert run("pairs")["written"] is True
    assert keys(s3) == {"_SUCCESS"}


def test_red_says_which_query_and_what_it_scanned(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto fails no query: its answer gets what Athena's has when a query reaches the workgroup's limit."""
    answer = AthenaResponse.get_query_execution

    def over(self: Any) -> str:
        given = json.loads(answer(self))
        reason = "Query exhausted resources: Bytes scanned limit was exceeded"
        given["QueryExecution"]["Status"] |= {"State": "FAILED", "StateChangeReason": reason}
        given["QueryExecution"]["Statistics"]["DataScannedInBytes"] = 5_368_709_121
        return json.dumps(given)

    monkeypatch.setattr(AthenaResponse, "get_query_execution", over)
    with pytest.raises(AirflowException) as error:
        run("pairs")
    told = str(error.value)
    assert told.startswith("query forex_pairs of 2026-06-01: ")
    assert "Bytes scanned limit was exceeded" in told
    assert "It scanned 5.37 GB; the workgroup anthill-dev-pipeline stops a query at its limit" in told
    assert "include/sql/consumption/forex/pairs.sql" in told
    assert keys(s3) == set()


def test_a_workgroup_that_is_not_there_is_told(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the query, and that nothing was scanned; moto runs in any workgroup, Athena refuses so."""

    def refuse(_: Any) -> str:
        raise InvalidArgumentException("WorkGroup nowhere is not found.")

    monkeypatch.setattr(AthenaResponse, "start_query_execution", refuse)
    with pytest.raises(AirflowException, match=r"^query forex_pairs of 2026-06-01: .*not found\. It scanned nothing;"):
        run("pairs")


def test_behind_a_gold_that_failed_nothing_is_asked(s3: Any) -> None:
    """The tables that are there are registered, the queries are skipped: what they would read was not published."""
    assert sum(run("register", None).values()) == 4
    with pytest.raises(AirflowSkipException, match="gold is failed: nothing of the market day was published"):
        run("pairs", None)
    assert asked() == []


def test_a_table_that_gold_should_have_made_is_missed(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are registered, and the entry is named; behind a gold that failed it is no second failure."""
    found = declared.load("dev", DATABASE)
    more = [*found, Declared("forex", "forex_lost", "dev.gold.forex_lost", "forex.yaml:9")]
    monkeypatch.setattr(declared, "load", lambda *_: more)
    with pytest.raises(AirflowFailException, match=r"dev.gold.forex_lost, declared in forex.yaml:9, does not exist"):
        run("register")
    assert run("register", None)["unchanged"] == 4


def test_without_a_workgroup_there_are_no_such_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `make demo`; and where no table is declared, with one neither."""
    monkeypatch.delenv("AIRFLOW__ANTHILL__ATHENA_WORKGROUP", raising=False)
    assert not [task for task in market_dag("forex", None).task_ids if task.startswith("consumption")]
    monkeypatch.setenv("AIRFLOW__ANTHILL__ATHENA_WORKGROUP", WORKGROUP)
    assert not [task for task in market_dag("economy", None).task_ids if task.startswith("consumption")]
    dag = market_dag("forex", None)
    assert dag.task_dict["consumption.register"].upstream_task_ids == {"grants"}
    assert {"consumption.register", "consumption.pairs"} <= dag.task_dict["complete"].upstream_task_ids


def test_another_sql_is_another_load() -> None:
    """And another day, and another load of any table; the order of tables is none."""
    pairs = query.read("forex", "pairs")
    load = pairs.load("2026-06-01", {"a": "1", "b": "2"})
    assert load == pairs.load("2026-06-01", {"b": "2", "a": "1"})
    others = [
        pairs.load("2026-06-02", {"a": "1", "b": "2"}),
        pairs.load("2026-06-01", {"a": "1", "b": "3"}),
        query.Query(pairs.name, f"{pairs.sql} LIMIT 1").load("2026-06-01", {"a": "1", "b": "2"}),
    ]
    assert load not in others


class Landed(Instance):
    """A task of a run that has landed two editions."""

    def xcom_pull(self, task_ids: str) -> Any:
        """The editions by their labels, or what gold returned."""
        return {"2024-12-31": "b", "2019-12-31": "a"} if task_ids == "land" else super().xcom_pull(task_ids)


def test_each_edition_is_kept_by_its_own_day(s3: Any) -> None:
    """Not by the day on which somebody looked."""
    operator = edition_dag("enem", None).task_dict["consumption.scores_by_state"]
    context: Any = {"ti": Landed({"scores": "a"}), "params": {"edition": None}, "dag_run": SimpleNamespace(conf={})}
    assert list(operator.execute(context)) == ["2019-12-31", "2024-12-31"]
    queries = sorted(each.query for each in backend().executions.values())
    assert [f"CAST('{year}-12-31' AS DATE)" in sql for year, sql in zip((2019, 2024), queries, strict=True)] == [
        True
    ] * 2
    found = s3.list_objects_v2(Bucket=LAKE, Prefix="consumption/enem_scores_by_state/")["Contents"]
    assert [entry["Key"].split("/")[2] for entry in found] == ["2019-12-31", "2024-12-31"]


def test_a_cut_is_kept_by_the_day_on_which_it_ended(s3: Any) -> None:
    """The cut at midnight is the new day's, as its label is."""
    operator = cut_dag("totesys", None).task_dict["consumption.sales_by_design"]
    ends = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
    times = {"data_interval_start": ends - dt.timedelta(minutes=3), "data_interval_end": ends}
    context: Any = {"ti": Instance({}), "params": {}, "dag_run": SimpleNamespace(conf={}), **times}
    assert operator.execute(context)["market_date"] == str(ending("PT3M", ends).day)
    (execution,) = backend().executions.values()
    assert "FROM totesys_fact_sales_order" in execution.query
