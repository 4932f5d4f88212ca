"""A segment as it is committed: counted and hashed from the disk, so that what is told of it is what lies there."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import IO
from urllib.parse import quote

import msgspec
import xxhash

from anthill.bronze.commits import Form
from anthill.recorder.spool import Head, members

_CHANNEL = re.compile(rb'"ev"\s*:\s*"([A-Za-z0-9]+)"')


class Sealed:
    """The file of a segment that has ended, and what its object says of itself."""

    form: Form = "jsonl"
    source = ""

    def __init__(self, head: Head, path: Path) -> None:
        self.head = head
        self.file: IO[bytes] = path.open("rb")
        self.pages = self.rows = 0
        self.channels: Counter[str] = Counter()
        last = int(head.began.timestamp())
        packed, text = hashlib.sha256(), xxhash.xxh3_128()
        for _, last, lines in members(self.file):  # noqa: B007 the last one's second is kept
            text.update(lines)
            self.pages += lines.count(b"\n")
            self.channels.update(channel.decode() for channel in _CHANNEL.findall(lines))
        self.file.seek(0)
        while piece := self.file.read(1 << 20):
            packed.update(piece)
        self.size = self.file.tell()
        self.sha256 = packed.hexdigest()
        self.digest = text.hexdigest()
        self.heard = dt.datetime.fromtimestamp(last, dt.UTC)  # when its last frames came, or when it began
        self.rows = self.channels.total() - self.channels.pop("status", 0)
        # The process that was killed could not say when: the second after that of its last frames is over by then.
        self.asof: dt.datetime | None = head.over or dt.datetime.fromtimestamp(last + 1, dt.UTC)

    @property
    def about(self) -> dict[str, str]:
        """Its connection, first and last moment, when it was last heard, messages by channel, and why it ended."""
        return {
            "connection": self.head.connection,
            "began": self.head.began.isoformat(),
            "heard": self.heard.isoformat(),
            "over": str(self.asof and self.asof.isoformat()),
            "subscribed": subscriptions(self.head)[0].rpartition("/")[2].removesuffix(".json"),
            "channels": " ".join(f"{name}={count}" for name, count in sorted(self.channels.items())),
            "ended": quote(self.head.ended[:200], safe=" :,.()"),
        }

    def close(self) -> None:
        """Give the file back."""
        self.file.close()


def subscriptions(head: Head) -> tuple[str, bytes]:
    """The channels that were confirmed, as an object named by its content: metadata have no room for a long list."""
    body = msgspec.json.encode(sorted(head.confirmed))
    name = hashlib.sha256(body).hexdigest()
    return f"{head.place.source}/{head.place.asset_class}/_subscriptions/{name}.json", body
