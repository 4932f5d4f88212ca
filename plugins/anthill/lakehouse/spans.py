"""Which rows of a table of spans hold on a day, as a digest: what a day was computed from, beside its loads."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

Span = tuple[str, str, dt.date, dt.date]  # ticker, security, since, until (excluded)


class Spans:
    """The bearers of tickers; two days have the same digest where each ticker has the same bearer on both."""

    def __init__(self, rows: Iterable[Span] = ()) -> None:
        changes: dict[dt.date, int] = defaultdict(int)
        for ticker, security, since, until in rows:
            if ticker != security:  # a ticker that nobody is known to bear is a security of that name
                value = int.from_bytes(hashlib.blake2b(f"{ticker}\0{security}".encode(), digest_size=16).digest())
                changes[since] ^= value
                changes[until] ^= value
        self._dates = sorted(changes)
        self._digests = [0]
        for date in self._dates:
            self._digests.append(self._digests[-1] ^ changes[date])

    def digest(self, day: dt.date) -> str:
        """Of the bearers on a day, hexadecimal."""
        return f"{self._digests[bisect_right(self._dates, day)]:032x}"
