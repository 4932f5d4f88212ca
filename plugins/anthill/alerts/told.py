"""What was told already: nobody is told the same thing twice, and a recovery only after a failure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Self

import msgspec

from anthill.alerts.alert import Alert
from anthill.ledger.documents import Documents, folder

_OPEN = ("failure", "late", "missed")  # what a recovery ends


class Year(msgspec.Struct):
    """The digest of what was last told of each kind, by market day."""

    days: dict[dt.date, dict[str, str]] = {}


class Told:
    """The memory of one asset class's messages, in S3 among its documents."""

    def __init__(self, documents: Documents, asset_class: str) -> None:
        self._documents = documents
        self._asset_class = asset_class

    @classmethod
    def of(cls, asset_class: str, aws_conn_id: str = "aws_default") -> Self:
        """The memory of an asset class in the environment, through an Airflow connection."""
        from anthill.bronze.connections import s3_client
        from anthill.ledger.documents import documents

        return cls(documents(s3_client(aws_conn_id)), asset_class)

    def once(self, alert: Alert, publish: Callable[[Alert], None]) -> bool:
        """Publish unless the same was told before; whether it was published.

        It is remembered after it is sent: a death between the two sends it twice, never not at all.
        """
        if self._day(alert.market_date).get(alert.kind) == alert.digest:
            return False
        publish(alert)
        self._change(alert.market_date, lambda told: {**told, alert.kind: alert.digest})
        return True

    def is_open(self, day: dt.date) -> bool:
        """Whether somebody was told that something is wrong with the day, and not yet that it is over."""
        return any(kind in self._day(day) for kind in _OPEN)

    def close(self, day: dt.date) -> None:
        """Nothing is wrong with the day any more: the next failure is news again."""
        self._change(day, lambda told: {kind: digest for kind, digest in told.items() if kind not in _OPEN})

    def _day(self, day: dt.date) -> dict[str, str]:
        return self._documents.read(self._key(day), Year)[0].days.get(day, {})

    def _change(self, day: dt.date, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        self._documents.update(
            self._key(day), Year, lambda there: Year({**there.days, day: change(there.days.get(day, {}))})
        )

    def _key(self, day: dt.date) -> str:
        return f"{folder(self._asset_class, 'told')}{day.year}.json.gz"
