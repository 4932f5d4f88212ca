"""The emulator's landing role: it puts, gets and lists below bronze, and can delete nothing."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local import lake
from local.service import Service, free_port, stop

ROOT = Path(__file__).parents[2]
KEY = f"{lake.PREFIX}stocks/splits/date=2014-06-06/r000001.jsonl.gz"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator with the lake's buckets."""
    home, port = tmp_path_factory.mktemp("aws"), str(free_port())
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, **lake.emulator_environment(home, port)}
    service = Service("s3", [sys.executable, "-m", "local.aws"], env, home, ROOT, f"{url}/_ministack/health")
    service.start()
    try:
        service.wait()
        lake.create_buckets(client(url, lake.KEY))
        yield url
    finally:
        assert service.child is not None
        stop([psutil.Process(service.child.pid)])


def client(url: str, key: str) -> Any:
    """S3 as the owner of a key sees it."""
    config = Config(retries={"total_max_attempts": 1})
    names = {"aws_access_key_id": key, "aws_secret_access_key": key, "region_name": lake.REGION}
    return boto3.client("s3", endpoint_url=url, config=config, **names)


def test_the_landing_puts_gets_and_lists(emulator: str) -> None:
    """What a commit needs, and nobody can put over it."""
    s3 = client(emulator, lake.LANDING_KEY)
    s3.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows", IfNoneMatch="*")
    assert s3.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"
    assert s3.head_object(Bucket=lake.BRONZE, Key=KEY)["ContentLength"] == 4
    listed = s3.list_objects_v2(Bucket=lake.BRONZE, Prefix=lake.PREFIX)["Contents"]
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
        lambda s3: s3.put_object(Bucket=lake.BRONZE, Key="elsewhere/key", Body=b""),
        lambda s3: s3.put_object(Bucket=lake.BUCKETS[1], Key=KEY, Body=b""),
        lambda s3: s3.get_object(Bucket=lake.BUCKETS[2], Key="gold/x"),
        lambda s3: s3.put_object_tagging(Bucket=lake.BRONZE, Key=KEY, Tagging={"TagSet": []}),
        lambda s3: s3.put_bucket_policy(Bucket=lake.BRONZE, Policy="{}"),
        lambda s3: s3.create_bucket(Bucket="another"),
    ],
)
def test_the_landing_may_do_no_more(emulator: str, call: Callable[[Any], Any]) -> None:
    """Deleting, other places, and what concerns the bucket are refused; the object is still there."""
    everything = client(emulator, lake.KEY)
    everything.put_object(Bucket=lake.BRONZE, Key=KEY, Body=b"rows")
    with pytest.raises(ClientError, match="AccessDenied"):
        call(client(emulator, lake.LANDING_KEY))
    assert everything.get_object(Bucket=lake.BRONZE, Key=KEY)["Body"].read() == b"rows"
