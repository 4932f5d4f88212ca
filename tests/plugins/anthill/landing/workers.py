"""Calls in processes of their own, forked from one that has imported everything, so that they can be killed."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import pkgutil
import queue
import signal
import subprocess
import sys
import threading
from typing import Any, Self

from anthill.intervals import market_day

DAY = dt.date(2014, 6, 6)
AT = market_day("XNYS", DAY)


def environment() -> dict[str, str]:
    """This process's environment, with its import path; what is to be forked has no threads."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}


class Workers:
    """Calls a function, by default a landing of stocks.splits on DAY; each call is a process."""

    def __init__(self, function: str = f"{__name__}:land") -> None:
        self._function = function  # module:name, of what takes and gives JSON

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.plugins.anthill.landing.workers", self._function]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        self._results: queue.Queue[dict[str, Any]] = queue.Queue()
        self._started: queue.Queue[int] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.stdin.close()
        self._process.wait()

    def start(self, api: str, s3: str, bucket: str, *more: str) -> int:
        """Start a call; its process id."""
        self._process.stdin.write(json.dumps([api, s3, bucket, *more]) + "\n")
        self._process.stdin.flush()
        return self._started.get()

    def result(self) -> dict[str, Any]:
        """What the next call to end says."""
        return self._results.get()

    @staticmethod
    def kill(pid: int) -> bool:
        """End a call at once; whether it was still running."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def _read(self) -> None:
        for line in self._process.stdout:
            message = json.loads(line)
            if "started" in message:
                self._started.put(message["started"])
            else:
                self._results.put(message)


def land(api: str, s3: str, bucket: str, run: str = "run") -> dict[str, Any]:
    """How a landing ends: its outcome or its error."""
    from anthill import catalog
    from anthill.bronze.storage import Patience as S3Patience
    from anthill.landing.commit import Committer
    from anthill.landing.land import land
    from anthill.sources.polygon.client import Client, Patience
    from anthill.sources.polygon.rate_limit import Gate
    from anthill.sources.polygon.source import PolygonSource
    from anthill.sources.polygon.transport import Transport

    from .s3 import s3_at

    client = Client(Transport(api, "test-key"), Gate(0), Patience(total=1, first=0.01))
    committer = Committer(s3_at(s3), bucket, run, S3Patience(tries=5, first=0.01, longest=0.05))
    try:
        landed = land(PolygonSource(client), committer, catalog.load("stocks").datasets["splits"], AT)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"outcome": landed.outcome, "rows": landed.rows}


def _main() -> None:
    import anthill.landing.land  # noqa: F401 imported once, for all the forks

    call = pkgutil.resolve_name(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                result = call(*json.loads(line))
            except BaseException as error:  # who waits for the result would wait for ever
                result = {"error": f"{type(error).__name__}: {error}"}
            os.write(1, (json.dumps(result) + "\n").encode())
            os._exit(0)
        os.write(1, (json.dumps({"started": pid}) + "\n").encode())


if __name__ == "__main__":
    _main()
