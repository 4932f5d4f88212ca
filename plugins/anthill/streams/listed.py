"""The list of a stream's gaps on a market day, as it is kept: what is known, asked of REST, and told to somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from anthill.dataset import Dataset
from anthill.ledger.documents import Documents
from anthill.sources.polygon_stream.span import Span
from anthill.streams.gaps import Gap, left

LATE = dt.timedelta(minutes=30)  # from then on somebody is told of minutes that REST was not asked for


class Listed(msgspec.Struct):
    """A document: gaps of a session from its opening up to a moment (UTC), and the minutes asked of REST.

    `told` has the beginnings of the gaps that operators know of.
    """

    gaps: list[Gap] = []
    opens: dt.datetime | None = None
    until: dt.datetime | None = None
    asked: list[Span] = []
    told: list[dt.datetime] = []

    def late(self, now: dt.datetime) -> list[Gap]:
        """The gaps with minutes that are late and that REST was not asked for; of these nobody was told yet."""
        return [gap for gap in self.gaps if gap.first not in self.told and self._is_late(gap, now)]

    def _is_late(self, gap: Gap, now: dt.datetime) -> bool:
        lacking = left([gap], self.asked)
        return any(max(span.first, gap.first) <= now - LATE for span in lacking)


def key(stream: Dataset, market_date: dt.date) -> str:
    """The document of a day's gaps."""
    return f"{stream.source}/{stream.asset_class}/_gaps/{stream.name}/{market_date}.json.gz"


def note(documents: Documents, stream: Dataset, market_date: dt.date, found: Listed) -> Listed:
    """Keep the day's gaps in the place of those that were known before, and who was told; what is kept."""
    kept = found

    def change(there: Listed) -> Listed:
        nonlocal kept
        kept = msgspec.structs.replace(found, told=there.told)
        return kept

    documents.update(key(stream, market_date), Listed, change)
    return kept


def remember(documents: Documents, stream: Dataset, market_date: dt.date, told: Iterable[Gap]) -> None:
    """Somebody was told of these gaps."""
    beginnings = {gap.first for gap in told}

    def change(there: Listed) -> Listed:
        return msgspec.structs.replace(there, told=sorted({*there.told, *beginnings}))

    documents.update(key(stream, market_date), Listed, change)
