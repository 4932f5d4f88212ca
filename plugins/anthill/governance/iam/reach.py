"""What a principal may read of a bucket: what is allowed, without what is denied for certain.

Where the answer depends on the call (a condition, NotPrincipal, a variable) it is yes: nobody is left out who may read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from anthill.governance.iam.account import Account, Principal
from anthill.governance.iam.patterns import covers, meet
from anthill.governance.iam.statement import Statement


class Reach(msgspec.Struct, frozen=True):
    """That somebody may read keys of a bucket, by which policy, and under which condition, if any."""

    who: str
    bucket: str
    keys: str
    policy: str
    condition: str = ""

    @property
    def line(self) -> str:
        """For a person."""
        only = f", under the condition {self.condition}" if self.condition else ""
        return f"s3://{self.bucket}/{self.keys}: {self.who} may read it by {self.policy}{only}"


def of(account: Account) -> list[Reach]:
    """Everybody's, of every bucket."""
    return list(dict.fromkeys(each for bucket in account.buckets for each in _of_bucket(account, bucket)))


def _of_bucket(account: Account, bucket: str) -> Iterator[Reach]:
    own = account.buckets[bucket]
    for principal in account.principals:
        denials = [*_denials(principal), *(each for each in own if not each.allows and _is_about(each, principal.arn))]
        for given in principal.statements:
            for keys, condition in _bounded(given, principal.boundary, bucket) if given.allows else ():
                if _is_left(given, denials, bucket, keys):
                    yield Reach(principal.name, bucket, keys, given.policy, condition)
    known = {principal.arn: principal for principal in account.principals}
    roots = {f"arn:aws:iam::{arn.split(':')[4]}:root" for arn in known}
    for given in own:
        # The account itself gives nothing here: its principals still need a policy of their own.
        for who in (each for each in given.principals if given.allows and each not in roots):
            denials = [each for each in own if not each.allows and _is_about(each, who)]
            denials += _denials(known[who]) if who in known else []
            for keys in given.keys(bucket):
                if _is_left(given, denials, bucket, keys):
                    name = known[who].name if who in known else who
                    yield Reach(name, bucket, keys, given.policy, _conditions(given))


def _denials(principal: Principal) -> list[Statement]:
    return [each for each in (*principal.statements, *(principal.boundary or ())) if not each.allows]


def _is_about(statement: Statement, arn: str) -> bool:
    """Whether a bucket's policy names somebody, alone or among everybody."""
    account = ":".join(arn.split(":")[:5])
    return not {"*", arn, f"{account}:root"}.isdisjoint(statement.principals)


def _bounded(given: Statement, boundary: Sequence[Statement] | None, bucket: str) -> Iterator[tuple[str, str]]:
    """The keys that are given and within the boundary, with the conditions of both."""
    for keys in given.keys(bucket):
        if boundary is None:
            yield keys, _conditions(given)
            continue
        for limit in (each for each in boundary if each.allows and each.reads & given.reads):
            for most in limit.keys(bucket):
                if meet(keys, most):
                    yield most if covers(keys, most) else keys, _conditions(given, limit)


def _is_left(given: Statement, denials: Sequence[Statement], bucket: str, keys: str) -> bool:
    """Whether one of the calls that is given is not denied."""
    denied = [each.reads for each in denials if each.refuses(bucket, keys)]
    return bool(given.reads.difference(*denied))


def _conditions(*statements: Statement) -> str:
    but = [f"everybody but {each.said['NotPrincipal']}" for each in statements if "NotPrincipal" in each.said]
    return " and ".join(dict.fromkeys([*(each.condition for each in statements if each.condition), *but]))
