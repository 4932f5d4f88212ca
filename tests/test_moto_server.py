"""The S3 of the tests is as strict as S3: of two conditional writes at once one is refused."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.s3.models import S3Backend

from tests.moto_server import moto_server
from tests.plugins.anthill.landing.s3 import s3_at

PLACE = {"Bucket": "written-at-once", "Key": "once"}


def _put(s3: Any, condition: dict[str, str]) -> str:
    return str(s3.put_object(**PLACE, Body=uuid.uuid4().bytes, **condition)["ETag"])


def _complete(s3: Any, condition: dict[str, str]) -> str:
    upload = s3.create_multipart_upload(**PLACE)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**PLACE, UploadId=upload, PartNumber=1, Body=b"")["ETag"]}
    return str(s3.complete_multipart_upload(**PLACE, UploadId=upload, MultipartUpload={"Parts": [part]}, **condition))


def _delete(s3: Any, condition: dict[str, str]) -> str:
    return str(s3.delete_object(**PLACE, **condition))


@pytest.mark.parametrize(
    ("slow", "write", "condition"),
    [
        ("put_object", _put, "IfNoneMatch"),
        ("put_object", _put, "IfMatch"),
        ("complete_multipart_upload", _complete, "IfNoneMatch"),
        ("delete_object", _delete, "IfMatch"),
    ],
)
def test_of_two_writes_at_once_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, slow: str, write: Any, condition: str
) -> None:
    """However long a write takes after it has looked."""
    real = getattr(S3Backend, slow)
    together = threading.Barrier(2)

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.2)
        return real(*args, **kwargs)

    with moto_server() as url:
        clients = [s3_at(url) for _ in range(2)]
        clients[0].create_bucket(Bucket=PLACE["Bucket"])
        given = {condition: _put(clients[0], {}) if condition == "IfMatch" else "*"}
        monkeypatch.setattr(S3Backend, slow, slowly)

        def one(s3: Any) -> str:
            together.wait(10)
            try:
                write(s3, given)
            except ClientError as error:
                return str(error.response["Error"]["Code"])
            return "done"

        with ThreadPoolExecutor(2) as pool:
            told = sorted(pool.map(one, clients))
        monkeypatch.undo()
        clients[0].delete_object(**PLACE)
        clients[0].delete_bucket(Bucket=PLACE["Bucket"])
    assert told in (["PreconditionFailed", "done"], ["NoSuchKey", "done"])
