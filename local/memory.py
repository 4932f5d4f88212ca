"""How much memory a stack's processes hold together while something runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watch(measure: Callable[[], int], every: float = 10.0) -> Iterator[Callable[[], int]]:
    """Measure again and again; what is given to the block returns the highest value so far."""
    highest = 0
    ended = threading.Event()

    def look() -> None:
        nonlocal highest
        while not ended.wait(every):
            highest = max(highest, measure())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield lambda: highest
    finally:
        ended.set()
        thread.join(1)  # a look at a hundred processes may take longer than whoever ends this will wait
