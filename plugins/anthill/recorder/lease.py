"""Who records: a document in S3 that one recorder at a time holds, replaced only by who has read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze.commits import S3Client
from anthill.bronze.storage import Patience, code
from anthill.http_date import http_date
from anthill.recorder.errors import LeaseLostError
from anthill.recorder.stream import SOURCE

LENGTH = dt.timedelta(seconds=30)


class Held(msgspec.Struct):
    """Who holds it until when, by the clock of S3 (UTC)."""

    holder: str
    until: dt.datetime


class Lease:
    """A recorder's claim on an asset class; a restart under the same name takes it back at once."""

    def __init__(
        self, s3: S3Client, bucket: str, asset_class: str, holder: str, patience: Patience | None = None
    ) -> None:
        self._s3, self._bucket, self._holder = s3, bucket, holder
        self.key = f"{SOURCE}/{asset_class}/_lease.json"
        self._patience = patience or Patience(tries=3)
        self._etag = ""
        self._ahead = dt.timedelta(0)

    def take(self) -> Held | None:
        """Take it, or take it back: None, or who holds it and until when."""
        there, etag = self._read()
        if there and there.holder != self._holder and there.until > self.now():
            return there
        return None if self._put(etag, LENGTH) else self._read()[0]

    def renew(self) -> None:
        """Hold it for longer; LeaseLostError where somebody else has it by now."""
        if not self._put(self._etag, LENGTH):
            held, _ = self._read()
            raise LeaseLostError(
                f"{held.holder if held else 'nobody'} holds the lease s3://{self._bucket}/{self.key} now, "
                f"and not {self._holder}: two recorders of one asset class would close each other's connection"
            )

    def release(self) -> None:
        """Let others have it at once; whoever has it by now keeps it."""
        if self._etag:
            self._put(self._etag, dt.timedelta(0))

    def now(self) -> dt.datetime:
        """The time at S3, as its last answer told it: a machine's own clock may be minutes off."""
        return dt.datetime.now(dt.UTC) + self._ahead

    def _read(self) -> tuple[Held | None, str]:
        """Who holds it, and the version read."""
        try:
            answer = self._patience.call(self._get, self._bucket, self.key)
        except ClientError as error:
            if code(error) not in {"NoSuchKey", "404"}:
                raise
            self._heard(error.response)
            return None, ""
        self._heard(answer)
        return msgspec.json.decode(answer["Body"].read(), type=Held), answer["ETag"]

    def _get(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._s3.get_object(Bucket=self._bucket, Key=self.key)
        return answer

    def _put(self, etag: str, length: dt.timedelta) -> bool:
        """Whether the version read was replaced by ours."""
        ours = Held(self._holder, self.now() + length)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}

        def put() -> dict[str, Any]:
            answer: dict[str, Any] = self._s3.put_object(
                Bucket=self._bucket,
                Key=self.key,
                Body=msgspec.json.encode(ours),
                ContentType="application/json",
                **condition,
            )
            return answer

        try:
            self._etag = self._patience.call(put, self._bucket, self.key)["ETag"]
        except ClientError as error:
            if code(error) != "PreconditionFailed":
                raise
            there, self._etag = self._read()  # ours, where the answer of an earlier try was lost
            return there == ours
        return True

    def _heard(self, answer: dict[str, Any]) -> None:
        seconds = http_date(answer["ResponseMetadata"]["HTTPHeaders"].get("date"))
        if seconds is not None:
            self._ahead = dt.datetime.fromtimestamp(seconds, dt.UTC) - dt.datetime.now(dt.UTC)
