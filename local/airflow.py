"""Airflow on one machine: its configuration, its connections and the commands of its parts."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.airflow_api import AirflowApi
    from local.connections import Addresses

PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")


def health(part: str, address: str) -> str | None:
    """Where a part says that it is ready; only the API server has an address."""
    return f"{address}/api/v2/version" if part == "api-server" else None


def command(part: str) -> list[str]:
    """The command of one of Airflow's parts."""
    if part == "scheduler":
        return [sys.executable, "-m", "local.scheduler"]
    return [sys.executable, "-m", "airflow", part]


def configuration(
    home: Path, root: Path, addresses: Addresses, *, schedule: bool, slots: int, clock: str
) -> dict[str, str]:
    """Airflow's configuration as variables; `schedule` off leaves runs to people, `slots` is the size of the pool.

    `clock` is where the source's clock stands, "" where it goes by.
    """
    port = addresses.airflow.rsplit(":", 1)[1]
    options = {
        "CORE__DAGS_FOLDER": str(root / "dags"),
        "CORE__PLUGINS_FOLDER": str(root / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__EXECUTION_API_SERVER_URL": f"{addresses.airflow}/execution/",
        "CORE__FERNET_KEY": "",
        "CORE__TEST_CONNECTION": "Enabled",
        "API__HOST": "127.0.0.1",
        "API__PORT": port,
        "API__BASE_URL": addresses.airflow,
        "API__WORKERS": "1",
        "API__SECRET_KEY": _secret(home, "api"),
        "API_AUTH__JWT_SECRET": _secret(home, "jwt"),
        "DATABASE__SQL_ALCHEMY_CONN": addresses.database,
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "SCHEDULER__USE_JOB_SCHEDULE": str(schedule),
        "TRIGGERER__DEFAULT_CAPACITY": "100",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        # A worker notices the end of its task at its next heartbeat; a deferred task may be back by then.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "ANTHILL__CATALOG": "dev",
        "ANTHILL__CLOCK": clock,
        "ANTHILL__JOB_POLL_SECONDS": "1",
        "ANTHILL__POOL_SLOTS": str(slots),
    }
    ours = {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in options.items()}}
    return {name: os.environ.get(name, value) if "ANTHILL" in name else value for name, value in ours.items()}


def migrate(home: Path, environment: dict[str, str], log: Path) -> None:
    """Bring Airflow's tables up to date, once a version: it costs seconds."""
    from importlib.metadata import version

    stamp = home / "postgres" / "migrated"
    if stamp.exists() and stamp.read_text() == version("apache-airflow"):
        return
    with log.open("ab") as file:
        subprocess.run([*command("db"), "migrate"], env=environment, check=True, stdout=file, stderr=file)
    stamp.write_text(version("apache-airflow"))


def create_pools(api: AirflowApi, file: Path, slots: int) -> None:
    """Make the declared pools of so many slots: a task of a pool that is not there never starts."""
    there = {pool["name"]: pool["slots"] for pool in api.all("/pools", "pools")}
    for name, pool in json.loads(file.read_text()).items():
        if name not in there:
            api.post("/pools", {"name": name, **pool, "slots": slots})
        elif there[name] != slots:
            api.patch(f"/pools/{name}", {"name": name, **pool, "slots": slots})


def _secret(home: Path, name: str) -> str:
    """A random secret of this home, the same at every start."""
    path = home / f"{name}.secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()
