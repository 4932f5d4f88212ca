"""The AWS emulator under dev's own policies of buckets and roles, as Terraform renders them (local/policies.json).

The emulator itself takes any key for everything. It also takes seconds for a body of 40 MB that comes in pieces, so
that it gets each body whole.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from local import hosts, lake, policy, s3_request

POLICIES = Path(__file__).with_name("policies.json")
_CREDENTIAL = re.compile(r"(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")
_ROLES = {
    lake.LANDING_KEY: ("mwaa",),
    lake.ERASURE_KEY: ("erasure",),
    lake.CONSUMPTION_KEY: ("consumption",),
    lake.RECORDER_KEY: ("recorder",),
    lake.ENGINE_KEY: ("unity-bronze", "unity-personal", "unity-tables"),
}
_EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
_REFUSAL = "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>{}</Message></Error>"

Asgi = Callable[[dict[str, Any], Any, Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]


class Policies:
    """Refuses what the policies of the caller's role and of the bucket do not let it do on S3."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        rendered = json.loads(POLICIES.read_text())
        self._buckets = {name: policy.statements(json.dumps(each)) for name, each in rendered["buckets"].items()}
        self._arns = {lake.ERASURE_KEY: rendered["arns"]["erasure"]}
        roles = {name: json.dumps(each) for name, each in rendered["roles"].items()}
        of_roles = {key: policy.statements(*(roles[name] for name in names)) for key, names in _ROLES.items()}
        self._keys = {lake.KEY: _EVERYTHING, **of_roles}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
        """Answer 403, or let the call through."""
        if scope["type"] != "http" or (refusal := self._refusal(scope)) is None:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/xml")]})
        await send({"type": "http.response.body", "body": _REFUSAL.format(refusal).encode()})

    def _refusal(self, scope: dict[str, Any]) -> str | None:
        """Why a request is refused, None where it is not; unsigned, it reaches no bucket that has a policy."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        bucket = scope["path"].lstrip("/").partition("/")[0]
        key, service = _caller(headers, query)
        if key == lake.FAULT_KEY or (service != "s3" and bucket not in self._buckets):
            return None
        for asked in s3_request.asked(scope["method"], scope["path"], query, headers):
            decided = self._decide(key, *asked)
            if decided != "allow":
                why = "an explicit deny" if decided == "deny" else "no policy that allows it"
                return f"{key or 'Nobody'} may not {asked.action} on {asked.resource}: {why}"
        return None

    def _decide(self, key: str, action: str, resource: str, context: dict[str, str]) -> policy.Decision:
        """An explicit deny of either policy wins; what neither allows is refused."""
        of_bucket = self._buckets.get(resource.removeprefix("arn:aws:s3:::").partition("/")[0], [])
        context = {**context, "aws:PrincipalArn": self._arns.get(key, f"arn:aws:iam::000000000000:user/{key}")}
        decisions = {
            policy.decide(of_bucket, action, resource, context, principal=key),
            policy.decide(self._keys.get(key, []), action, resource, context),
        }
        return "deny" if "deny" in decisions else "allow" if "allow" in decisions else "none"


class WholeBodies:
    """Hands a request's body on in one piece: with each piece the emulator would copy all of those before it."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
        """Read the body, then let the call through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        if messages[-1]["type"] == "http.disconnect":
            return  # half a body is no object
        parts = iter([messages[-1] | {"body": b"".join(message.get("body", b"") for message in messages)}])

        async def whole() -> Any:
            return next(parts, None) or await receive()

        await self._app(scope, whole, send)


def _caller(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> tuple[str, str]:
    """The key that signs a request, by a header or by a parameter of either version, and the service that it calls."""
    if old := query.get("AWSAccessKeyId"):
        return old[0], "s3"
    credential = headers.get("authorization", "").partition("Credential=")[2] or query.get("X-Amz-Credential", [""])[0]
    signed = _CREDENTIAL.match(credential)
    return (signed["key"], signed["service"]) if signed else ("", "")


def main() -> None:
    """Serve MiniStack by uvicorn: half the CPU a request of the server in MiniStack's own command."""
    import uvicorn
    from ministack import app as emulator

    host = os.environ["BIND_HOST"]
    uvicorn.run(
        hosts.own(Policies(WholeBodies(emulator.app)), host),
        host=host,
        port=int(os.environ["GATEWAY_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
