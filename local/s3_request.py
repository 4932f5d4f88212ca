"""What a request to S3 asks for, as IAM sees it: an action, a resource, and what its conditions are decided by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from botocore.loaders import create_loader

# Operations whose permission has another name, by AWS's Service Authorization Reference.
_PERMISSIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "UploadPart": "PutObject",
}
_PLAIN = {
    ("GET", "object"): "GetObject",
    ("HEAD", "object"): "HeadObject",
    ("PUT", "object"): "PutObject",
    ("DELETE", "object"): "DeleteObject",
    ("GET", "bucket"): "ListObjectsV2",
    ("HEAD", "bucket"): "HeadBucket",
    ("PUT", "bucket"): "CreateBucket",
    ("DELETE", "bucket"): "DeleteBucket",
    ("GET", "service"): "ListBuckets",
}
# Parameters that make another operation of a request, beside those that the service's own model has in its addresses.
_MORE = {
    ("DELETE", "object", "uploadId"): "AbortMultipartUpload",
    ("DELETE", "object", "versionId"): "DeleteObjectVersion",
    ("GET", "object", "uploadId"): "ListParts",
    ("GET", "object", "versionId"): "GetObjectVersion",
    ("POST", "object", "uploadId"): "CompleteMultipartUpload",
    ("PUT", "object", "uploadId"): "UploadPart",
}


class Asked(NamedTuple):
    """An action on a resource, with the condition keys that the request has."""

    action: str
    resource: str
    context: dict[str, str]


def asked(method: str, path: str, names: Collection[str], headers: Mapping[str, str]) -> list[Asked]:
    """What a request asks for, from its path, the names of its parameters and its headers in lower case.

    What deletes many keys asks for all of them, and what copies an object asks for its source too.
    """
    bucket, _, key = path.lstrip("/").partition("/")
    level = "object" if key else "bucket" if bucket else "service"
    operation = _operation(method, level, names)
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "/*" if operation == "DeleteObjects" else "")
    wanted = [Asked(permission(operation), resource if bucket else "*", context(operation, headers))]
    if source := headers.get("x-amz-copy-source"):
        of = unquote(source.partition("?")[0]).lstrip("/")
        wanted.append(Asked("s3:GetObject", f"arn:aws:s3:::{of}", context("GetObject", headers)))
    return wanted


def context(operation: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The condition keys of an operation. Loopback stands for TLS: nothing listens but on this machine."""
    starts_or_adds = operation in ("CreateMultipartUpload", "UploadPart")
    known = {"aws:SecureTransport": "true", "s3:ObjectCreationOperation": str(not starts_or_adds).lower()}
    conditions = {f"s3:{name}": headers[name] for name in ("if-match", "if-none-match") if headers.get(name)}
    return known | conditions


def permission(operation: str) -> str:
    """The IAM action that an operation needs."""
    return f"s3:{_PERMISSIONS.get(operation, operation)}"


def _operation(method: str, level: str, names: Collection[str]) -> str:
    """The operation that a request is; one that S3 does not have is allowed by no policy."""
    known = _operations()
    found = [known[method, level, name] for name in names if (method, level, name) in known]
    return found[0] if found else _PLAIN.get((method, level), "Unknown")


@cache
def _operations() -> dict[tuple[str, str, str], str]:
    """The operations that a parameter names, such as `?policy`, by AWS's own model of S3."""
    found: dict[tuple[str, str, str], str] = {}
    for name, operation in create_loader().load_service_model("s3", "service-2")["operations"].items():
        path, _, query = operation["http"]["requestUri"].partition("?")
        if query and "=" not in query:
            level = "object" if "{Key" in path else "bucket"
            found[operation["http"]["method"], level, query] = name
    return found | _MORE
