"""How a person ends what runs here: Ctrl-C, SIGTERM and a closed terminal all lead to one orderly way out."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install() -> None:
    """Leave by SystemExit at the first of them; those that are ignored, as under nohup, stay so."""
    for each in _heeded():
        signal.signal(each, _leave)
    terminal = next(filter(os.isatty, (1, 2, 0)), None)
    if signal.getsignal(signal.SIGHUP) is _leave and terminal is not None:
        threading.Thread(target=_hang_up, args=(terminal,), daemon=True).start()


@contextlib.contextmanager
def held() -> Iterator[None]:
    """What comes meanwhile takes effect after the block, which it cannot cut short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in _heeded()}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if came:
            signal.raise_signal(came[0])


def _hang_up(file: int) -> None:
    """Wait for the terminal to close: only its session's first process, which may be `make`, is told by a signal."""
    terminal = select.poll()
    terminal.register(file, 0)
    terminal.poll()
    os.kill(os.getpid(), signal.SIGHUP)


def _leave(number: int, _: FrameType | None) -> None:
    """The way out is short, and nothing may cut it."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    if number == signal.SIGHUP:  # nobody reads any more, and a line that cannot be written is an error
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
    sys.exit(128 + number)


def _heeded() -> list[signal.Signals]:
    return [each for each in ENDING if signal.getsignal(each) not in (signal.SIG_IGN, None)]
