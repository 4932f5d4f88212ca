"""A statement of a policy, as far as it is about reading objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from anthill.governance.iam.patterns import behind, covers

READS = ("s3:GetObject", "s3:GetObjectVersion")
_VARIABLE = re.compile(r"\$\{[^}]*\}")  # ${aws:username}: known at the call alone


class Statement(msgspec.Struct, frozen=True):
    """What it says, and the policy that it stands in, by the words in which people find it."""

    policy: str
    said: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether it gives; else it takes away."""
        return bool(self.said["Effect"] == "Allow")

    @property
    def condition(self) -> str:
        """Under what it counts; "" for always. Which of the conditions hold is known at a call alone."""
        found = self.said.get("Condition")
        return json.dumps(found, sort_keys=True) if found else ""

    @property
    def reads(self) -> frozenset[str]:
        """The calls of READS that it is about."""
        if "NotAction" in self.said:
            return frozenset(READS) - _named(self.said["NotAction"])
        return _named(self.said["Action"])

    def keys(self, bucket: str) -> list[str]:
        """The keys of a bucket that it may be about, as patterns."""
        place = f"arn:aws:s3:::{bucket}/"
        if "NotResource" in self.said:
            spared = [keys for each in _list(self.said["NotResource"]) for keys in behind(each, place)]
            return [] if "*" in spared else ["*"]
        named = [_VARIABLE.sub("*", each) for each in _list(self.said["Resource"])]
        return list(dict.fromkeys(keys for each in named for keys in behind(each, place)))

    def refuses(self, bucket: str, keys: str) -> bool:
        """Whether it takes all these keys away from whom it is about, whatever the call."""
        if self.allows or self.condition or "NotPrincipal" in self.said:
            return False
        place = f"arn:aws:s3:::{bucket}/"
        if "NotResource" in self.said:
            return not any(behind(_VARIABLE.sub("*", each), place) for each in _list(self.said["NotResource"]))
        named = [each for each in _list(self.said["Resource"]) if not _VARIABLE.search(each)]
        return any(covers(taken, keys) for each in named for taken in behind(each, place))

    @property
    def principals(self) -> list[str]:
        """Whom a bucket's policy names: ARNs, services, `*` for everybody."""
        if "NotPrincipal" in self.said:
            return ["*"]
        declared = self.said["Principal"]
        if isinstance(declared, str):
            return [declared]
        return [_arn(each) for names in declared.values() for each in _list(names)]


def of(policy: str, document: Any) -> Iterator[Statement]:
    """Those of a policy's document that are about reading objects."""
    document = json.loads(document) if isinstance(document, str) else document
    for said in _list(document["Statement"]):
        statement = Statement(policy, said)
        if statement.reads:
            yield statement


def _arn(principal: str) -> str:
    """An account's number stands for the account."""
    return f"arn:aws:iam::{principal}:root" if re.fullmatch(r"\d{12}", principal) else principal


def _named(actions: Any) -> frozenset[str]:
    patterns = [each.lower() for each in _list(actions)]
    return frozenset(call for call in READS if any(covers(each, call.lower()) for each in patterns))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
