"""What `make first-day` asks of Airflow and of a workspace, asked of those of a whole stack."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from anthill import catalog, fingerprint
from local.airflow_api import AirflowApi
from local.databricks.account import Account
from local.stack import Stack
from scripts.first_day import delivered, market_day, stacks
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError
from scripts.market_day import follow
from tests import invoke_rest_api

DAY = "2026-06-16"


@pytest.fixture
def place(stack: Stack, api: AirflowApi, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Dev, whose Airflow and workspace are the stack's, as a data engineer sees them."""
    monkeypatch.setenv("DATABRICKS_TOKEN", Account().role("data_engineer").token)
    place = Place("dev")
    place._clients["mwaa"] = invoke_rest_api.client(api)
    place.published = {"platform_development/databricks": {"host": stack.addresses.databricks}}
    return place


def run(api: AirflowApi, dag: str, **conf: str) -> None:
    """A run from its start to its end, as `make smoke` and `make market-day` do it."""

    def call(method: str, path: str, **body: object) -> object:
        return getattr(api, method.lower())(path, *([body] if body else []))

    follow(SimpleNamespace(name="the stack", call=call), dag, conf, dag, 0.5, 1500)


def test_the_workspace_has_catalog_and_jobs(place: Place) -> None:
    """Those of the bundle, to somebody who may only look at them."""
    assert stacks.STANDS["innovation_development/catalog"](place, {"catalog": "dev"}) == "catalog dev"
    assert delivered.jobs(place) == "12 jobs"


@pytest.fixture
def paused(api: AirflowApi) -> Iterator[None]:
    """Every asset class is off, as at first; afterwards what was on is on again."""
    before = {name: api.get(f"/dags/{name}")["is_paused"] for name in catalog.asset_classes()}
    for name in before:
        api.patch(f"/dags/{name}", {"is_paused": True})
    yield
    for name, was in before.items():
        api.patch(f"/dags/{name}", {"is_paused": was})


@pytest.mark.usefixtures("paused")
def test_paused_then_on_then_a_market_day(place: Place, api: AirflowApi) -> None:
    """At first everything is paused; then a day of what was turned on goes through, and is counted."""
    with pytest.raises(MissingError, match="are paused"):
        market_day.turned_on(place)
    api.patch("/dags/forex", {"is_paused": False})
    assert market_day.turned_on(place) == "forex"
    before = delivered.succeeded(place, "forex")
    run(api, "forex", market_date=DAY)
    assert market_day.went_through(place) == f"runs of forex that succeeded: {before + 1}"


def test_the_smoke_job(place: Place, api: AirflowApi) -> None:
    """Missing before Airflow has started it, there after a run with this commit's digest."""
    with pytest.raises(MissingError, match="never ran"):
        delivered.smoke(place)
    run(api, "smoke", digest=fingerprint.digest())
    assert delivered.smoke(place) == "runs that succeeded: 1"
