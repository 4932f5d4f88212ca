"""The segments of a stream that bronze has of a market day: from when to when somebody listened, and to what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import msgspec

from anthill.bronze import manifest
from anthill.bronze.commits import S3Client, TamperedError, newest_revisions
from anthill.bronze.storage import Patience
from anthill.dataset import Dataset
from anthill.sources.polygon_stream.span import FILLED, Span

_THREADS = 16
WHOLE = ("rotation", "stopped")  # ends of a segment up to which all was heard


class Segment(msgspec.Struct, frozen=True, order=True):
    """One part of a connection, all moments in UTC; `heard` is when its last frame came, or when it began."""

    began: dt.datetime
    over: dt.datetime
    heard: dt.datetime
    connection: str
    ended: str  # why: rotation, stopped, killed, or what went wrong
    channels: frozenset[str]  # that were confirmed


class Recorded(msgspec.Struct, frozen=True):
    """What bronze has of a stream and market day: segments by their beginning, and minutes asked of the API."""

    segments: list[Segment]
    filled: list[Span]


def of(s3: S3Client, bucket: str, stream: Dataset, market_date: dt.date) -> Recorded:
    """Those of a market day; TamperedError where an object is no segment of a recorder's."""
    keys = newest_revisions(s3, bucket, stream, str(market_date))
    filled = [Span.of(shard) for shard in keys if shard.startswith(FILLED)]
    known: dict[str, frozenset[str]] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        heads = pool.map(
            lambda key: _head(s3, bucket, key), [key for shard, key in keys.items() if not shard.startswith(FILLED)]
        )
        segments = [_segment(s3, bucket, stream, key, head, known) for key, head in heads]
    return Recorded(sorted(segments), filled)


def loadable(s3: S3Client, bucket: str, stream: Dataset, market_dates: Sequence[dt.date]) -> list[manifest.Found]:
    """What a load reads of these days: a segment in which nothing came is an empty object, which Sail does not see."""
    return [found for found in manifest.newest(s3, bucket, [stream], market_dates) if found[2].size]


def _head(s3: S3Client, bucket: str, key: str) -> tuple[str, dict[str, str]]:
    answer = Patience().call(lambda: s3.head_object(Bucket=bucket, Key=key), bucket, key)
    return key, answer["Metadata"]


def _segment(
    s3: S3Client, bucket: str, stream: Dataset, key: str, told: dict[str, str], known: dict[str, frozenset[str]]
) -> Segment:
    """What an object says of itself; lists of channels are read once."""
    try:
        digest = told["subscribed"]
        if digest not in known:
            known[digest] = _channels(s3, bucket, stream, digest)
        began, over = (dt.datetime.fromisoformat(told[name]) for name in ("began", "over"))
        heard = dt.datetime.fromisoformat(told.get("heard", told["began"]))
        return Segment(began, over, heard, told["connection"], unquote(told["ended"]), known[digest])
    except (KeyError, ValueError) as error:
        raise TamperedError(
            f"s3://{bucket}/{key} is no segment of a recorder: its metadata lack a valid {error}. "
            "Restore its earlier version from the bucket's versioning"
        ) from error


def _channels(s3: S3Client, bucket: str, stream: Dataset, digest: str) -> frozenset[str]:
    key = f"{stream.source}/{stream.asset_class}/_subscriptions/{digest}.json"
    body = Patience().call(lambda: s3.get_object(Bucket=bucket, Key=key), bucket, key)["Body"].read()
    return frozenset(msgspec.json.decode(body, type=list[str]))
