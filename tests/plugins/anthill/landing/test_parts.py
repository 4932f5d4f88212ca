"""A large commit goes in parts, and is one object all the same: whole, once, of the bytes that its writer had."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from anthill.bronze.commits import Place, TamperedError, read_commit
from anthill.bronze.storage import Patience, StorageError
from anthill.landing import content as landing_content
from anthill.landing import parts
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.sources.page import Counted, Page

PLACE = Place("files", "school", "marks", "2019-12-31")
KEY = PLACE.key(1, "csv")
SHORT = Patience(tries=3, first=0.01)
MEBI = 1 << 20
BODY = gzip.compress(random.Random(1).randbytes(11 * MEBI), 0)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of the least size that S3 takes, for objects of more than one."""
    monkeypatch.setattr(parts, "WHOLE", 5 * MEBI)
    monkeypatch.setattr(parts, "_SIZE", 5 * MEBI)


def content(body: bytes = BODY, digest: int = 1) -> Content:
    """One page of a table."""
    asof = dt.datetime(2022, 5, 31, tzinfo=dt.UTC)
    return Content.of([Page("x", body, len(body), Counted([], 3), digest, asof, form="csv")], "v")


def uploads(s3: Any, bucket: str) -> list[Any]:
    """What S3 keeps, and bills, of uploads that are not done."""
    return s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])


def test_a_large_commit_is_one_object(s3: Any, bucket: str) -> None:
    """With the sha256 of all its bytes, and the checksum that S3 has of three parts."""
    with content() as given:
        done = Committer(s3, bucket, "run", SHORT).commit(PLACE, given)
    assert done.outcome == "landed"
    assert read_commit(s3, bucket, KEY) == done.commit
    stored = s3.get_object(Bucket=bucket, Key=KEY)
    assert stored["Body"].read() == BODY
    assert done.commit.sha256 == hashlib.sha256(BODY).hexdigest()
    digests = [hashlib.sha256(BODY[at : at + 5 * MEBI]).digest() for at in range(0, len(BODY), 5 * MEBI)]
    whole = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
    assert stored["Metadata"]["parts"] == f"{whole}-3"
    assert s3.head_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")["ChecksumSHA256"].split("-")[0] == whole
    assert uploads(s3, bucket) == []


def test_whoever_comes_second_follows(s3: Any, bucket: str) -> None:
    """Nothing is replaced: the other's rows are the next revision, and no half is left."""
    for number in (1, 2):
        with content(BODY + gzip.compress(b"%d" % number), number) as given:
            done = Committer(s3, bucket, "run", SHORT).commit(PLACE, given)
        assert done.commit.key == PLACE.key(number, "csv")
    assert uploads(s3, bucket) == []


def test_other_bytes_under_the_same_metadata_are_noticed(s3: Any, bucket: str) -> None:
    """Whoever may write could put them there."""
    with content() as given:
        Committer(s3, bucket, "run", SHORT).commit(PLACE, given)
    metadata = s3.head_object(Bucket=bucket, Key=KEY)["Metadata"]
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"other", Metadata=metadata, ChecksumAlgorithm="SHA256")
    with pytest.raises(TamperedError, match="was changed after it was landed"):
        read_commit(s3, bucket, KEY)


FAULTS = ["create_multipart_upload", "upload_part", "complete_multipart_upload"]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes(
    s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch, name: str, *, applied: bool
) -> None:
    """In the end there is one commit, ours, whether the call had been carried out or not."""
    call, faults = getattr(s3, name), iter([503])

    def failing(**how: Any) -> Any:
        if status := next(faults, None):
            if applied:
                call(**how)
            raise ClientError({"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": status}}, name)
        return call(**how)

    monkeypatch.setattr(s3, name, failing)
    with content() as given:
        done = Committer(s3, bucket, "run", SHORT).commit(PLACE, given)
    assert (done.outcome, done.commit.revision) == ("landed", 1)
    assert read_commit(s3, bucket, KEY) == done.commit


def test_a_fault_that_stays_leaves_nothing(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No object, no parts that are billed; the message has the key."""

    def failing(**how: Any) -> Any:
        raise ClientError({"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "UploadPart")

    monkeypatch.setattr(s3, "upload_part", failing)
    with content() as given, pytest.raises(StorageError, match=KEY):
        Committer(s3, bucket, "run", SHORT).commit(PLACE, given)
    assert uploads(s3, bucket) == []
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_table_may_be_larger_than_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are held whole where they are read, tables are not."""
    monkeypatch.setattr(landing_content, "_MOST", 100)
    with content() as given:
        assert given.size == len(BODY)
