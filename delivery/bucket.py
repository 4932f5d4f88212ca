"""The environment's bucket: what lies under a key, by checksum and version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from delivery.errors import DeliveryError

_ABSENT = {"404", "405", "NoSuchKey", "NoSuchVersion", "NotFound"}


class Bucket:
    """A versioned bucket, by a client of S3; `clock` is the server's time of the last change made here."""

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name
        self.clock: dt.datetime | None = None

    def checksum(self, key: str, version: str | None = None) -> tuple[str, str] | None:
        """The sha256 and the version of an object; None where there is none, an empty sha256 where none was stored."""
        named = {"VersionId": version} if version else {}
        try:
            head = self.client.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED", **named)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return head.get("ChecksumSHA256", ""), head["VersionId"]

    def put(self, key: str, data: bytes, sha256: str) -> str:
        """Write an object, whose checksum S3 compares and keeps; returns its version."""
        put = self.client.put_object(
            Bucket=self.name, Key=key, Body=data, ChecksumAlgorithm="SHA256", ChecksumSHA256=sha256
        )
        self._changed(put)
        return str(put["VersionId"])

    def read(self, key: str, version: str | None = None) -> bytes:
        """The bytes of an object."""
        named = {"VersionId": version} if version else {}
        try:
            body: bytes = self.client.get_object(Bucket=self.name, Key=key, **named)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            raise DeliveryError(
                f"s3://{self.name}/{key} has no version {version or 'at all'}: the bucket's lifecycle has deleted it"
            ) from error
        return body

    def delete(self, key: str) -> None:
        """Take an object away; its versions stay."""
        self._changed(self.client.delete_object(Bucket=self.name, Key=key))

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins so."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def _changed(self, answer: Any) -> None:
        self.clock = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
