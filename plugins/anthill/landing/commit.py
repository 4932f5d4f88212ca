"""An object is a commit: one conditional PUT makes a chain visible, whole, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze import landed_pages
from anthill.bronze.commits import Commit, Form, Place, S3Client, base64_sha256, newest_key, read_commit
from anthill.bronze.storage import Patience, StorageError, code
from anthill.http_date import http_date
from anthill.landing import parts
from anthill.landing.content import Whole
from anthill.ledger.results import Outcome

_AT_ONCE = 1 << 20  # bytes of an object that are sent at once
_MOST_REVISIONS_BETWEEN = 1000  # lost races for the next number
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES: dict[Form, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "copy": "text/plain",
    "changes": "text/plain",
    "xlsx": _SHEET,
}


class Committed(msgspec.Struct, frozen=True):
    """What became of a chain: landed first, restated by other rows, unchanged, or superseded by a newer answer."""

    outcome: Outcome
    commit: Commit  # the newest revision of its place


class Committer:
    """Writes commits into one bucket for one run; safe to share between threads."""

    def __init__(self, s3: S3Client, bucket: str, run: str, patience: Patience | None = None) -> None:
        self._s3 = s3
        self.bucket = self._bucket = bucket
        self._run = run
        self._patience = patience or Patience()

    def clock(self, place: Place) -> dt.datetime | None:
        """The time at S3, from a listing where it may be made; None if it does not say."""
        answer = self._patience.call(lambda: self._first_key(place.prefix), self._bucket, place.prefix)
        seconds = http_date(answer["ResponseMetadata"]["HTTPHeaders"].get("date"))
        return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)

    def _first_key(self, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=1)
        return found

    def newest(self, place: Place) -> Commit | None:
        """The newest revision of a place, None if it was never landed."""
        at = place.prefix
        key = self._patience.call(lambda: newest_key(self._s3, self._bucket, place), self._bucket, at)
        return None if key is None else self._read(key)

    def pages(self, place: Place) -> Iterator[bytes] | None:
        """The pages of a place's newest revision; None where it was never landed, or as a file."""
        newest = self.newest(place)
        return None if newest is None or newest.source else landed_pages.read(self._s3, newest, self._patience)

    def commit(self, place: Place, content: Whole, newest: Commit | None = None) -> Committed:
        """Put the content as the next revision, unless what is there says the same or is newer.

        `newest` is what is known to be there; without it the first revision is tried first.
        """
        for _ in range(_MOST_REVISIONS_BETWEEN):
            if newest and (outcome := _compare(newest, content)) is not None:
                return Committed(outcome, newest)
            revision = newest.revision + 1 if newest else 1
            if (commit := self._put(place, revision, content)) is not None:
                return Committed("landed" if revision == 1 else "restated", commit)
            newest = self.newest(place) or self._read(place.key(revision, content.form))
        raise StorageError(
            f"s3://{self._bucket}/{place.prefix}: others always take the next revision first. Retry the task"
        )

    def _put(self, place: Place, revision: int, content: Whole) -> Commit | None:
        """The commit, or None if somebody else's is there."""
        assert content.asof is not None  # noqa: S101 a chain has a page
        commit = Commit(
            bucket=self._bucket,
            key=place.key(revision, content.form),
            shard=place.shard,
            revision=revision,
            rows=content.rows,
            pages=content.pages,
            size=content.size,
            sha256=content.sha256,
            digest=content.digest,
            asof=content.asof,
            run=self._run,
            source=content.source,
        )

        tries = 0
        in_parts = parts.of(content.file) if content.size > parts.WHOLE else None

        def put() -> None:
            nonlocal tries
            tries += 1
            if in_parts:
                parts.put(self._s3, self._patience, commit, content.file, in_parts, _TYPES[content.form], metadata)
                return
            content.file.seek(0)
            # A file is sent in pieces of 16 KB, each of them a call of the system.
            body = content.file.read() if content.size <= _AT_ONCE else content.file
            self._s3.put_object(
                Bucket=self._bucket,
                Key=commit.key,
                Body=body,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64_sha256(commit.sha256),
                ContentType=_TYPES[content.form],
                Metadata=metadata,
            )

        metadata = {**_metadata(commit), **content.about, **({"parts": parts.checksum(in_parts)} if in_parts else {})}
        try:
            self._patience.call(put, self._bucket, commit.key)
        except ClientError as error:
            if code(error) != "PreconditionFailed":
                raise StorageError(f"s3://{self._bucket}/{commit.key}: {error}") from error
            return commit if tries > 1 and self._is_ours(commit) else None
        return commit

    def _is_ours(self, commit: Commit) -> bool:
        """Whether what is there is our own PUT, whose answer was lost."""
        there = self._read(commit.key)
        return (there.sha256, there.run) == (commit.sha256, commit.run)

    def _read(self, key: str) -> Commit:
        try:
            return self._patience.call(lambda: read_commit(self._s3, self._bucket, key), self._bucket, key)
        except ClientError as error:
            raise StorageError(f"s3://{self._bucket}/{key} was there and is gone: {error}. Retry the task") from error


def _compare(newest: Commit, content: Whole) -> Outcome | None:
    """What the newest revision makes of the content; None if the content must follow it."""
    if newest.sha256 == content.sha256 or (newest.digest == content.digest and newest.rows == content.rows):
        return "unchanged"
    assert content.asof is not None  # noqa: S101 a chain has a page
    return "superseded" if newest.asof > content.asof else None


def _metadata(commit: Commit) -> dict[str, str]:
    """What an object says about itself; ASCII, as S3 wants it."""
    return {
        "sha256": commit.sha256,
        "digest": commit.digest,
        "rows": str(commit.rows),
        "pages": str(commit.pages),
        "asof": commit.asof.isoformat(),
        "run": quote(commit.run, safe=":+@/"),
        **({"source": quote(commit.source, safe="")} if commit.source else {}),
    }
