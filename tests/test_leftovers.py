"""A run of tests that is killed leaves no process and no folder behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import leftovers

ROOT = Path(__file__).parents[1]
RUN = """
import subprocess, sys, time
from pathlib import Path
from tests import leftovers
own = leftovers.folder()
from tests.local.polygon import forks
server = forks.start(Path(own), "--port-file", f"{own}/port", "--today", "2026-07-01")
asleep = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
other = subprocess.run([sys.executable, "-c", "from tests import leftovers; print(leftovers.folder())"],
                       check=True, capture_output=True, text=True)
print(own, other.stdout.strip(), server.pid, asleep.pid, sep="\\n", flush=True)
time.sleep(600)
"""


@pytest.fixture
def run() -> Iterator[subprocess.Popen[str]]:
    """A run of its own, with a server, a process that has left its group, and a worker."""
    environment = {name: value for name, value in os.environ.items() if name != leftovers.MARK}
    environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'plugins'}"
    with subprocess.Popen([sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, text=True) as run:
        yield run
        run.kill()


def test_what_a_killed_run_has_started_ends(run: subprocess.Popen[str]) -> None:
    """Whatever its parent and group, and with it the folders of all its processes, which lie in one."""
    assert run.stdout is not None
    own, others, *pids = (run.stdout.readline().strip() for _ in range(4))
    started = [psutil.Process(int(pid)) for pid in pids]
    assert Path(own).parent == Path(others).parent
    assert Path(own).is_dir()
    (watcher,) = (each for each in psutil.Process(run.pid).children() if leftovers.__name__ in each.cmdline())
    run.kill()
    run.wait()
    watcher.wait()
    assert [process for process in started if at_work(process)] == []
    assert not Path(own).parent.exists()


def at_work(process: psutil.Process) -> bool:
    """Whether it runs, and is not only waited for by nobody."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_this_run_is_watched() -> None:
    """Its mark is in the environment of all that it starts, and is a folder that goes with it."""
    home = Path(os.environ["AIRFLOW_HOME"])
    assert home.parent == Path(os.environ[leftovers.MARK])
    watchers = [each for each in psutil.process_iter(["cmdline"]) if str(home.parent) in (each.info["cmdline"] or [])]
    assert len(watchers) == 1
    assert {process.pid for process in leftovers.of(str(home.parent))}.isdisjoint({watchers[0].pid})


def test_folders_of_tests_are_no_other_runs(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """They lie below this run's folder, unless it was given one, and not in the one that all runs of pytest share."""
    given = request.config.option.basetemp
    assert tmp_path.is_relative_to(given)
    assert not any(folder.name.startswith("pytest-of-") for folder in tmp_path.parents)
