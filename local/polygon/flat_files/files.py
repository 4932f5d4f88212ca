"""Which flat files there are by now."""

import bisect
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from local.polygon.answers.cache import Cache
from local.polygon.answers.plans import REACHES, Plan
from local.polygon.flat_files.contents import DATASETS, Dataset
from local.polygon.markets.clock import NEW_YORK
from local.polygon.markets.market import Markets

READY = dt.time(11)
"""The time in New York, on the day after, at which a day's file is there."""
REPLACED = {("us_options_opra", dt.date(2026, 6, 16)): dt.timedelta(days=1)}
"""The files that are replaced, and how long after they came; until then they lack every 50th row."""
LACKS = 50


@dataclass(frozen=True)
class FlatFile:
    """A file as it is now."""

    key: str
    prefix: str
    session: int
    day: dt.date
    modified: dt.datetime
    age: int  # how many sessions' late trades it has
    whole: bool  # False until it is replaced

    @property
    def name(self) -> str:
        """What tells this file, as it is now, from all others."""
        return f"{self.prefix.replace('/', '-')}-{self.day}-{self.age}{'' if self.whole else '-first'}"


class FlatFiles:
    """The files of all markets of a server; each is made when it is first asked for."""

    def __init__(self, markets: Markets, cache: Cache) -> None:
        self._markets, self._cache = markets, cache
        self._keys = lru_cache(maxsize=2 * len(DATASETS))(self._keys_until)
        self._sums: dict[str, tuple[str, int]] = {}

    def find(self, key: str) -> FlatFile | None:
        """The file of a key; None if there is none, or not yet."""
        prefix = key.rpartition("/")[0][: -len("/2026/06")].removesuffix("/day_aggs_v1")
        try:
            day, dataset = dt.date.fromisoformat(key[-17:-7]), DATASETS[prefix]
        except (ValueError, KeyError):
            return None
        if key != _key(prefix, day) or prefix not in self._there():
            return None
        market, now = dataset.market(self._markets), self._markets.clock.now
        session = market.sessions.index(day)
        ready = dt.datetime.combine(day + dt.timedelta(days=1), READY, NEW_YORK)
        if session is None or day < REACHES[market.name].first or ready > now:
            return None
        age = min(market.sessions.last_until(now.date()) - session, dataset.final_after(self._markets))
        revised = dt.datetime.combine(market.sessions.days[session + age], dt.time(), NEW_YORK)
        replaced = ready + REPLACED.get((prefix, day), dt.timedelta())
        modified = max(revised, replaced if replaced <= now else ready)
        return FlatFile(key, prefix, session, day, modified, age, replaced <= now)

    def reached(self, file: FlatFile, plan: Plan) -> bool:
        """Whether a plan's history holds a file."""
        market = DATASETS[file.prefix].market(self._markets)
        return file.day >= plan.earliest(self._markets.clock.today, market.name)

    def keys(self, prefix: str, after: str) -> Iterator[str]:
        """The keys by now that begin with `prefix` and come after another, in order."""
        now = self._markets.clock.now
        latest = now.date() - dt.timedelta(days=1 if now.time() >= READY else 2)
        for name in self._there():
            keys = self._keys(name, latest)
            start = max(bisect.bisect_left(keys, prefix), bisect.bisect_right(keys, after))
            for at in range(start, len(keys)):
                if not keys[at].startswith(prefix):
                    break
                yield keys[at]

    def _there(self) -> list[str]:
        """The datasets that have files."""
        return [name for name, dataset in DATASETS.items() if isinstance(dataset, Dataset) or self._markets.ticks]

    def _keys_until(self, name: str, latest: dt.date) -> list[str]:
        """The keys of a dataset up to a day."""
        market = DATASETS[name].market(self._markets)
        first, stop = market.sessions.next_from(REACHES[market.name].first), market.sessions.last_until(latest) + 1
        return [_key(name, day) for day in market.sessions.days[first:stop]]

    def body(self, file: FlatFile) -> bytes:
        """The bytes of a file."""
        text = lambda: DATASETS[file.prefix].text(  # noqa: E731
            self._markets, file.session, lacks=0 if file.whole else LACKS
        )
        body = self._cache.get(f"flat-{file.name}", text).gzipped(b"")
        self._sums[file.name] = hashlib.md5(body, usedforsecurity=False).hexdigest(), len(body)
        return body

    def tag_and_size(self, file: FlatFile) -> tuple[str, int]:
        """The ETag (without quotes) and the length of a file."""
        if file.name not in self._sums:
            self.body(file)
        return self._sums[file.name]


def _key(prefix: str, day: dt.date) -> str:
    folder = prefix if "/" in prefix else f"{prefix}/day_aggs_v1"
    return f"{folder}/{day:%Y/%m/%Y-%m-%d}.csv.gz"
