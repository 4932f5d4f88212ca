"""Airflow's parts are forks of one process that has loaded them; each lives and dies by itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.service import ServiceError
from local.stack import Options, Stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of the database and the two parts that need nothing else."""
    with tempfile.TemporaryDirectory(prefix="anthill-") as home:
        stack = Stack(Options(Path(home)))
        with stack.lock():
            stack.start(("postgres", "triggerer", "dag-processor"))
            try:
                yield stack
            finally:
                stack.stop()


def test_a_part_that_was_killed_is_named_and_can_be_had_again(stack: Stack) -> None:
    """The others go on; the new one is another fork of the same process."""
    before = stack.running()
    assert {before[name].ppid() for name in ("triggerer", "dag-processor")} == {before["airflow"].pid}
    stack.check()
    before["triggerer"].kill()
    before["triggerer"].wait()
    with pytest.raises(ServiceError, match="triggerer ended"):
        stack.check()
    (service,) = [each for each in stack.services if each.name == "triggerer"]
    service.start()
    stack.check()
    after = stack.running()
    assert after["dag-processor"] == before["dag-processor"]
    assert after["triggerer"] != before["triggerer"]


def test_a_part_writes_to_its_own_log_and_is_named_by_its_title(stack: Stack) -> None:
    """A person finds it in `ps`, and its words in run/."""
    while "dag-processor" not in " ".join(stack.running()["dag-processor"].cmdline()):
        stack.check()
    while "Processing files" not in (stack.run / "dag-processor.log").read_text():
        stack.check()


def test_a_part_that_ends_badly_is_an_error_with_its_log(stack: Stack) -> None:
    """No such command: the fork ends, and the process that forked it goes on."""
    (parts,) = [each for each in stack.services if each.name == "airflow"]
    with pytest.raises(ServiceError, match=r"airflow no-such ended with exit code 1(?s:.*)KeyError: 'no-such'"):
        parts.finish("no-such", stack.run / "no-such.log")  # type: ignore[attr-defined] # of Parts
    stack.check()


def test_nothing_is_left_when_it_stops(stack: Stack) -> None:
    """The process that forked them waits for them, so that none stays as a zombie."""
    members = [
        member for process in stack.running().values() for member in (process, *process.children(recursive=True))
    ]
    stack.stop()
    assert not [member for member in members if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
    assert not stack.running()
