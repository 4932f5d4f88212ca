"""Airflow's parts on one machine: one process loads what they share, once, and forks them and, through them, all tasks.

`python -m local.airflow_parts FD`: a line over the socket names a part and its log, the answer is its process id.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import importlib
import os
import signal
import socket
import sys
import time
import traceback
import warnings
from pathlib import Path

import boto3

# What the parts and nearly every task import before their own work begins.
LOADED = (
    "airflow.__main__",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.execution_api.app",
    "airflow.cli.cli_parser",
    "airflow.cli.commands.api_server_command",
    "airflow.cli.commands.dag_processor_command",
    "airflow.cli.commands.db_command",
    "airflow.cli.commands.scheduler_command",
    "airflow.cli.commands.triggerer_command",
    "airflow.dag_processing.bundles.local",
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.providers.databricks.operators.databricks",
    "airflow.providers.databricks.triggers.databricks",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.providers.standard.sensors.external_task",
    "airflow.sdk.execution_time.task_runner",
    "anthill.alerts.metrics",
    "anthill.alerts.outcome",
    "anthill.alerts.told",
    "anthill.alerts.topics",
    "anthill.backfill.dag",
    "anthill.backfill.land_chunk",
    "anthill.ledger.jobs",
    "anthill.ledger.recorder",
    "anthill.dag_builder.market",
    "anthill.governance.permissions",
    "anthill.lakehouse.output",
    "anthill.landing.land",
    "anthill.bronze.manifest",
    "anthill.sources.polygon.client",
    "anthill.sources.polygon.hook",
    "anthill.sources.polygon.market_status",
    "anthill.run_note",
    "boto3.s3.inject",
    "jinja2.ext",
)
COMMANDS = {
    "migrate": ["db", "migrate"],
    "api-server": ["api-server"],
    # The API server reads their logs from the files.
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


def main(fd: int) -> None:
    """Load, then do what is asked until a signal comes: `fork part log` or `wait pid`, which answers its exit code."""
    # The other thread is an allocator's own, which knows of forks.
    warnings.filterwarnings("ignore", message="This process .* is multi-threaded", category=DeprecationWarning)
    load()
    codes: dict[int, int | None] = {}
    signal.signal(signal.SIGTERM, lambda *_: _end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: _reap(codes))
    control = socket.socket(fileno=fd)
    with control.makefile("rw") as lines:
        while line := lines.readline():
            match line.rstrip("\n").split("\t"):
                case ["fork", part, log]:
                    answer = _fork(part, Path(log), control)
                    codes.setdefault(answer, None)  # one that ended at once has its code already
                case ["wait", pid]:
                    while (code := codes[int(pid)]) is None:
                        time.sleep(0.05)
                    answer = code
            lines.write(f"{answer}\n")
            lines.flush()
    while True:  # whoever asked has left the parts running
        signal.pause()


def load() -> None:
    """Import what the parts share and build what each of them, and each task, would build for itself."""
    from airflow.sdk.listener import get_listener_manager
    from airflow.utils.db import import_all_models

    from anthill import calendars, closures
    from anthill.bronze import connections

    for module in LOADED:
        importlib.import_module(module)
    import_all_models()
    get_listener_manager()  # which looks for plugins
    connections.new_client(boto3.session.Session(region_name="us-east-1"), "s3")
    for calendar in closures.CALENDARS:
        calendars.is_market_day(calendar, dt.date.max)  # asked of any day, it builds all of them
    gc.collect()
    gc.freeze()  # no collection of a fork looks at, and so copies, what is the same for all


def run(part: str) -> None:
    """Run a part as Airflow's own command does."""
    from airflow.__main__ import main as airflow
    from setproctitle import setproctitle

    setproctitle(f"airflow {part}")
    if part == "dag-processor":
        from local import dag_processor

        dag_processor.install()
    sys.argv = ["airflow", *COMMANDS[part]]
    airflow()


def _fork(part: str, log: Path, control: socket.socket) -> int:
    """The process id of a part, which writes to its own log and has a session of its own."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.setsid()
        for each in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        control.close()
        with log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        run(part)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _reap(codes: dict[int, int | None]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            codes[ended[0]] = os.waitstatus_to_exitcode(ended[1])


def _end() -> None:
    """Wait for the parts, which whoever ends this process ends as well: nobody else takes note of their end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
