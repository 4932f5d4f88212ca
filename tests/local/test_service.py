"""A process of the stack is started, watched, found again and stopped for certain."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import patience, service
from local.service import Service, ServiceError

SLEEPER = (
    "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
    "time.sleep(300)"
)
STUBBORN = (
    "import pathlib, signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(MARK).touch()\n"
    "time.sleep(1200)"
)


def make(folder: Path, code: str, health: str | None = None) -> Service:
    """A service that runs a line of Python."""
    return Service("sleeper", [sys.executable, "-c", code], dict(os.environ), folder, folder, health)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of records; whatever still runs at the end is killed."""
    yield tmp_path
    service.kill(service.left(tmp_path))


def test_a_service_is_found_by_its_record_and_stopped_with_its_children(folder: Path) -> None:
    """Neither the process nor what it started is left."""
    make(folder, SLEEPER).start()
    (process,) = service.find(folder).values()
    while not process.children():
        time.sleep(0.01)
    family = [process, *process.children()]
    service.stop([process], 10_000)
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)
    assert service.find(folder) == {}


def test_a_process_that_will_not_end_is_killed(folder: Path) -> None:
    """After its patience is over."""
    make(folder, STUBBORN.replace("MARK", repr(str(folder / "deaf")))).start()
    while not (folder / "deaf").exists():
        time.sleep(0.01)
    service.stop(list(service.find(folder).values()), 0.5)
    assert service.find(folder) == {}


def test_a_record_of_a_process_id_that_was_given_anew_names_nobody(folder: Path) -> None:
    """The start time tells a process from a later one with the same id: nobody else's process is ever stopped."""
    (folder / "other.json").write_text(f'{{"pid": {os.getpid()}, "started": 1.0}}')
    (folder / "torn.json").write_text("{")
    assert service.find(folder) == {}


def test_a_service_that_dies_says_so_with_the_end_of_its_log(folder: Path) -> None:
    """The reason stands in the message."""
    dying = make(folder, "import sys; print('no such bucket'); sys.exit(3)", "http://127.0.0.1:9/")
    dying.start()
    with pytest.raises(ServiceError, match=r"(?s)sleeper ended with exit code 3.*no such bucket"):
        dying.wait()


@pytest.mark.parametrize("code", [SLEEPER, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"])
def test_a_service_that_stands_still_is_named_with_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """It hangs or was stopped, and is not waited for without end; being stopped keeps nothing from ending it."""
    monkeypatch.setattr(patience, "STANDSTILL", 0.5)
    silent = make(folder, f"print('listening soon', flush=True); {code}", f"http://127.0.0.1:{service.free_port()}/")
    silent.start()
    with pytest.raises(
        ServiceError, match=r"(?s)^sleeper \(process \d+\) stands still: .*sleeper\.log.*listening soon"
    ):
        silent.wait()
    service.stop(list(service.find(folder).values()), 0.5)
    assert service.left(folder) == []


def test_one_that_was_stopped_ends_in_good_order(folder: Path) -> None:
    """It hears that it is to end, and has its time to write what it holds."""
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('all is written', flush=True), os._exit(0)))\n"
        "os.kill(os.getpid(), signal.SIGSTOP)\n"
        "signal.pause()"
    )
    stopped = make(folder, code)
    stopped.start()
    (process,) = service.find(folder).values()
    while process.status() != psutil.STATUS_STOPPED:
        time.sleep(0.01)
    service.stop([process], 10_000)
    assert stopped.log.read_text() == "all is written\n"


def test_what_answers_does_not_stand_still(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that nobody asks uses no CPU either."""
    serve = (
        "import http.server as h; s = h.HTTPServer(('127.0.0.1', {}), h.SimpleHTTPRequestHandler); s.serve_forever(99)"
    )
    port = service.free_port()
    idle = make(folder, serve.format(port), f"http://127.0.0.1:{port}/")
    idle.start()
    idle.wait()
    monkeypatch.setattr(patience, "STANDSTILL", 0.2)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        idle.check()


def test_what_was_started_is_found_without_its_record(folder: Path) -> None:
    """Whoever was killed before he could write it down leaves nothing that cannot be ended, nor children of it."""
    make(folder, SLEEPER).start()
    (folder / "sleeper.json").unlink()
    while len(found := service.left(folder)) < 2:
        time.sleep(0.01)
    service.kill(found)
    assert service.left(folder) == []


def test_a_taken_port_is_refused_with_its_owner() -> None:
    """And with the variable that sets another one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ServiceError, match=rf"port {port} is taken by process {os.getpid()} .*PORT=<port>"):
            service.require_free(port, "PORT")
    assert service.require_free(port, "PORT") == port


def test_a_home_is_held_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    """A second start names the holder; `kill -9` of the holder leaves nothing to clean up."""
    from local.stack import ROOT, Options, Stack

    code = (
        "import sys, time; from pathlib import Path; from local.stack import Options, Stack\n"
        "with Stack(Options(Path(sys.argv[1]))).lock(): print('held', flush=True); time.sleep(300)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    stack = Stack(Options(tmp_path))
    with pytest.raises(ServiceError, match=f"in use by process {holder.pid}"), stack.lock():
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with stack.lock():
        pass
