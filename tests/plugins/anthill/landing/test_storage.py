"""What S3 can do wrong, as types."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from anthill.landing.storage import Patience, StorageError, StorageFatalError


def s3_error(code: str, status: int) -> ClientError:
    """An error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Put")


PASSING = [
    s3_error("SlowDown", 503),
    s3_error("InternalError", 500),
    s3_error("503", 503),
    s3_error("ConditionalRequestConflict", 409),
    s3_error("BadDigest", 400),
    EndpointConnectionError(endpoint_url="http://x"),
]
FATAL = [
    (s3_error("AccessDenied", 403), "put, get and list"),
    (s3_error("403", 403), "put, get and list"),
    (s3_error("NoSuchBucket", 404), "Create the bucket"),
    (s3_error("ExpiredToken", 400), "Renew the credentials"),
    (s3_error("InvalidAccessKeyId", 403), "Correct the credentials"),
    (NoCredentialsError(), r"Unable to locate credentials\. Give the AWS connection credentials"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_tried_again(error: Exception) -> None:
    """It works in the end, or names bucket, key and what to do when it does not."""
    left = [error, error]

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    def fail() -> str:
        raise error

    assert Patience(tries=3, first=0.001).call(call, "bucket", "key") == "done"
    with pytest.raises(StorageError, match=r"s3://bucket/key: .*Retry the task") as caught:
        Patience(tries=2, first=0.001).call(fail, "bucket", "key")
    assert not isinstance(caught.value, StorageFatalError)


@pytest.mark.parametrize(("error", "advice"), FATAL, ids=str)
def test_what_stays_is_tried_once(error: Exception, advice: str) -> None:
    """No retry; the text names bucket, key and what to do."""
    calls = []

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(StorageFatalError, match=rf"s3://bucket/key: .*{advice}"):
        Patience(tries=5, first=0.001).call(call, "bucket", "key")
    assert len(calls) == 1
