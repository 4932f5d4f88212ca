"""What S3 answers, and how each ends: faults that pass are tried again in every call, others are told at once."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from anthill.bronze import storage
from anthill.bronze.commits import Place, newest_key, read_commit
from anthill.bronze.storage import Patience, StorageFatalError
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.ledger.documents import Days, Documents, days_key
from tests.plugins.anthill.coverage.entries import BARS

from ..landing.s3 import s3_at
from ..landing.s3_faults import Fault, S3Proxy
from ..landing.test_content import page
from .test_storage import s3_error

PLACE = Place("polygon", "stocks", "splits", str(dt.date(2014, 6, 6)))
PATIENCE = Patience(tries=3, first=0.001, longest=0.002)

# From the list of error codes in S3's API reference, with their status there.
PASSES = {
    "TooManyRequests": 429,
    "RequestTimeoutException": 408,
    "RequestTimeout": 400,
    "IncompleteBody": 400,
    "BadDigest": 400,
    "XAmzContentSHA256Mismatch": 400,
    "XAmzContentChecksumMismatch": 400,
    "KMS.ThrottlingException": 400,
    "KMS.RequestLimitExceeded": 400,
    "KMS.DependencyTimeoutException": 400,
    "KMS.KMSInternalException": 500,
    "OperationAborted": 409,
    "ConditionalRequestConflict": 409,
    "RequestTimeTooSkewed": 403,
    "TemporaryRedirect": 307,
    "Busy": 503,
    "SlowDown": 503,
    "ServiceUnavailable": 503,
    "InternalError": 500,
}
STAYS = {
    "AccessDenied": (403, "put, get and list"),
    "KMS.DisabledException": (400, "enable the key"),
    "KMS.AccessDeniedException": (400, "use the key"),
    "InvalidToken": (400, "Renew"),
    "TokenRefreshRequired": (400, "Renew"),
    "InvalidDigest": (400, ""),
    "EntityTooLarge": (400, ""),
    "MethodNotAllowed": (405, ""),
}


def put(s3: Any, bucket: str) -> None:
    """Commit a chain of two rows."""
    with Content.of([page([1, 2])]) as content:
        assert Committer(s3, bucket, "run", PATIENCE).commit(PLACE, content).commit.rows == 2


def head(s3: Any, bucket: str) -> None:
    """Look at the commit."""
    assert Patience.call(PATIENCE, lambda: read_commit(s3, bucket, PLACE.key(1)), bucket, "").rows == 2


def listing(s3: Any, bucket: str) -> None:
    """Find the commit."""
    assert Patience.call(PATIENCE, lambda: newest_key(s3, bucket, PLACE), bucket, "") == PLACE.key(1)


def get(s3: Any, bucket: str) -> None:
    """Read a document of the index."""
    assert list(Documents(s3, bucket, patience=PATIENCE).read(days_key(BARS, "2014-01-01"), Days)[0].days) == [
        "2014-06-06"
    ]


CALLS: dict[str, tuple[str, Callable[[Any, str], None]]] = {
    "PUT": ("PUT", put),
    "HEAD": ("HEAD", head),
    "LIST": ("GET", listing),
    "GET": ("GET", get),
}


@pytest.fixture(scope="module")
def proxied(s3_url: str) -> Iterator[tuple[S3Proxy, Any]]:
    """A proxy before S3 and a client of it."""
    with S3Proxy(s3_url) as proxy:
        yield proxy, s3_at(proxy.url)


@pytest.fixture
def filled(s3: Any, bucket: str) -> str:
    """A bucket with a document of the index; its commit is put by the first call."""
    s3.put_object(Bucket=bucket, Key=days_key(BARS, "2014-01-01"), Body=document())
    return bucket


def document() -> bytes:
    """A document that knows one day."""
    return gzip.compress(b'{"days":{"2014-06-06":[[],null]}}')


@pytest.mark.parametrize("code", PASSES)
def test_what_passes_is_tried_again_in_every_call(
    s3: Any, proxied: tuple[S3Proxy, Any], filled: str, code: str
) -> None:
    """Twice in a row; in the end everything is there, once."""
    proxy, client = proxied
    for method, call in CALLS.values():
        if method == "HEAD" and PASSES[code] in {307, 400, 403, 409}:
            continue  # without a body nothing tells it from expired credentials, or from a refusal
        proxy.faults, proxy.seen = {method: [Fault(PASSES[code], code)] * 2}, []
        call(client, filled)
        assert [seen for seen, _ in proxy.seen].count(method) == 3
    assert read_commit(s3, filled, PLACE.key(1)).rows == 2


@pytest.mark.parametrize("code", STAYS)
def test_what_stays_is_told_at_once(proxied: tuple[S3Proxy, Any], filled: str, code: str) -> None:
    """One call, nothing stored, and what to do where there is something."""
    status, advice = STAYS[code]
    proxy, client = proxied
    proxy.faults, proxy.seen = {"PUT": [Fault(status, code)]}, []
    with pytest.raises(StorageFatalError, match=rf"s3://{filled}/{PLACE.key(1)}: {code}: made to fail\..*{advice}"):
        put(client, filled)
    assert proxy.puts() == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_head_without_a_body_passes_by_its_status(
    s3: Any, proxied: tuple[S3Proxy, Any], filled: str, status: int
) -> None:
    """A proxy or a load balancer before S3 gives none of S3's codes."""
    put(s3, filled)
    proxy, client = proxied
    proxy.faults, proxy.seen = {"HEAD": [Fault(status, "")] * 2}, []
    head(client, filled)
    assert len(proxy.seen) == 3


def test_half_a_listing_is_listed_again(s3: Any, s3_url: str, filled: str) -> None:
    """XML that ends in its middle, or a page of a proxy with 200, is no listing."""
    put(s3, filled)
    client, left = s3_at(s3_url), [b"<ListBucketResult><Contents><Key>polygon/", b"<html>busy</html"]

    def instead(request: Any, **_: Any) -> Any:
        return answered(request.url, left.pop()) if left else None

    client.meta.events.register("before-send.s3.ListObjectsV2", instead)
    listing(client, filled)
    assert not left


def answered(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Any:
    """An answer of HTTP 200 as botocore's own connection hands it on."""

    class Raw:
        """The body."""

        def stream(self, **_: Any) -> Any:
            yield body

    return AWSResponse(url, 200, {"Content-Type": "application/xml", **(headers or {})}, Raw())


def test_everything_that_botocore_would_try_again_passes() -> None:
    """Its own lists of throttling and passing codes; its retries are off, so they are ours to make."""
    codes = {*ThrottledRetryableChecker._THROTTLED_ERROR_CODES, *TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    assert len(codes) > 10
    assert [code for code in codes if not storage.is_passing(s3_error(code, 400))] == []
