"""What a stream declares: its channels, what they are asked for each of, and the dataset that settles it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Self

import msgspec

from anthill.dataset import Dataset, Lists, Problem
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon_stream.spelling import spelled

RECEIVED = {"received": "received_at", "segment": "segment", "line": "line"}
"""What is known of each message beside its own fields: its second, the shard it lies in, and its line there."""
_LONGEST = dt.timedelta(minutes=5)
_WORD = re.compile(r"[A-Z]{1,4}")


class StreamDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bars as they come, the last one received counts; the columns have the names of the dataset that settles them."""

    channels: tuple[str, ...]  # the words before the dot: AM, XA
    each: str = ""  # a list of the asset class; without it, all that there are
    segment: dt.timedelta = _LONGEST  # the longest, by the market's clock
    page_fields: Mapping[str, str] = msgspec.field(default_factory=lambda: dict(RECEIVED))
    present_only: bool = True  # nothing is replayed
    account: PolygonDataset | None = None  # the dataset that settles it

    @property
    def is_provisional(self) -> bool:
        """Always: a bar is sent again when late trades change it."""
        return True

    @property
    def is_gathered(self) -> bool:
        """A market day has as many segments as there were."""
        return True

    @property
    def newest_by(self) -> tuple[str, ...]:
        """When it was received, and its place among what came in the same second."""
        return tuple(RECEIVED.values())

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """What is asked for: XA.BTC-USD of a list, or XA.*."""
        return tuple(f"{word}.{name}" for word in self.channels for name in map(spelled, self.listed or ("*",)))

    @property
    def endpoint(self) -> str:
        """The cluster's path, with its channels."""
        return f"/{self.asset_class} {', '.join(self.channels)}"

    def asked(self) -> Iterator[tuple[str, str]]:
        """Its channels, the list, and what settles it."""
        yield "channels", f"{', '.join(f'`{word}`' for word in self.channels)} of the cluster `{self.asset_class}`"
        if self.each:
            yield "asked for each", f"`{self.each}`"
        yield "settled by", f"`{self.reconciles}`"

    def placed(self, lists: Lists, above: Mapping[str, Dataset]) -> Self:
        """The same with the values of its list, and with the dataset that settles it."""
        account = above.get(self.reconciles)
        settles = account if isinstance(account, PolygonDataset) else None
        return msgspec.structs.replace(self, listed=lists.get(self.each, ()), account=settles)

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about channels, segments and the dataset that settles it."""
        if odd := [word for word in self.channels if not _WORD.fullmatch(word)] or not self.channels:
            yield ".channels", f"has {odd if self.channels else 'none'}: allowed are words such as AM, without a dot"
        if self.each and self.each not in lists:
            yield ".each", f"is {self.each!r}, allowed are the keys of 'lists': {', '.join(lists) or 'none'}"
        if not dt.timedelta(minutes=1) <= self.segment <= _LONGEST:
            yield ".segment", f"is {self.segment}, allowed is PT1M to PT5M"
        yield from self._of_account()
        if self.page_fields != RECEIVED:
            yield ".page_fields", "is given by who records"
        if self.every:
            yield ".every", "has no meaning here: a message is taken when it comes"
        if not self.present_only:
            yield ".present_only", "is false, and a stream replays nothing"

    def _of_account(self) -> Iterator[Problem]:
        if not self.reconciles:
            yield ".reconciles", "is missing: name the dataset above it whose rows settle it"
        elif self.account is None or not self.account.is_range:
            yield (
                ".reconciles",
                f"is {self.reconciles!r}, allowed is a dataset that asks the API for a range of minutes",
            )
        elif self.account.each != self.each:
            yield ".each", f"is {self.each!r}, that of {self.reconciles} is {self.account.each!r}: both need the same"
        elif other := set(self.fields.values()) - set(self.account.columns):
            yield ".fields", f"fills {', '.join(sorted(other))}, which {self.reconciles} has not"


DATASET = StreamDataset
