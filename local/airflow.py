"""Airflow on one machine: its configuration, its connections and the commands of its parts."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import select
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from local import hosts, patience, postgres, whole_file
from local.service import Service, ServiceError, remember, tail

if TYPE_CHECKING:
    from local.airflow_api import AirflowApi
    from local.connections import Addresses

PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
LOCK = Path(__file__).parents[1] / "uv.lock"
TEMPLATES = Path(__file__).parents[1] / "var" / "templates"


def health(part: str, address: str) -> str | None:
    """Where a part says that it is ready; only the API server has an address."""
    return f"{address}/api/v2/version" if part == "api-server" else None


class Parts(Service):
    """The process that loads what Airflow's parts share, and forks them."""

    _control: socket.socket | None = None

    def start(self) -> None:
        """Start it; it loads for seconds before it forks the first part."""
        self._control, theirs = socket.socketpair()
        self.fds = [theirs.fileno()]
        self.command = [sys.executable, "-m", "local.airflow_parts", str(theirs.fileno())]
        super().start()
        theirs.close()

    def fork(self, part: str, log: Path) -> psutil.Process:
        """A part's new process; ServiceError with the end of its log where that is over already."""
        try:
            return psutil.Process(self._ask("fork", part, str(log)))
        except psutil.NoSuchProcess:
            raise ServiceError(f"airflow {part} ended as soon as it was started\n{tail(log)}") from None

    def finish(self, part: str, log: Path) -> None:
        """Run a part to its end; ServiceError with the end of its log where it fails."""
        if code := self._ask("wait", str(self._ask("fork", part, str(log)))):
            raise ServiceError(f"airflow {part} ended with exit code {code}\n{tail(log)}")

    def _ask(self, *words: str) -> int:
        assert self._control is not None  # noqa: S101 - started before
        with self._control.makefile("rw") as lines:
            lines.write("\t".join(words) + "\n")
            lines.flush()
            while not select.select([self._control], [], [], 1)[0]:
                self.check()
            # One that died with a word unread resets the line, others close it.
            with contextlib.suppress(ConnectionError):
                if answer := lines.readline():
                    return int(answer)
        self.check()
        raise ServiceError(f"{self.name} does not answer\n{self.tail()}")


@dataclass
class Part(Service):
    """One of Airflow's parts."""

    parts: Parts = field(kw_only=True)

    def start(self) -> None:
        """Have it forked."""
        self.child = self.parts.fork(self.name, self.log)
        remember(self.folder / f"{self.name}.json", self.child)


def people(home: Path, names: Sequence[str]) -> dict[str, str]:
    """Airflow's configuration where not everybody is admin; the password of each is the name."""
    if not names:
        return {}
    home.mkdir(parents=True, exist_ok=True)
    file = home / "passwords.json"
    file.write_text(json.dumps({name.partition(":")[0]: name.partition(":")[0] for name in names}))
    given = {"ALL_ADMINS": "False", "USERS": ",".join(names), "PASSWORDS_FILE": str(file)}
    return {f"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_{key}": value for key, value in given.items()}


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
        "API__DAG_CACHE_TTL": "5",  # a DAG without runs changes in place: the UI shows it as it is
        "API__SECRET_KEY": _secret(home, "api"),
        "API_AUTH__JWT_SECRET": _secret(home, "jwt"),
        "DATABASE__SQL_ALCHEMY_CONN": addresses.database,
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # A file that was written is parsed at once, all of them when include/ was (`local/dag_processor.py`).
        "DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",  # what changed twice within 30 s is not parsed a third time
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "DATABASE__SQL_ALCHEMY_POOL_PRE_PING": "False",  # the database is on this machine, and ends last
        "SCHEDULER__USE_JOB_SCHEDULE": str(schedule),
        "TRIGGERER__DEFAULT_CAPACITY": "100",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        # A worker notices the end of its task at its next heartbeat; a deferred task may be back by then.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "ANTHILL__CATALOG": "dev",
        "ANTHILL__CLOCK": clock,
        "ANTHILL__HOSTS": hosts.LOOPBACK,
        "ANTHILL__JOB_POLL_SECONDS": "1",
        "ANTHILL__POOL_SLOTS": str(slots),
        **patience.AIRFLOW,
    }
    ours = {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in options.items()}}
    return {name: os.environ.get(name, value) if "ANTHILL" in name else value for name, value in ours.items()}


def prepare(home: Path, parts: Parts, database: postgres.Database, run: Path) -> None:
    """Give the database its tables: those of a template, which is made when the lock has changed, or new ones."""
    folder = home / "postgres"
    stamp = postgres.stamp(folder)
    template = TEMPLATES / f"airflow-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}.sql"
    if database.is_new and template.exists():
        postgres.load(folder, template)
    elif not stamp.exists() or stamp.read_text() != version("apache-airflow"):
        parts.finish("migrate", run / "migrate.log")
        if database.is_new:
            postgres.dump(folder, template)
            for other in set(TEMPLATES.glob("airflow-*.sql")) - {template}:
                other.unlink(missing_ok=True)
    else:
        postgres.bury(folder)
    whole_file.write(stamp, version("apache-airflow"))


def create_pools(api: AirflowApi, file: Path, slots: int) -> None:
    """Make the declared pools of so many slots: a task of a pool that is not there never starts."""
    there = {pool["name"]: pool["slots"] for pool in api.all("/pools", "pools")}
    for name, pool in json.loads(file.read_text()).items():
        if name not in there:
            api.post("/pools", {"name": name, **pool, "slots": slots})
        elif there[name] != slots:
            api.patch(f"/pools/{name}", {"name": name, **pool, "slots": slots})


def turn_on(api: AirflowApi, dags: Sequence[str]) -> None:
    """Turn on DAGs that are off at first, as soon as they are parsed."""
    for dag in dags:
        api.wait_for_dag(dag)
        api.patch(f"/dags/{dag}", {"is_paused": False})


def _secret(home: Path, name: str) -> str:
    """A random secret of this home, the same at every start."""
    path = home / f"{name}.secret"
    if not path.exists() or not path.read_text():
        whole_file.write(path, secrets.token_urlsafe(32), mode=0o600)
    return path.read_text()
