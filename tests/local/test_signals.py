"""Ctrl-C, SIGTERM and a closed terminal end what was started, whenever they come and however often."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local import service
from local.stack import ROOT

# Starts a service that is slow to end, and ends it on its way out.
PROGRAM = """
import sys, time
from pathlib import Path
from local import service, signals
folder = Path(sys.argv[1])
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(300)"
signals.install()
try:
    one = service.Service("stubborn", [sys.executable, "-c", stubborn], {}, folder, folder)
    one.start()
    while not one.log.read_text():
        time.sleep(0.01)
    print("running", flush=True)
    if sys.argv[2] == "stays":
        time.sleep(300)
finally:
    with signals.held():
        print("stopping", flush=True)
        service.stop(list(service.find(folder).values()), 0.5)
        print("stopped", flush=True)
"""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def started(folder: Path, how: str) -> subprocess.Popen[str]:
    """The program, once it says what is waited for."""
    command = [sys.executable, "-c", PROGRAM, str(folder), how]
    # A terminal's signals are heard, whoever runs the tests.
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=_heard
    )


def _heard() -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)


@pytest.mark.parametrize("first", SIGNALS)
def test_a_signal_ends_what_was_started(tmp_path: Path, first: signal.Signals) -> None:
    """Then the process ends as one does that the signal ended; more of them do not cut it short."""
    process = started(tmp_path, "stays")
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(first)
    if first is not signal.SIGHUP:  # nobody reads any more
        assert process.stdout.readline() == "stopping\n"
    for each in SIGNALS:
        process.send_signal(each)
    process.stdout.read()
    assert process.wait() == 128 + first
    assert service.left(tmp_path) == []


def test_a_signal_in_the_middle_of_stopping_waits_for_its_end(tmp_path: Path) -> None:
    """What was on its way out by itself is out before the signal counts."""
    process = started(tmp_path, "goes")
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["running\n", "stopping\n"]
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == "stopped\n"
    assert process.wait() == 128 + signal.SIGTERM
    assert service.left(tmp_path) == []


def test_a_closed_terminal_is_noticed_without_a_signal(tmp_path: Path) -> None:
    """Only the first process of the terminal's session gets one, and `make` does not hand it on."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), "stays"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # whoever runs the tests, under nohup too
    )
    os.close(theirs)
    said = b""
    while b"running" not in said:
        said += os.read(ours, 1000)
    os.close(ours)
    assert process.wait() == 128 + signal.SIGHUP
    assert service.left(tmp_path) == []


def test_what_is_ignored_stays_ignored() -> None:
    """Under nohup a closed terminal ends nothing."""
    code = "import signal; from local import signals; signals.install(); signal.raise_signal(1); print('on')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "on\n"
