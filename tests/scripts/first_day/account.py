"""What an AWS account answers that moto does not, and what it refuses: before moto, by the name of the call."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.delivery.aws import Wsgi

_XML = "https://iam.amazonaws.com/doc/2010-05-08/"


@dataclass
class Account:
    """Tokens of roles, tags of the bill, and codes by service:Call that is refused."""

    issuer: str = ""
    tags: set[str] = field(default_factory=set)
    member: bool = False  # of an organisation, whose paying account alone is told of the bill
    refused: dict[str, str] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)

    def __call__(self, moto: Wsgi) -> Wsgi:
        """The application before moto."""

        def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            service, call, body = _named(environ)
            self.called.append(f"{service}:{call}")
            if code := self.refused.get(f"{service}:{call}"):
                return _refuse(start, service, code, "400 Bad Request" if code == "Throttling" else "403 Forbidden")
            if call == "GetOutboundWebIdentityFederationInfo":
                return self._tokens(start)
            if call == "ListCostAllocationTags" and self.member:
                told = (
                    "Failed to list Cost Allocation Tags: Linked account doesn't have access to cost allocation tags."
                )
                document = json.dumps({"__type": "AccessDeniedException", "message": told})
                return _answer(start, "400 Bad Request", document, "x-amz-json-1.1")
            if call == "ListCostAllocationTags":
                listed = [{"TagKey": tag, "Type": "UserDefined", "Status": "Active"} for tag in self.tags]
                found = [each for each in listed if each["TagKey"] in json.loads(body)["TagKeys"]]
                return _answer(start, "200 OK", json.dumps({"CostAllocationTags": found}), "x-amz-json-1.1")
            return moto(environ, start)

        return serve

    def _tokens(self, start: Callable[..., Any]) -> Any:
        if not self.issuer:
            return _refuse(start, "iam", "FeatureDisabled", "404 Not Found")
        result = f"<IssuerIdentifier>{self.issuer}</IssuerIdentifier><JwtVendingEnabled>true</JwtVendingEnabled>"
        name = "GetOutboundWebIdentityFederationInfo"
        document = f'<{name}Response xmlns="{_XML}"><{name}Result>{result}</{name}Result></{name}Response>'
        return _answer(start, "200 OK", document, "xml")


def _named(environ: dict[str, Any]) -> tuple[str, str, bytes]:
    """Service and call of a request, as its signature, target, form or method say; the body can be read again."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    form = parse_qs(body.decode(errors="replace")) if not target else {}
    return scope[1] if scope else "", target or form.get("Action", [environ["REQUEST_METHOD"]])[0], body


def _refuse(start: Callable[..., Any], service: str, code: str, status: str) -> Any:
    if service in ("iam", "sts", "sns", "s3"):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>"
        whole = error if service == "s3" else f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
        return _answer(start, status, whole, "xml")
    return _answer(start, "400 Bad Request", json.dumps({"__type": code, "message": "no"}), "x-amz-json-1.1")


def _answer(start: Callable[..., Any], status: str, text: str, kind: str) -> Any:
    start(status, [("Content-Type", f"application/{kind}"), ("Content-Length", str(len(text.encode())))])
    return [text.encode()]
