"""Signatures of S3 requests (AWS Signature Version 4, in the Authorization header)."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/\d{8}/([^/,]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)"
)


@dataclass(frozen=True)
class Signature:
    """What an Authorization header says."""

    access_key: str
    region: str
    headers: tuple[str, ...]  # those that are signed
    signature: str

    @classmethod
    def read(cls, header: str) -> "Signature | None":
        """The signature of a header; None if there is none in it."""
        found = _HEADER.fullmatch(header)
        return cls(found[1], found[2], tuple(found[3].split(";")), found[4]) if found else None

    def fits(self, secret: str, method: str, url: str, headers: Mapping[str, str]) -> bool:
        """Whether the key's secret, and this request (its whole URL), were signed."""
        signer = S3SigV4Auth(Credentials(self.access_key, secret), "s3", self.region)
        request = AWSRequest(method, url, {name: headers.get(name, "") for name in self.headers})
        request.context["timestamp"] = headers.get("x-amz-date", "")
        own = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        return hmac.compare_digest(own, self.signature)
