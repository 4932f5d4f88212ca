"""Files in a bucket are read as those of a web server are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.response import StreamingBody

from anthill.sources import kinds
from anthill.sources.errors import (
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    ReplacedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.files.bucket import Bucket
from anthill.sources.files.source import FilesSource
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.landing.s3_faults import Fault, S3Proxy

from .published import CONTENT, FOLDER, MEMBER, PLACE, SHORT, dataset, taken, zipped
from .test_remote import LARGE
from .test_zips import unpacked

__all__ = ["bucket", "s3", "s3_url"]

KEY = f"{FOLDER}marks.zip".removeprefix("/")


@pytest.fixture
def put(s3: Any, bucket: str) -> Callable[[bytes], None]:
    """Publishes a zip."""

    def putting(content: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=KEY, Body=zipped({MEMBER: content}))

    putting(CONTENT)
    return putting


def source(s3: Any, bucket: str) -> FilesSource:
    """Somebody who reads it."""
    return FilesSource(Bucket(s3, bucket, SHORT), "school_default")


def test_a_member_is_taken(s3: Any, bucket: str, put: Callable[[bytes], None]) -> None:
    """As it is packed; its clock is the object's."""
    page = taken(source(s3, bucket))
    assert unpacked(page.member) == CONTENT
    assert page.asof == s3.head_object(Bucket=bucket, Key=KEY)["LastModified"]
    assert page.url == f"s3://{bucket}/{KEY}!{MEMBER}"


def test_a_cut_connection_goes_on(s3: Any, bucket: str, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it broke."""
    put(LARGE)
    read, calls = StreamingBody.read, iter(range(100))

    def breaking(self: StreamingBody, amount: int | None = None) -> bytes:
        if next(calls) == 3:
            raise ConnectionResetError("cut")
        return read(self, amount)

    monkeypatch.setattr(StreamingBody, "read", breaking)
    assert unpacked(taken(source(s3, bucket)).member) == LARGE


def test_a_file_that_is_replaced(s3: Any, bucket: str, put: Any) -> None:
    """No part of another version is taken."""
    opened = source(s3, bucket)
    opened.version(dataset(), PLACE)
    put(LARGE)
    with pytest.raises(ReplacedError, match="was replaced while it was read"):
        taken(opened)


FAULTS: dict[tuple[int, str], type[SourceError]] = {
    (403, "AccessDenied"): NotEntitledError,
    (403, "InvalidAccessKeyId"): UnknownKeyError,
    (404, "NoSuchKey"): NotReadyError,
    (400, "InvalidRequest"): FatalError,
    (503, "SlowDown"): ServerFailedError,
    (0, ""): ConnectionFailedError,
}
ADVICE = {
    (403, "AccessDenied"): "Let the connection's role get and list the bucket's objects",
    (400, "InvalidRequest"): "Compare the connection's bucket with the publisher's",
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_s3_says(s3_url: str, bucket: str, put: Any, fault: tuple[int, str]) -> None:
    """As one of the house's errors, with the object's address."""
    with S3Proxy(s3_url, always={"GET": Fault(*fault)}) as proxy, pytest.raises(SourceError) as caught:
        taken(source(s3_at(proxy.url), bucket))
    assert type(caught.value) is FAULTS[fault]
    assert caught.value.url == f"s3://{bucket}/{KEY}"
    assert ADVICE.get(fault, "") in str(caught.value)


def test_the_connection_names_the_bucket(s3_url: str, bucket: str, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its extra, as Airflow's provider has it; without one it is told."""
    known = json.loads(aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW_CONN_SCHOOL_DEFAULT", json.dumps(known))
    with pytest.raises(FatalError, match="school_default names no bucket"):
        kinds.connect("files", [dataset()], 1)
    known["extra"] = {**known.get("extra", {}), "service_config": {"s3": {"bucket_name": bucket}}}
    monkeypatch.setenv("AIRFLOW_CONN_SCHOOL_DEFAULT", json.dumps(known))
    opened = kinds.connect("files", [dataset()], 1)
    assert isinstance(opened, FilesSource)
    assert len(taken(opened).rows) == 1000
