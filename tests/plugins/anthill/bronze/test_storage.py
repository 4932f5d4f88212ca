"""What S3 can do wrong, as types."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, PartialCredentialsError

from anthill.bronze import storage
from anthill.bronze.storage import Patience, StorageError, StorageFatalError


def s3_error(code: str, status: int) -> ClientError:
    """An error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Put")


PASSING = [
    s3_error("SlowDown", 503),
    s3_error("InternalError", 500),
    s3_error("503", 503),
    s3_error("ConditionalRequestConflict", 409),
    s3_error("BadDigest", 400),
    s3_error("OperationAborted", 409),
    s3_error("RequestTimeout", 400),
    s3_error("ServiceUnavailable", 503),
    s3_error("Throttling", 400),
    s3_error("ThrottlingException", 400),
    s3_error("", 500),
    EndpointConnectionError(endpoint_url="http://x"),
]
FATAL = [
    (s3_error("AccessDenied", 403), "put, get and list"),
    (s3_error("403", 403), "put, get and list"),
    (s3_error("NoSuchBucket", 404), "Create the bucket"),
    (s3_error("ExpiredToken", 400), "Renew the credentials"),
    (s3_error("400", 400), "Renew the credentials"),
    (s3_error("InvalidAccessKeyId", 403), "Correct the credentials"),
    (s3_error("SignatureDoesNotMatch", 403), "Correct the credentials"),
    (s3_error("MethodNotAllowed", 499), r"MethodNotAllowed: m\.$"),
    (PartialCredentialsError(provider="env", cred_var="x"), "Give the AWS connection credentials"),
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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (s3_error("412", 412), "PreconditionFailed"),
        (s3_error("PreconditionFailed", 412), "PreconditionFailed"),
        (s3_error("PreconditionFailed", 0), "PreconditionFailed"),
        (s3_error("", 412), "PreconditionFailed"),
        (s3_error("403", 403), "AccessDenied"),
        (s3_error("ExpiredToken", 403), "ExpiredToken"),
        (s3_error("404", 404), "404"),
        (s3_error("NoSuchKey", 404), "NoSuchKey"),
        (ClientError({}, "Head"), ""),
        (EndpointConnectionError(endpoint_url="http://x"), "EndpointConnectionError"),
    ],
    ids=str,
)
def test_the_code_of_an_error(error: Exception, code: str) -> None:
    """S3's own; answers without a body have a status only."""
    assert storage.code(error) == code


@pytest.mark.parametrize(
    "error", [s3_error("PreconditionFailed", 412), s3_error("404", 404), s3_error("NoSuchKey", 404)]
)
def test_what_the_caller_judges_is_left_to_it(error: ClientError) -> None:
    """It is no fault: raised as it is, at once."""
    calls = []

    def call() -> None:
        calls.append(1)
        raise error

    with pytest.raises(ClientError) as caught:
        Patience(tries=5, first=0.001).call(call, "bucket", "key")
    assert caught.value is error
    assert len(calls) == 1


def test_the_edge_of_what_passes() -> None:
    """From 500 on S3 itself is at fault, below it the request is; what is no answer of S3 is a connection, or ours."""
    assert [storage.is_passing(s3_error("X", status)) for status in (499, 500, 501)] == [False, True, True]
    assert not storage.is_passing(ClientError({}, "Put"))
    assert not storage.is_passing(ValueError("ours"))
    with pytest.raises(ValueError, match="ours"):
        Patience(tries=3, first=0.001).call(lambda: int("ours"), "bucket", "key")


def test_waits_grow_to_the_longest_and_no_further(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """From the first to twenty seconds, each doubled, a jitter of the first on top; eight tries, each told."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=slept.append))

    def fail() -> None:
        raise s3_error("SlowDown", 503)

    with (
        caplog.at_level("WARNING"),
        pytest.raises(StorageError, match=r"s3://b/k: SlowDown: m\. Retry the task; if it st"),
    ):
        Patience().call(fail, "b", "k")
    grown = [0.2 * 2**number for number in range(7)]
    assert all(wait <= slept[number] <= wait + 0.2 for number, wait in enumerate(grown))
    assert len(slept) == 7
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        f"S3 try {number} failed" for number in range(1, 8)
    ]
    assert f"next in {slept[0]:.1f} s: An error occurred (SlowDown)" in caplog.text
    slept.clear()
    with pytest.raises(StorageError):
        Patience(12).call(fail, "b", "k")
    assert slept[7:] == [20.0] * 4
