"""What a person sees of a landing while it runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator

from anthill.sources.page import Page

log = logging.getLogger(__name__)

_EVERY = 10.0  # seconds


class Progress:
    """Counts pages from any number of threads, and logs a line now and then."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._said = self._started
        self._pages = self._rows = self._raw = 0

    def watch(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The same pages, counted."""
        for page in pages:
            with self._lock:
                self._pages += 1
                self._rows += len(page.rows)
                self._raw += page.size
                now = time.monotonic()
                if due := now - self._said > _EVERY:
                    self._said = now
            if due:
                self._say()
            yield page

    def close(self) -> None:
        """Log the whole."""
        self._say()

    def _say(self) -> None:
        seconds = max(time.monotonic() - self._started, 1e-9)
        rate = self._raw / 1e6 / seconds
        log.info(
            "%s: %s pages, %s rows, %.1f MB in %.1f s (%.1f MB/s)",
            self._name,
            f"{self._pages:,}",
            f"{self._rows:,}",
            self._raw / 1e6,
            seconds,
            rate,
        )
