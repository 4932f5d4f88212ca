"""The local S3 obeys the policies of dev's buckets and roles: who writes bronze, and who replaces a document."""

from __future__ import annotations

import json
import os
import socket
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from anthill.recorder.lease import Lease
from local import aws, lake

from .emulator import client, running

KEY = f"{lake.FOLDERS[0]}stocks/splits/date=2014-06-06/r000001.jsonl.gz"
DOCUMENT = f"{lake.FOLDERS[0]}stocks/_coverage/told/2014.json.gz"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator with the lake's buckets."""
    with running(tmp_path_factory.mktemp("aws")) as url:
        yield url


def test_the_landing_puts_gets_and_lists(emulator: str) -> None:
    """What a commit needs, and nobody can put over it."""
    s3 = client(emulator, lake.LANDING_KEY)
    s3.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows", IfNoneMatch="*")
    assert s3.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"
    assert s3.head_object(Bucket=lake.BRONZE, Key=KEY)["ContentLength"] == 4
    listed = s3.list_objects_v2(Bucket=lake.BRONZE, Prefix=lake.FOLDERS[0])["Contents"]
    assert [entry["Key"] for entry in listed] == [KEY]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"other", IfNoneMatch="*")


def test_large_objects_are_taken_whole(emulator: str) -> None:
    """Some 40 MB, as gold writes them, come back byte for byte."""
    s3, body = client(emulator, lake.KEY), os.urandom(40_000_000)
    s3.put_object(Bucket=lake.BUCKETS[2], Key="gold/part", Body=body)
    assert s3.get_object(Bucket=lake.BUCKETS[2], Key="gold/part")["Body"].read() == body


def test_half_a_body_is_no_object(emulator: str) -> None:
    """Who goes away before the last byte has put nothing."""
    s3 = client(emulator, lake.KEY)
    url = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": lake.BUCKETS[2], "Key": "gold/half"}))
    with socket.create_connection((url.hostname, url.port)) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 999)
    assert "Contents" not in s3.list_objects_v2(Bucket=lake.BUCKETS[2], Prefix="gold/half")


@pytest.mark.parametrize(
    "call",
    [
        lambda s3: s3.delete_object(Bucket=lake.BRONZE, Key=KEY),
        lambda s3: s3.delete_objects(Bucket=lake.BRONZE, Delete={"Objects": [{"Key": KEY}]}),
        lambda s3: s3.delete_bucket(Bucket=lake.BRONZE),
        lambda s3: s3.put_object(Bucket=lake.BRONZE, Key="elsewhere/key", Body=b"", IfNoneMatch="*"),
        lambda s3: s3.put_object(Bucket=lake.DOCUMENTS, Key="elsewhere/key", Body=b"", IfNoneMatch="*"),
        lambda s3: s3.delete_object(Bucket=lake.DOCUMENTS, Key=DOCUMENT),
        lambda s3: s3.put_object(Bucket=lake.BUCKETS[1], Key=KEY, Body=b"", IfNoneMatch="*"),
        lambda s3: s3.get_object(Bucket=lake.BUCKETS[2], Key="gold/x"),
        lambda s3: s3.list_objects_v2(Bucket=lake.BUCKETS[2]),
        lambda s3: s3.put_object_tagging(Bucket=lake.BRONZE, Key=KEY, Tagging={"TagSet": []}),
        lambda s3: s3.put_bucket_policy(Bucket=lake.BRONZE, Policy="{}"),
        lambda s3: s3.delete_bucket_policy(Bucket=lake.BRONZE),
        lambda s3: s3.create_bucket(Bucket="another"),
    ],
)
def test_the_landing_may_do_no_more(emulator: str, call: Callable[[Any], Any]) -> None:
    """Deleting, other places, and what concerns the bucket are refused; the object is still there."""
    above = client(emulator, lake.FAULT_KEY)
    above.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows")
    with pytest.raises(ClientError, match="AccessDenied"):
        call(client(emulator, lake.LANDING_KEY))
    assert above.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"


