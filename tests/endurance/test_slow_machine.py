"""A whole stack on a slow machine: answers that take long end nothing; a part that stands still is named and ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import demo, service
from local.stack import ROOT, Options, Stack
from tests.end_to_end.conftest import SMALL

pytestmark = pytest.mark.timeout(1500)

LATE = 8.0  # seconds: Airflow's own limit is five
FORM = {"asset_class": "forex", "market_date_from": "2026-07-01", "market_date_to": "2026-07-01"}
PROGRAM = f"""
import datetime as dt, sys
from pathlib import Path
from local import main_job
from local.stack import Options, Stack
home = Path(sys.argv[1])
main_job.run(Stack(Options(home, polygon={SMALL!r})), ["forex"], None, dt.date(2026, 7, 2), 1, home / "out")
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that no other test run locks; what is left at the end is killed."""
    with tempfile.TemporaryDirectory(prefix="anthill-slow-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        service.kill(service.left(Path(folder) / "run"))


class Late(ThreadingHTTPServer):
    """Airflow's API server behind a wire that keeps the first answer to each task's start and end back for long."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LateAnswer)
        self.behind = ""
        self.kept: set[str] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class LateAnswer(BaseHTTPRequestHandler):
    """One call, handed on as it is."""

    server: Late

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        call = urllib.request.Request(self.server.behind + self.path, body, dict(self.headers), method=self.command)
        try:
            with urllib.request.urlopen(call, timeout=120) as answer:
                status, headers, content = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, headers, content = error.code, error.headers, error.read()
        if self.path.endswith(("/run", "/state")) and self.path not in self.server.kept:
            self.server.kept.add(self.path)
            time.sleep(LATE)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Slow(Stack):
    """A stack whose tasks reach Airflow over that wire."""

    wire: Late

    def environment(self) -> dict[str, str]:
        """The stack's own, with the wire's address."""
        self.wire.behind = self.addresses.airflow
        return {**super().environment(), "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.wire.url}/execution/"}


def test_answers_that_take_eight_seconds_end_nothing(home: Path) -> None:
    """Every task starts and ends by late answers, and does so at its first try."""
    stack = Slow(Options(home, polygon=SMALL))
    with Late() as stack.wire, stack.lock():
        stack.start()
        try:
            api = stack.api()
            demo.end_earlier_runs(api, ["market_backfill"], demo.Progress(print))
            job = demo.trigger(api, "market_backfill", FORM, "forex")
            demo.watch(stack, api, [job], demo.Progress(print))
            tasks = api.all(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances", "task_instances")
        finally:
            stack.stop()
            stack.wire.shutdown()
    tried = {task["task_id"]: task["try_number"] for task in tasks if task["task_id"] not in ("landed", "complete")}
    assert tried == dict.fromkeys(("plan", "chunk.land", "chunk.silver", "quality", "gold", "report"), 1)
    assert len([path for path in stack.wire.kept if path.endswith("/run")]) >= len(tried)


@pytest.mark.parametrize("part", ["polygon", "scheduler", "triggerer"])
def test_a_part_that_stands_still_is_named_and_all_is_ended(home: Path, part: str) -> None:
    """Stopped in the middle of the run: the demo's last words name it and its log."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
            "PYTHONUNBUFFERED": "1",
            "ANTHILL_STANDSTILL_SECONDS": "20",
        },
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if " · forex: " in line:
            break
    assert process.poll() is None, said
    service.find(home / "run")[part].send_signal(signal.SIGSTOP)
    text = process.communicate()[0]
    assert process.returncode == 1
    error = text[text.rindex("ServiceError: ") :] if "ServiceError: " in text else text[text.rindex("DemoError: ") :]
    assert re.search(rf"{part} (\(process \d+\) stands still|was stopped by a signal)", error), text
    assert re.search(rf"{home}\S+\.log", error), text
    assert service.left(home / "run") == []
