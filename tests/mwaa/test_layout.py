"""The package laid out as MWAA lays it out, under MWAA's pins and nothing else: every DAG loads, a market day runs.

`make test-mwaa`: making the environment takes minutes, so `make test` leaves this out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery import imports, package, wheels
from delivery.checkout import Checkout
from local import connections, mwaa
from local.stack import DATA_PARTS, ROOT, Options, Stack
from tests.end_to_end.conftest import SMALL

pytestmark = pytest.mark.skipif(not os.environ.get("ANTHILL_TEST_MWAA"), reason="takes minutes: `make test-mwaa`")
DAY = "2026-06-15"
UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / "var/tools/bin/uv")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this checkout, as an MWAA without an index takes it."""
    out = tmp_path_factory.mktemp("package") / "mwaa"
    checkout = Checkout(ROOT)
    package.build(checkout, out, wheels.fetched(checkout.read("requirements.txt").decode(), UV))
    return out


@pytest.fixture(scope="module")
def python(packed: Path, home: Path) -> Path:
    """MWAA's Python, with the requirements out of the package's own wheels."""
    return mwaa.environment(packed, home, ROOT / "var" / "mwaa", UV)


@pytest.fixture(scope="module")
def home(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/usr/local/airflow with dags/ and plugins/."""
    place = tmp_path_factory.mktemp("usr") / "local" / "airflow"
    place.mkdir(parents=True)
    imports.lay_out(packed, place)
    return place


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """S3, the API and Databricks over small simulated markets."""
    made = Stack(Options(tmp_path_factory.mktemp("stack"), polygon=SMALL))
    with made.lock():
        made.start(DATA_PARTS)
        try:
            yield made
        finally:
            made.stop()


def asked(python: Path, home: Path, *arguments: str, **variables: str) -> Any:
    """What MWAA's Python answers in the laid-out folders; Airflow itself puts them on sys.path."""
    env = {name: value for name, value in imports.environment(home).items() if name != "PYTHONPATH"}
    env["PATH"] = f"{python.parent}:{env['PATH']}"
    command = [str(python), "-P", str(Path(__file__).with_name("airflow_home.py")), *arguments]
    done = subprocess.run(command, env=env | variables, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def found(python: Path, home: Path) -> dict[str, Any]:
    """What Airflow finds there."""
    answer: dict[str, Any] = asked(python, home, "found")
    return answer


def test_pip_installs_the_requirements_in_time(python: Path) -> None:
    """With hashes and constraints, in a fraction of what MWAA gives."""
    assert mwaa.seconds(python) < mwaa.LONGEST / 2
    subprocess.run([str(python), "-m", "pip", "check"], check=True)


def test_mwaas_pins_and_nothing_else(found: dict[str, Any], packed: Path) -> None:
    """Each distribution is at MWAA's version where it has one; neither stand-ins nor the project are installed."""
    lines = re.findall(r"^([A-Za-z0-9][\w.-]*)==(\S+)", (packed / "dags/constraints.txt").read_text(), re.MULTILINE)
    pins = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in lines}
    installed = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found["distributions"].items()}
    off = {name: (version, pins[name]) for name, version in installed.items() if pins.get(name, version) != version}
    assert off.keys() <= {"pip"}
    assert not installed.keys() & {"anthill", "pysail", "moto", "ministack", "pyspark-client", "pytest"}
    assert "massive" in installed


def test_every_dag_loads(found: dict[str, Any], packed: Path, home: Path) -> None:
    """From the package's own folders, without an import error."""
    assert found["errors"] == {}
    assert found["dags"] == json.loads((packed / "manifest.json").read_text())["dags"]
    assert Path(found["package"]).is_relative_to(home)
    assert not [place for place in found["path"] if Path(place).resolve() in (ROOT, ROOT / "plugins")]


def test_a_stocks_day_runs(python: Path, home: Path, stack: Stack) -> None:
    """From the API to grants: every task ends well, and gold has the day."""
    variables = {**connections.environment(stack.addresses), "AIRFLOW__ANTHILL__JOB_POLL_SECONDS": "1"}
    states = asked(python, home, "ended", "stocks", DAY, **variables)
    assert set(states.values()) <= {"success", "skipped"}, states
    assert {"silver", "quality", "gold", "grants", "complete"} <= {
        task for task, state in states.items() if state == "success"
    }
    (counted,) = stack.warehouse().records(
        f"SELECT count(*) AS n FROM gold.stocks_daily_prices WHERE market_date = DATE'{DAY}'"
    )
    assert counted["n"] > 100
