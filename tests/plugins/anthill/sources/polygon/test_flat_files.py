"""Flat files from a bucket: their version, their one page, and what each of S3's answers means."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from anthill.sources import errors
from anthill.sources.polygon.flat_files import FlatFiles, Version
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url
from tests.plugins.anthill.landing.s3 import s3_at
from tests.scripted_server import ScriptedServer, http

__all__ = ["bucket", "s3", "s3_url"]

KEY = "us_options_opra/day_aggs_v1/2014/06/2014-06-06.csv.gz"
FILE = b"ticker,volume\nO:A,1\nO:B,2\n"
FIELDS = {"ticker": "T", "volume": "v"}


def put(s3: Any, bucket: str, content: bytes) -> None:
    """A flat file."""
    s3.put_object(Bucket=bucket, Key=KEY, Body=content)


def test_a_file_is_one_page(s3: Any, bucket: str) -> None:
    """Its bytes as received, its lines but the header as rows, its time as the answer's; the digest is the rows'."""
    body = gzip.compress(FILE)
    put(s3, bucket, body)
    files = FlatFiles(s3, bucket)
    version = files.version(KEY)
    head = s3.head_object(Bucket=bucket, Key=KEY)
    assert version == Version(head["ETag"].strip('"'), len(body), head["LastModified"])
    assert version.modified.utcoffset() == dt.timedelta()
    assert str(version) == f"{version.etag} {len(body)} {version.modified.isoformat()}"
    page = files.page(KEY, version, FIELDS)
    assert (page.url, page.member, page.size) == (f"s3://{bucket}/{KEY}", body, len(FILE))
    assert [bytes(row) for row in page.rows] == [b"O:A,1", b"O:B,2"]
    assert (page.asof, page.next_url) == (version.modified, None)
    put(s3, bucket, gzip.compress(FILE[::1], 1))
    assert files.page(KEY, files.version(KEY), FIELDS).digest == page.digest
    put(s3, bucket, gzip.compress(FILE.replace(b"2", b"3")))
    assert files.page(KEY, files.version(KEY), FIELDS).digest != page.digest


def test_the_sources_bucket_is_the_default(s3: Any) -> None:
    """It is named in what goes wrong, too."""
    with pytest.raises(errors.NotReadyError, match="the flat files answered 404: there is no such file yet") as raised:
        FlatFiles(s3).version(KEY)
    assert f"s3://flatfiles/{KEY}" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"not gzip at all", errors.BadAnswerError, "the flat file is "),
        (gzip.compress(FILE)[:-4], errors.BadAnswerError, "the flat file is "),
        (gzip.compress(b"ticker,size\nO:A,1\n"), errors.BadAnswerError, "header is 'ticker,size', not 'ticker,volume'"),
        (gzip.compress(b""), errors.BadAnswerError, "header is '', not 'ticker,volume'"),
        (gzip.compress(b"\xff" * 300 + b"\n"), errors.BadAnswerError, f"header is '{chr(0xFFFD) * 200}', not"),
    ],
    ids=["no gzip", "cut off", "another header", "empty", "no text"],
)
def test_a_wrong_file_is_refused(s3: Any, bucket: str, content: bytes, kind: type[Exception], said: str) -> None:
    """With what is wrong, and where."""
    put(s3, bucket, content)
    files = FlatFiles(s3, bucket)
    with pytest.raises(kind) as raised:
        files.page(KEY, files.version(KEY), FIELDS)
    assert said in str(raised.value)
    assert f"s3://{bucket}/{KEY}" in str(raised.value)


def test_a_file_that_was_replaced_meanwhile_is_refused(s3: Any, bucket: str) -> None:
    """The version that was seen is the one that is read, or none."""
    put(s3, bucket, gzip.compress(FILE))
    files = FlatFiles(s3, bucket)
    seen = files.version(KEY)
    put(s3, bucket, gzip.compress(FILE.replace(b"1", b"9")))
    with pytest.raises(errors.BadAnswerError, match="the file was replaced while it was read"):
        files.page(KEY, seen, FIELDS)


class Body(io.BytesIO):
    """A body that breaks off."""

    def read(self, *_: Any) -> bytes:
        """Fail as urllib3 does."""
        raise ReadTimeoutError(endpoint_url="http://files")


@pytest.mark.parametrize("body", [Body(), io.BytesIO(gzip.compress(FILE + b"more\n"))], ids=["broken off", "too long"])
def test_a_body_that_is_not_whole_may_be_tried_again(s3: Any, body: io.BytesIO) -> None:
    """Broken off in the middle, or of another length than its head said."""
    version = Version("e", len(gzip.compress(FILE)), dt.datetime(2014, 6, 7, tzinfo=dt.UTC))
    with Stubber(s3) as stubbed:
        asked = {"Bucket": "flatfiles", "Key": KEY, "IfMatch": '"e"'}
        stubbed.add_response("get_object", {"Body": body}, asked)
        with pytest.raises(
            errors.ConnectionFailedError, match=r"was not whole, ReadTimeoutError|has \d+ bytes, not 4\d"
        ):
            FlatFiles(s3).page(KEY, version, FIELDS)


@pytest.mark.parametrize(
    ("code", "status", "kind", "said"),
    [
        ("404", 404, errors.NotReadyError, "answered 404: there is no such file yet"),
        ("InvalidAccessKeyId", 403, errors.UnknownKeyError, "answered InvalidAccessKeyId"),
        ("SignatureDoesNotMatch", 403, errors.UnknownKeyError, "Correct the access key of the flat files' connection."),
        ("AccessDenied", 403, errors.NotEntitledError, "Let the plan include flat files, or delete their connection"),
        ("RequestTimeTooSkewed", 403, errors.BadAnswerError, "the flat files answered RequestTimeTooSkewed"),
        ("PreconditionFailed", 412, errors.BadAnswerError, "the file was replaced while it was read"),
        ("SlowDown", 503, errors.ServerFailedError, "the flat files answered SlowDown"),
        ("", 500, errors.ServerFailedError, "the flat files answered 500"),
    ],
)
def test_each_refusal_has_its_meaning(s3: Any, code: str, status: int, kind: type[Exception], said: str) -> None:
    """A wrong key, a plan without flat files, and what only takes time are told apart, with what to do."""
    with Stubber(s3) as stubbed:
        stubbed.add_client_error(
            "head_object", code, http_status_code=status, expected_params={"Bucket": ANY, "Key": KEY}
        )
        with pytest.raises(kind) as raised:
            FlatFiles(s3).version(KEY)
    assert type(raised.value) is kind
    assert said in str(raised.value)
    assert isinstance(raised.value.__cause__, ClientError)


def test_no_answer_may_be_tried_again(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is dead: the kind of failure is told."""

    def dead(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="http://files")

    monkeypatch.setattr(s3, "head_object", dead)
    with pytest.raises(errors.ConnectionFailedError, match="no answer, ReadTimeoutError: ") as raised:
        FlatFiles(s3).version(KEY)
    assert f"s3://flatfiles/{KEY}" in str(raised.value)


XML = b'<?xml version="1.0"?><Error><Code>%b</Code><Message>no</Message></Error>'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (XML % b"AccessDenied", errors.NotEntitledError),
        (XML % b"RequestTimeTooSkewed", errors.BadAnswerError),
        (XML % b"SignatureDoesNotMatch", errors.UnknownKeyError),
        (b"<HTML><H1>403 ERROR</H1>Request blocked.</HTML>", errors.BadAnswerError),
        (b"", errors.BadAnswerError),
    ],
    ids=["the bucket", "a wrong clock", "a wrong key", "a CDN", "nobody"],
)
def test_a_refusal_without_a_body_is_asked_for_its_words(body: bytes, kind: type[Exception]) -> None:
    """Only the bucket's own AccessDenied is about the plan; a HEAD's 403 has no words of its own."""
    with ScriptedServer(lambda _: http(b"", 403) if len(server.asked) == 1 else http(body, 403)) as server:
        with pytest.raises(kind) as raised:
            FlatFiles(s3_at(server.url)).version(KEY)
        assert len(server.asked) == 2
    assert f"s3://flatfiles/{KEY}" in str(raised.value)
    assert isinstance(raised.value, errors.NotEntitledError) or "plan" not in str(raised.value)
