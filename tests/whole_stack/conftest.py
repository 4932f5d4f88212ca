"""A whole local stack, a real Chromium and the command line before it: `make test-stack`."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from anthill import catalog
from local.airflow_api import AirflowApi
from local.stack import ROOT, Options, Stack
from tests import by_name
from tests.end_to_end.conftest import SMALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_T = TypeVar("_T")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SHOTS = ROOT / "var" / "screenshots"
PLAN_ENDS = "2026-06-23"  # the plan's history does not reach this day


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take minutes: they are run by name."""
    by_name.skip_unless(
        "ANTHILL_STACK", items, Path(__file__).parent, "a browser and a whole stack: `make test-stack` runs it"
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the machine; nothing is installed here."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(f"no {', '.join(BROWSERS)} on PATH: `apt-get install chromium`, or set CHROMIUM to one")
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's script of faults, which it reads again when it changes: one day that the API plan leaves out."""
    faults = tmp_path_factory.mktemp("faults") / "faults.json"
    rule = {"match": {"path": f"/v2/aggs/grouped/.*/fx/{PLAN_ENDS}"}, "then": {"error": "plan_history"}}
    faults.write_text(json.dumps([rule]))
    return faults


@pytest.fixture(scope="session")
def workspace_faults(faults: Path) -> Path:
    """The workspace's, which has none."""
    path = faults.with_name("workspace.yaml")
    path.write_text("[]")
    return path


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, faults: Path, workspace_faults: Path) -> Iterator[Stack]:
    """Every part of the platform over small simulated markets."""
    yield from whole(tmp_path_factory.mktemp("stack"), faults, ("--faults", str(workspace_faults)))


def whole(home: Path, faults: Path, databricks: tuple[str, ...] = ()) -> Iterator[Stack]:
    """Every part over small simulated markets with a script of faults, stopped at the end."""
    stack = Stack(Options(home, polygon=(*SMALL, "--faults", str(faults)), databricks=databricks))
    with stack.lock():
        stack.start()
        try:
            yield stack
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def api(stack: Stack) -> AirflowApi:
    """Airflow's REST API, its backfills turned on."""
    api = stack.api()
    for dag in (*catalog.asset_classes(), "market_backfill", "market_as_of", "coverage_index", "doctor"):
        api.wait_for_dag(dag)
    api.patch("/dags/market_backfill", {"is_paused": False})
    return api


def backfill(api: AirflowApi, **conf: Any) -> dict[str, Any]:
    """A backfill, from its start to its end."""
    run = api.post("/dags/market_backfill/dagRuns", {"logical_date": None, "conf": conf})
    return wait_for(lambda: ended(api, run["dag_run_id"]), f"the end of {run['dag_run_id']}")


def ended(api: AirflowApi, run: str) -> dict[str, Any] | None:
    """The run once it has ended."""
    found: dict[str, Any] = api.get(f"/dags/market_backfill/dagRuns/{run}")
    return found if found["state"] in ("success", "failed") else None


def wait_for(look: Callable[[], _T | None], what: str, patience: float = 1500) -> _T:
    """What `look` finds, as soon as it finds anything."""
    end = time.monotonic() + patience
    while (found := look()) is None:
        assert time.monotonic() < end, f"{what} did not come within {patience:.0f} s"
        time.sleep(0.5)
    return found
