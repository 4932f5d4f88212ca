"""The whole platform on one machine: which processes, in what order, with what addresses."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from anthill.warehouse.warehouse import Warehouse
from local import airflow, bell, connections, lake, notebooks, patience, postgres, signals, sources, whole_file
from local.airflow_api import AirflowApi
from local.connections import Addresses
from local.databricks.account import Account
from local.service import (
    Service,
    ServiceError,
    clean_environment,
    find,
    free_port,
    kill,
    left,
    marked,
    remember,
    require_free,
    stop,
)
from local.standstill import family

ROOT = Path(__file__).parents[1]
DATA_PARTS = ("s3", "polygon", "databricks")
PARTS = ("postgres", *DATA_PARTS, *airflow.PARTS)


@dataclass(frozen=True)
class Options:
    """What a person may set: `home` keeps everything, `history` replays real bars, port 0 takes a free one."""

    home: Path
    history: tuple[Path, ...] = ()
    port: int = 0
    today: str = "2026-07-03"  # the stand-in's own date, 18:00 New York: a day off, so that July 2nd is whole
    schedule: bool = False  # off leaves runs to people and backfills; on, to those of `sources`
    sources: tuple[str, ...] = ()  # beside the market: `local.sources`
    polygon: tuple[str, ...] = ()  # further arguments of the Polygon stand-in
    databricks: tuple[str, ...] = ()  # and of the workspace
    notebooks: str = sys.executable  # the interpreter that they run in
    people: tuple[str, ...] = ()  # of Airflow as name:role, the first an admin; their names are their passwords


class Stack:
    """The local services over one home folder."""

    def __init__(self, options: Options, say: Callable[[str], None] = print) -> None:
        self.options = options
        self.say = say
        self.home = options.home
        self.run = self.home / "run"
        self.services: list[Service] = []
        self._addresses: Addresses | None = None

    def at(self, addresses: Addresses) -> Stack:
        """This stack over services that somebody else has started."""
        self._addresses = addresses
        return self

    @property
    def last_day(self) -> dt.date:
        """The last day that the source has whole: the one before its own date."""
        return dt.date.fromisoformat(self.options.today) - dt.timedelta(days=1)

    @property
    def addresses(self) -> Addresses:
        """Where the running stack answers."""
        if self._addresses is None:
            raise ServiceError(f"the stack over {self.home} does not run: `make up` starts it")
        return self._addresses

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home folder; ServiceError that names its holder when another process has it."""
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "lock").open("a+") as file:
            try:
                # The kernel lets go of it when this process ends, however it ends.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise ServiceError(
                    f"{self.home} is in use by process {file.read().strip() or '?'}: wait for it, or stop it"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def start(self, parts: Collection[str] = PARTS) -> None:
        """Start the parts that the person's own connections do not bring, and wait until all answer."""
        self.heal()
        (self.run / "addresses").unlink(missing_ok=True)  # of an earlier run
        wanted = [part for part in PARTS if part in parts and part not in connections.brought()]
        try:
            self._start(wanted)
        except BaseException:
            self.stop()
            raise
        whole_file.write(self.run / "addresses", json.dumps(asdict(self.addresses)))

    def stop(self) -> None:
        """Stop every process of this home, what the others write to last; no signal cuts it short."""
        with signals.held():
            processes = self.running()
            kept = {name: processes.pop(name) for name in [*processes] if name == "s3" or name.endswith("postgres")}
            stop(list(processes.values()), patience.ENDING)
            for name in kept.keys() - {"s3"}:
                with contextlib.suppress(psutil.Error):
                    kept[name].send_signal(signal.SIGINT)  # ends the database whoever is still connected
            stop(list(kept.values()), patience.WRITING)
            kill(left(self.run))
            for record in self.run.glob("*.json"):
                record.unlink()
            self.services.clear()

    @contextmanager
    def lent(self, parts: Collection[str] = PARTS, ending: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Held and running for the block, and stopped after it, however that ends; `ending` is called before."""
        with self.lock():
            try:
                self.start(parts)
                yield
                ending()
                self.stop()
            except BaseException:  # a signal may also come when the block is over and the stop has not begun
                ending()
                self.stop()
                raise

    def heal(self) -> None:
        """Stop what an earlier run left behind when it was killed."""
        if names := self.left():
            self.say(f"Healing: stopping what an earlier run left behind ({', '.join(names)})")
            self.stop()

    def left(self) -> list[str]:
        """What runs of this home, by name; what was never written down by its process's own."""
        return [*self.running()] or [process.name() for process in left(self.run)]

    def running(self) -> dict[str, psutil.Process]:
        """The processes of this home that run, by service name."""
        return find(self.run)

    def up(self) -> bool:
        """Whether the whole stack runs, with its sources, started by whomever; its addresses are known then."""
        return self.answers((*PARTS, *self.options.sources))

    def answers(self, parts: Collection[str]) -> bool:
        """Whether these parts run, started by whomever; the addresses are known then. Nothing is started or stopped."""
        saved = self.run / "addresses"
        if not saved.exists() or not self.running().keys() >= set(parts) - connections.brought():
            return False
        self._addresses = Addresses(**json.loads(saved.read_text()))
        return True

    def check(self) -> None:
        """ServiceError when a service has died or stands still."""
        try:
            for service in self.services:
                service.check()
        except ServiceError as error:
            stopped = [f"\n{name} was stopped by a signal" for name in self.stopped()]
            raise ServiceError(f"{error}{''.join(stopped)}") from error

    def stopped(self) -> list[str]:
        """The parts that somebody has stopped by a signal."""
        return [name for name, process in self.running().items() if process.status() == psutil.STATUS_STOPPED]

    def workers(self) -> list[psutil.Process]:
        """The processes that do the work of tasks: those that wait for it are left out."""
        found = self.running()
        whole = [found[name] for name in ("s3", "polygon") if name in found]
        return [
            *whole,
            *(child for name in ("databricks", "scheduler") if name in found for child in family(found[name])[1:]),
        ]

    def memory(self) -> int:
        """What all processes of the stack hold together, shared pages counted once (bytes)."""
        family: set[psutil.Process] = set()
        for process in [psutil.Process(), *self.running().values()]:
            with contextlib.suppress(psutil.Error):
                family |= {process, *process.children(recursive=True)}
        total = 0
        for member in family:
            with contextlib.suppress(psutil.Error):
                total += member.memory_full_info().pss
        return total

    def warehouse(self) -> Warehouse:
        """What answers questions to the tables."""
        return connections.warehouse(self.addresses)

    def api(self) -> AirflowApi:
        """Airflow's REST API, waited for as long as the stack is at work."""
        first = "".join(self.options.people[:1]).partition(":")[0]
        return AirflowApi(self.addresses.airflow, self.check, first)

    def s3(self, key: str = "") -> Any:
        """A client of the stack's S3, by one of the keys in `lake` where that is asked for."""
        return connections.s3_client(self.addresses, key)

    def environment(self) -> dict[str, str]:
        """What every process of the stack is started with: the connections and Airflow's configuration."""
        return {
            **clean_environment(),
            **airflow.configuration(
                self.home / "airflow",
                ROOT,
                self.addresses,
                schedule=self.options.schedule,
                slots=connections.pool_slots(),
                clock="" if "polygon" in connections.brought() else f"{self.options.today}T18:00-04:00",
            ),
            **airflow.people(self.home / "airflow", self.options.people),
            **connections.environment(self.addresses),
            **self._rung(),
        }

    def _rung(self) -> dict[str, str]:
        """The queue by which a dropped file starts a run, where runs start by themselves and the queue is ours."""
        if not self.options.schedule or "s3" in connections.brought():
            return {}
        name = "AIRFLOW__ANTHILL__DROP_QUEUE"
        return {name: os.environ.get(name, bell.URL)}

    def describe(self) -> str:
        """What to open, for a person."""
        return "\n".join(
            [
                f"  Airflow UI         {self.addresses.airflow}",
                f"  Databricks runs    {self.addresses.databricks}",
                f"  Polygon            {self.addresses.polygon}",
                f"  S3                 {self.addresses.s3} (files under {self.home / 's3'})",
                f"  logs               {self.run}",
            ]
        )

    def _start(self, wanted: list[str]) -> None:
        """Everything at once: each part waits only for what it cannot do without."""
        database = None
        if "postgres" in wanted:
            with marked(self.run):
                database = postgres.start(self.home / "postgres")
            remember(self.run / "postgres.json", database.process)
        served = self._serve() if "scheduler" in wanted else []
        connected = {name: value for each in served for name, value in each.connections.items()}
        self._addresses = self._choose(database.uri if database else "", connected)
        services = [service for service in self._services() if service.name in wanted]
        services += [service for each in served for service in each.services]
        parts = airflow.Parts("airflow", (), {**self.environment(), "OPENBLAS_NUM_THREADS": "1"}, self.run, ROOT)
        ours = [
            airflow.Part(name, (), {}, self.run, ROOT, airflow.health(name, self.addresses.airflow), parts=parts)
            for name in airflow.PARTS
            if name in wanted
        ]
        self._begin([*([parts] if ours else []), *services])
        if ours and database:
            airflow.prepare(self.home, parts, database, self.run)
            if self.options.schedule and self.options.sources:
                postgres.pause(self.home / "postgres")  # what an earlier demo has turned on
        self._begin(ours)
        self._wait(services)
        if "s3" in wanted:
            lake.create_buckets(self.s3())
            bell.hang(partial(connections.emulator_client, self.addresses))
        self._wait(ours)
        if "api-server" in wanted:
            airflow.create_pools(self.api(), ROOT / "include" / "pools.json", connections.pool_slots())
            airflow.turn_on(self.api(), sources.dags(self.options.sources))

    def _serve(self) -> list[sources.Started]:
        """What the sources bring; their servers' folders lie beside the others of this home."""
        with marked(self.run):
            found = [sources.of(name).start(self.home, self.run) for name in self.options.sources]
        for each in found:
            for name, process in each.processes.items():
                remember(self.run / f"{name}.json", process)
        return found

    def _begin(self, services: list[Service]) -> None:
        for service in services:
            service.start()
            self.services.append(service)

    def _wait(self, services: list[Service]) -> None:
        for service in services:
            service.wait()

    def _choose(self, database: str, served: dict[str, str]) -> Addresses:
        """Addresses of free ports, the UI's as asked for."""
        port = require_free(self.options.port, "PORT") if self.options.port else free_port()
        return Addresses(
            airflow=f"http://127.0.0.1:{port}",
            s3=f"http://127.0.0.1:{free_port()}",
            polygon=f"http://127.0.0.1:{free_port()}",
            databricks=f"http://127.0.0.1:{free_port()}",
            database=database,
            served=served,
        )

    def _services(self) -> list[Service]:
        """What stands in for the world around Airflow."""
        ours, env = self.addresses, self.environment()
        python = [sys.executable, "-m"]
        polygon = [*python, "local.polygon", "--port", _port(ours.polygon), "--today", self.options.today]
        polygon += ["--plan", "advanced", "--keys", connections.POLYGON_KEY, "--no-limits"]
        polygon += ["--history", ",".join(map(str, self.options.history))] if self.options.history else []
        databricks = [self.options.notebooks, "-m", "local.databricks"]
        databricks += ["--port", _port(ours.databricks)]
        databricks += ["--state", str(self.home / "databricks"), "--bundle", str(ROOT / "databricks")]
        databricks += ["--target", "dev", "--catalog", lake.CATALOG, "--s3-endpoint", ours.s3]
        databricks += ["--python-path", str(ROOT / "plugins"), *self.options.databricks]
        for schema, location in lake.SCHEMAS.items():
            databricks += ["--schema", f"{schema}={location}"]
        for name, path in lake.LOCATIONS.items():
            databricks += ["--location", f"{name}={path}"]
        emulator = {**env, **lake.emulator_environment(self.home, _port(ours.s3))}
        keys = {"AWS_ACCESS_KEY_ID": lake.ENGINE_KEY, "AWS_SECRET_ACCESS_KEY": lake.ENGINE_KEY}
        engine = {**env, **Account().variables, **keys, **notebooks.mlflow(self.home / "databricks")}
        engine["BUNDLE_VAR_budget_policy"] = "local"  # as a deployment gives it; here nothing is billed
        return [
            Service("s3", [*python, "local.aws"], emulator, self.run, ROOT, f"{ours.s3}/_ministack/health"),
            Service("polygon", [*polygon, *self.options.polygon], env, self.run, ROOT, f"{ours.polygon}/healthz"),
            Service("databricks", databricks, engine, self.run, ROOT, f"{ours.databricks}/healthz"),
        ]


def _port(address: str) -> str:
    return address.rsplit(":", 1)[1]
