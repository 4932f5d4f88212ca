"""A stack that is lent for a block is stopped after it, however the block ends."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from local.service import ServiceError
from local.stack import PARTS, Options, Stack


class Written(Stack):
    """Writes down what is asked of it, and fails where it is told to."""

    def __init__(self, home: Path, fails: str = "") -> None:
        super().__init__(Options(home))
        self.done: list[str] = []
        self.fails = fails

    def start(self, parts: Collection[str] = PARTS) -> None:
        """Not for real."""
        self._note("start")

    def stop(self) -> None:
        """Not for real."""
        self._note("stop")

    def _note(self, what: str) -> None:
        self.done.append(what)
        if self.fails == what:
            self.fails = ""
            raise SystemExit(130)  # as a signal does


def test_it_is_stopped_after_the_block(tmp_path: Path) -> None:
    """Once, and its ending is told before."""
    stack = Written(tmp_path)
    with stack.lent(ending=lambda: stack.done.append("ending")):
        stack.done.append("block")
    assert stack.done == ["start", "block", "ending", "stop"]


@pytest.mark.parametrize("fails", ["start", "stop"])
def test_it_is_stopped_where_a_signal_comes(tmp_path: Path, fails: str) -> None:
    """While it starts, and just before it would have been stopped."""
    stack = Written(tmp_path, fails)
    with pytest.raises(SystemExit), stack.lent():
        pass
    assert stack.done[-1] == "stop"
    assert stack.done.count("stop") == (1 if fails == "start" else 2)


def test_it_is_stopped_where_the_block_fails(tmp_path: Path) -> None:
    """The failure is the block's own, and the home is free again."""
    stack = Written(tmp_path)
    with pytest.raises(ZeroDivisionError), stack.lent():
        1 / 0  # noqa: B018
    assert stack.done == ["start", "stop"]
    with Stack(Options(tmp_path)).lock():
        pass


def test_it_is_held_meanwhile(tmp_path: Path) -> None:
    """Nobody else starts anything over the same home."""
    with Written(tmp_path).lent(), pytest.raises(ServiceError, match="is in use"), Written(tmp_path).lent():
        pass