@pytest.mark.parametrize("key", [lake.KEY, lake.LANDING_KEY])
@pytest.mark.parametrize("headers", [{}, {"IfMatch": '"etag"'}])
def test_bronze_is_only_ever_created(emulator: str, key: str, headers: dict[str, str]) -> None:
    """Nobody's PUT is taken that does not ask that there is nothing yet; who may do everything cannot delete either."""
    s3 = client(emulator, key)
    client(emulator, lake.FAULT_KEY).put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows")
    calls = [
        lambda: s3.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"other", **headers),
        lambda: s3.put_object(Bucket=lake.BRONZE, Key=f"{KEY}.new", Body=b"other", **headers),
        lambda: s3.copy_object(Bucket=lake.BRONZE, Key=KEY, CopySource={"Bucket": lake.BRONZE, "Key": KEY}),
        lambda: s3.delete_object(Bucket=lake.BRONZE, Key=KEY),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    assert s3.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"


def test_parts_of_an_upload_create_nothing_and_its_end_does(emulator: str) -> None:
    """They carry no condition; what completes them must."""
    s3, place = client(emulator, lake.LANDING_KEY), {"Bucket": lake.BRONZE, "Key": f"{KEY}.parts"}
    upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"rows")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    s3.complete_multipart_upload(**upload, MultipartUpload=parts, IfNoneMatch="*")
    assert s3.get_object(**place)["Body"].read() == b"rows"


def test_a_document_is_replaced_by_who_has_read_it(emulator: str) -> None:
    """Created, replaced with its ETag, and neither without a condition nor by one that is out of date."""
    s3, place = client(emulator, lake.LANDING_KEY), {"Bucket": lake.DOCUMENTS, "Key": DOCUMENT}
    first = s3.put_object(**place, Body=b"1", IfNoneMatch="*")["ETag"]
    s3.put_object(**place, Body=b"2", IfMatch=first)
    for headers, refusal in (
        ({}, "AccessDenied"),
        ({"IfMatch": first}, "PreconditionFailed"),
        ({"IfNoneMatch": "*"}, "PreconditionFailed"),
    ):
        with pytest.raises(ClientError, match=refusal):
            s3.put_object(**place, Body=b"3", **headers)
    assert s3.get_object(**place)["Body"].read() == b"2"


def test_a_recorder_puts_segments_and_holds_its_lease(emulator: str) -> None:
    """By the code that does it, and by its role: no other source's objects, no other document, nothing is deleted."""
    s3 = client(emulator, lake.RECORDER_KEY)
    lease = Lease(s3, lake.DOCUMENTS, "crypto", "one")
    assert lease.take() is None
    lease.renew()
    held = Lease(s3, lake.DOCUMENTS, "crypto", "two").take()
    assert held is not None
    assert held.holder == "one"
    lease.release()
    place = {"Bucket": lake.BRONZE, "Key": "polygon_stream/crypto/minute_stream/date=2026-06-16/T1-1/r000001.jsonl.gz"}
    s3.put_object(**place, Body=b"frames", IfNoneMatch="*")
    assert s3.get_object(**place)["Body"].read() == b"frames"
    assert s3.list_objects_v2(Bucket=lake.BRONZE, Prefix="polygon_stream/")["KeyCount"] == 1
    refused = [
        lambda: s3.put_object(Bucket=lake.BRONZE, Key=f"{KEY}.new", Body=b"", IfNoneMatch="*"),
        lambda: s3.put_object(Bucket=lake.DOCUMENTS, Key=f"{DOCUMENT}.new", Body=b"", IfNoneMatch="*"),
        lambda: s3.get_object(Bucket=lake.DOCUMENTS, Key=DOCUMENT),
        lambda: s3.delete_object(**place),
    ]
    for call in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_the_engine_reads_bronze_and_writes_tables(emulator: str) -> None:
    """As the roles of Unity Catalog's credentials: bronze is read; silver and gold are written and deleted."""
    s3 = client(emulator, lake.ENGINE_KEY)
    client(emulator, lake.FAULT_KEY).put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows")
    assert s3.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"
    place = {"Bucket": lake.BUCKETS[1], "Key": "silver/part"}
    for body in (b"1", b"2"):
        s3.put_object(**place, Body=body)
    s3.delete_objects(Bucket=place["Bucket"], Delete={"Objects": [{"Key": place["Key"]}]})
    assert "Contents" not in s3.list_objects_v2(Bucket=place["Bucket"], Prefix="silver/part")
    refused = [
        lambda: s3.put_object(Bucket=lake.BRONZE, Key=f"{KEY}.new", Body=b"", IfNoneMatch="*"),
        lambda: s3.get_object(Bucket=lake.DOCUMENTS, Key=DOCUMENT),
        lambda: s3.list_objects_v2(Bucket=lake.DOCUMENTS),
    ]
    for call in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_who_does_not_sign_or_is_unknown_reaches_nothing(emulator: str) -> None:
    """A key that no role has, and none at all, are refused wherever a policy is; presigned is signed."""
    with pytest.raises(ClientError, match=r"AccessDenied.*no policy that allows it"):
        client(emulator, "stranger").get_object(Bucket=lake.BRONZE, Key=KEY)
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(f"{emulator}/{lake.BRONZE}/{KEY}")
    assert refused.value.code == HTTPStatus.FORBIDDEN
    client(emulator, lake.FAULT_KEY).put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows")
    asked = {"Bucket": lake.BRONZE, "Key": KEY}
    known, stranger = (client(emulator, key).generate_presigned_url("get_object", asked) for key in (lake.KEY, "x"))
    assert urllib.request.urlopen(known).read() == b"rows"
    with pytest.raises(HTTPError):
        urllib.request.urlopen(stranger)


