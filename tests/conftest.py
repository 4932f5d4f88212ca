"""What every test starts from: Airflow as the stack configures it, over a home of its own."""

from __future__ import annotations

import fcntl
import functools
import gc
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from tests import by_name, leftovers

if TYPE_CHECKING:
    from local.totesys.server import Server

ROOT = Path(__file__).parents[1]

# What is imported and collected stays to the end: nobody looks through it for garbage.
gc.disable()

# A slow machine is no failure. In CI the same commit gives the same answer; what other days find becomes an `@example`.
settings.register_profile(
    "anthill", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("anthill")

# A service's description is parsed once a process, and not for each of a thousand sessions.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

# A worker of pytest-xdist has no main file, which pyspark takes for a doctest of its own.
sys.modules["__main__"].__dict__.setdefault("__file__", __file__)

# Before the first import of Airflow, which reads its configuration then.
os.environ.update(
    AIRFLOW_HOME=leftovers.folder(),
    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    AWS_EC2_METADATA_DISABLED="true",
)
for name in [name for name in os.environ if name.startswith(("AIRFLOW_CONN_", "AWS_ENDPOINT"))]:
    del os.environ[name]  # a test reaches only what it starts itself

# A broken unit is told within a minute. Then what waits for servers and what computes take turns: no core idles.
SERVERS = (
    *("local", "delivery", "terraform", "docs", "mutants", "github", "scripts", "benchmarks", "dags", "research"),
    *(f"plugins/anthill/{room}" for room in ("ui", "cli", "approval", "alerts", "backfill", "as_of", "export")),
)
STACKS = ("end_to_end", "chaos", "whole_stack", "containers", "mwaa")
SPARK = ("plugins/anthill/lakehouse",)
# These share a stack, these a whole one, and these Airflow's web server, so one process runs them all.
TOGETHER = {
    f"end_to_end/test_{name}.py": "stack"
    for name in ("alerts", "asset_classes", "backfill", "bad_input", "loopback", "stocks", "trace")
}
TOGETHER |= {
    f"whole_stack/test_{name}.py": "whole stack"
    for name in ("command_line", "coverage_page", "loopback", "runbook", "trace_page")
}
WEB_SERVER = (
    "approval/test_users.py",
    "ui/test_app.py",
    "ui/test_input.py",
    "cli/test_plain.py",
    "anthill/test_trigger.py",
)
TOGETHER |= dict.fromkeys(WEB_SERVER, "web server")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Folders of tests lie with the run's: another run closes pytest's own to all users, a database's among them."""
    config.option.basetemp = config.option.basetemp or leftovers.folder()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Where nothing is compiled yet, one worker does it, and the others wait and read what it wrote."""
    compiled = any((ROOT / "tests/__pycache__").glob(f"test_imports.{sys.implementation.cache_tag}-*"))
    if compiled or sys.dont_write_bytecode or not hasattr(session.config, "workerinput"):
        return (yield)
    with (Path(os.environ[leftovers.MARK]) / "compiled").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if os.fstat(turn.fileno()).st_size:
            fcntl.flock(turn, fcntl.LOCK_UN)
            return (yield)
        collected = yield
        turn.write("by one")
        return collected


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Units first, then servers, whole stacks and Spark beside each other, each in its order."""
    by_name.skip_long(items)
    paths = dict.fromkeys(item.path for item in items)  # thousands of items lie in hundreds of files
    files = {path: _stage(path.relative_to(ROOT / "tests").as_posix()) for path in paths}
    order: dict[Path, tuple[bool, float]] = {}
    for stage in set(files.values()):
        group = [file for file in files if files[file] == stage]
        order |= {file: (stage > 0, at / len(group) if stage else at) for at, file in enumerate(group)}
    items.sort(key=lambda item: order[item.path])


def pytest_collection_finish() -> None:
    """From here on garbage is looked for among what tests make."""
    gc.freeze()
    gc.enable()


def _stage(path: str) -> int:
    """What a test's file waits for."""
    return next((at for at, folders in enumerate((SERVERS, STACKS, SPARK), 1) if path.startswith(folders)), 0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is a process's, as with `--dist loadfile`, and files that share something costly are one."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return TOGETHER.get("/".join(file.split("/")[-2:]), file)

    return Files(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was skipped, by reason and how often."""
    reasons = Counter(str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("skipped")
    for reason, times in reasons.most_common():
        terminalreporter.line(f"{times:4}  {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's tables, which a run of a DAG is written to."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture(scope="session")
def totesys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """ToteSys' server with its empty tables, and a visitor who may read none of them."""
    from local.totesys.server import Server

    server = Server(tmp_path_factory.mktemp("totesys") / "data")
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE ROLE visitor LOGIN")
    yield server
    server.stop()
