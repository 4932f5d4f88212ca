"""JSON beside bronze's commits that is written once: whoever comes second leaves what is there."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from anthill.bronze.commits import S3Client
from anthill.bronze.storage import Patience, code


def put(s3: S3Client, bucket: str, key: str, body: bytes, patience: Patience) -> bool:
    """Whether this call wrote it; False where something was there, be it one's own PUT whose answer was lost."""

    def put_object() -> Any:
        return s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json")

    try:
        patience.call(put_object, bucket, key)
    except ClientError as error:
        if code(error) != "PreconditionFailed":
            raise
        return False
    return True