def test_every_bucket_of_the_lake_has_a_policy() -> None:
    """None is forgotten when a zone is added."""
    assert set(lake.BUCKETS) <= json.loads(aws.POLICIES.read_text())["buckets"].keys()


PERSON = f"{lake.FOLDERS[0]}people/panel/date=2026-06-15/r000001.jsonl.gz"


def test_people_are_erased_by_one_role_alone(emulator: str) -> None:
    """The landing writes and reads them, the jobs read them; neither of them, nor who may do all else, deletes one."""
    s3 = client(emulator, lake.LANDING_KEY)
    version = s3.put_object(Bucket=lake.PERSONAL, Key=PERSON, Body=b"rows", IfNoneMatch="*")["VersionId"]
    place = {"Bucket": lake.PERSONAL, "Key": PERSON}
    for key in (lake.LANDING_KEY, lake.ENGINE_KEY, lake.KEY):
        who = client(emulator, key)
        assert who.get_object(**place)["Body"].read() == b"rows"
        for more in ({}, {"VersionId": version}):
            with pytest.raises(ClientError, match="AccessDenied"):
                who.delete_object(**place, **more)
        with pytest.raises(ClientError, match="AccessDenied"):
            who.put_object(**place, Body=b"over it")
    eraser = client(emulator, lake.ERASURE_KEY)
    with pytest.raises(ClientError, match="AccessDenied"):  # a marker would only hide it
        eraser.delete_object(**place)
    with pytest.raises(ClientError, match="AccessDenied"):
        eraser.put_object(**place, Body=b"over it")
    eraser.delete_object(**place, VersionId=version)
    assert "Versions" not in eraser.list_object_versions(Bucket=lake.PERSONAL, Prefix=PERSON)


def test_who_erases_people_reaches_nothing_else(emulator: str) -> None:
    """Neither bronze nor the documents."""
    landed = client(emulator, lake.LANDING_KEY)
    key = KEY.replace("splits", "dividends")
    version = landed.put_object(Bucket=lake.BRONZE, Key=key, Body=b"rows", IfNoneMatch="*").get("VersionId", "null")
    eraser = client(emulator, lake.ERASURE_KEY)
    for call in (
        lambda: eraser.get_object(Bucket=lake.BRONZE, Key=key),
        lambda: eraser.delete_object(Bucket=lake.BRONZE, Key=key, VersionId=version),
        lambda: eraser.put_object(Bucket=lake.DOCUMENTS, Key=DOCUMENT, Body=b"told", IfNoneMatch="*"),
        lambda: eraser.list_objects_v2(Bucket=lake.DOCUMENTS),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
