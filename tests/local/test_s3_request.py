"""What boto3 sends is what its caller asks for: the action by AWS's reference of actions, and the conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest

from local.s3_request import Asked, asked

PLACE = {"Bucket": "b", "Key": "k/date=2014-06-06/ü 1"}
OBJECT, BUCKET = "arn:aws:s3:::b/k/date=2014-06-06/ü 1", "arn:aws:s3:::b"
PART = {"UploadId": "u", "PartNumber": 1}
CALLS: list[tuple[Callable[[Any], Any], str, str]] = [
    (lambda s3: s3.get_object(**PLACE), "s3:GetObject", OBJECT),
    (lambda s3: s3.get_object(**PLACE, VersionId="v"), "s3:GetObjectVersion", OBJECT),
    (lambda s3: s3.head_object(**PLACE), "s3:GetObject", OBJECT),
    (lambda s3: s3.put_object(**PLACE, Body=b""), "s3:PutObject", OBJECT),
    (lambda s3: s3.create_multipart_upload(**PLACE), "s3:PutObject", OBJECT),
    (lambda s3: s3.upload_part(**PLACE, **PART, Body=b""), "s3:PutObject", OBJECT),
    (lambda s3: s3.complete_multipart_upload(**PLACE, UploadId="u"), "s3:PutObject", OBJECT),
    (lambda s3: s3.abort_multipart_upload(**PLACE, UploadId="u"), "s3:AbortMultipartUpload", OBJECT),
    (lambda s3: s3.list_parts(**PLACE, UploadId="u"), "s3:ListMultipartUploadParts", OBJECT),
    (lambda s3: s3.delete_object(**PLACE), "s3:DeleteObject", OBJECT),
    (lambda s3: s3.delete_object(**PLACE, VersionId="v"), "s3:DeleteObjectVersion", OBJECT),
    (lambda s3: s3.delete_objects(Bucket="b", Delete={"Objects": [{"Key": "k"}]}), "s3:DeleteObject", f"{BUCKET}/*"),
    (lambda s3: s3.put_object_tagging(**PLACE, Tagging={"TagSet": []}), "s3:PutObjectTagging", OBJECT),
    (lambda s3: s3.delete_object_tagging(**PLACE), "s3:DeleteObjectTagging", OBJECT),
    (lambda s3: s3.put_object_retention(**PLACE, Retention={}), "s3:PutObjectRetention", OBJECT),
    (lambda s3: s3.list_objects_v2(Bucket="b", Prefix="k/"), "s3:ListBucket", BUCKET),
    (lambda s3: s3.list_objects(Bucket="b"), "s3:ListBucket", BUCKET),
    (lambda s3: s3.head_bucket(Bucket="b"), "s3:ListBucket", BUCKET),
    (lambda s3: s3.list_object_versions(Bucket="b"), "s3:ListBucketVersions", BUCKET),
    (lambda s3: s3.list_multipart_uploads(Bucket="b"), "s3:ListBucketMultipartUploads", BUCKET),
    (lambda s3: s3.get_bucket_location(Bucket="b"), "s3:GetBucketLocation", BUCKET),
    (lambda s3: s3.put_bucket_policy(Bucket="b", Policy="{}"), "s3:PutBucketPolicy", BUCKET),
    (lambda s3: s3.delete_bucket_policy(Bucket="b"), "s3:DeleteBucketPolicy", BUCKET),
    (lambda s3: s3.create_bucket(Bucket="b"), "s3:CreateBucket", BUCKET),
    (lambda s3: s3.delete_bucket(Bucket="b"), "s3:DeleteBucket", BUCKET),
    (lambda s3: s3.list_buckets(), "s3:ListAllMyBuckets", "*"),
]


class SentError(Exception):
    """A request that went no further."""


def sent(call: Callable[[Any], Any]) -> list[Asked]:
    """What the request asks for that boto3 makes of a call."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    s3, requests = boto3.client("s3", endpoint_url="http://127.0.0.1:1", **keys), list[Any]()

    def keep(request: Any, **_: Any) -> None:
        requests.append(request)
        raise SentError

    s3.meta.events.register("before-send.s3", keep)
    with pytest.raises(SentError):
        call(s3)
    url = urlsplit(requests[0].url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in requests[0].headers.items()
    }
    query = parse_qs(url.query, keep_blank_values=True)
    return asked(requests[0].method, unquote(url.path), query, headers)


@pytest.mark.parametrize(("call", "action", "resource"), CALLS)
def test_a_call_asks_for_its_action(call: Callable[[Any], Any], action: str, resource: str) -> None:
    """On the object, the bucket, or all buckets."""
    assert [each[:2] for each in sent(call)] == [(action, resource)]


def test_who_copies_reads() -> None:
    """A copy asks for the object that it makes, and for the one that it is made of."""
    source = {"Bucket": "a", "Key": "x/ü 1"}
    found = sent(lambda s3: s3.copy_object(**PLACE, CopySource=source))
    assert [each[:2] for each in found] == [("s3:PutObject", OBJECT), ("s3:GetObject", "arn:aws:s3:::a/x/ü 1")]


@pytest.mark.parametrize(
    ("call", "creates", "headers"),
    [
        (lambda s3: s3.put_object(**PLACE, Body=b""), "true", {}),
        (lambda s3: s3.put_object(**PLACE, Body=b"", IfNoneMatch="*"), "true", {"s3:if-none-match": "*"}),
        (lambda s3: s3.put_object(**PLACE, Body=b"", IfMatch='"e"'), "true", {"s3:if-match": '"e"'}),
        (lambda s3: s3.create_multipart_upload(**PLACE), "false", {}),
        (lambda s3: s3.upload_part(**PLACE, **PART, Body=b""), "false", {}),
        (
            lambda s3: s3.complete_multipart_upload(**PLACE, UploadId="u", IfNoneMatch="*"),
            "true",
            {"s3:if-none-match": "*"},
        ),
    ],
)
def test_conditions_are_those_of_the_request(call: Callable[[Any], Any], creates: str, headers: dict[str, str]) -> None:
    """The headers as sent; parts of an upload create nothing, what completes it does. Loopback stands for TLS."""
    (found,) = sent(call)
    assert found.context == {"aws:SecureTransport": "true", "s3:ObjectCreationOperation": creates, **headers}
