"""What landing needs of the outside: clients whose making costs a task little."""

from __future__ import annotations

from unittest.mock import patch

import boto3
from botocore.config import Config
from botocore.loaders import JSONFileLoader

from anthill.landing.connections import new_client


def test_what_botocore_knows_of_a_service_is_read_once(s3_url: str) -> None:
    """A second client, of another session and for other settings, opens no file of botocore's, and works."""
    new_client(boto3.session.Session(region_name="eu-west-1"), "s3")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    with patch.object(JSONFileLoader, "load_file", side_effect=AssertionError("read again")):
        s3 = new_client(boto3.session.Session(**keys), "s3", endpoint_url=s3_url, config=Config(read_timeout=3))
    s3.create_bucket(Bucket="once")
    assert "once" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.meta.config.read_timeout == 3
