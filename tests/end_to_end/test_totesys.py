"""ToteSys through Airflow's tasks: a cut from its database to the star, and the star into a warehouse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from local import sources
from local.stack import Options, Stack
from local.totesys import served
from local.totesys.business import Business
from local.totesys.server import WAREHOUSE, Server
from tests.end_to_end.conftest import connected, run_dag, started, states

CHANGED = """
    UPDATE sales_order SET units_sold = units_sold + 1
    WHERE sales_order_id = (SELECT min(sales_order_id) FROM sales_order);
    CREATE TEMP TABLE gone AS SELECT max(sales_order_id) AS sales_order_id FROM sales_order;
    DELETE FROM payment
    WHERE transaction_id IN (SELECT transaction_id FROM transaction JOIN gone USING (sales_order_id));
    DELETE FROM transaction WHERE sales_order_id = (SELECT sales_order_id FROM gone);
    DELETE FROM sales_order WHERE sales_order_id = (SELECT sales_order_id FROM gone)"""  # one edit by hand, one delete
FIRST = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A lake and a workspace, and the source's server with its connections; its business does as it is told."""
    stack = Stack(Options(tmp_path_factory.mktemp("stack")))
    with started(stack):
        brought = sources.of("totesys").start(stack.home, stack.run)
        stack.addresses.served.update(brought.connections)
        try:
            with connected(stack):
                yield stack
        finally:
            Server(stack.home / "totesys").stop()


@pytest.mark.long
def test_a_change_comes_to_the_warehouse_whole(airflow_database: None, stack: Stack) -> None:
    """Every task is green, under the rights of their roles; an unchanged look starts no job."""
    server = Server(stack.home / "totesys")
    business = Business(server.connect, seed=11)
    business.open(designs=3, counterparties=3, staff=3)
    business.work(30)
    business.settle()
    first = run_dag("totesys", at=FIRST)
    assert set(states(first).values()) == {"success"}, states(first)
    assert set(states(run_dag("totesys_warehouse")).values()) == {"success"}
    held = served.held(stack)
    present = "SELECT count(*) FROM sales_order"
    assert held["tables"]["fact_sales_order"] == _one(server, present) > 10
    server.alter(CHANGED)
    business.close()
    second = run_dag("totesys", at=FIRST + dt.timedelta(minutes=3))
    assert states(second)["gold"] == "success"
    assert set(states(run_dag("totesys_warehouse")).values()) == {"success"}
    after = served.held(stack)
    assert after["version"] == held["version"] + 1
    assert _one(server, "SELECT count(*) FROM fact_sales_order WHERE seen_until IS NULL", WAREHOUSE) == _one(
        server, present
    )
    assert sum(after["by_version"].values()) == held["tables"]["fact_sales_order"] + 1  # the second of what was edited
    assert served.lacking(after["tables"], sources.tables(stack.warehouse(), "totesys")["gold"]) == []
    unchanged = run_dag("totesys", at=FIRST + dt.timedelta(minutes=6))
    assert {task: state for task, state in states(unchanged).items() if task != "complete"} == dict.fromkeys(
        ("land", "silver", "quality", "gold", "grants"), "skipped"
    )


def _one(server: Server, query: str, database: str = "totesys") -> int:
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
