"""Who may read a bucket: decisions against IAM's rules as another evaluator of this repository has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anthill.governance.iam import reach, statement
from anthill.governance.iam.account import Account, Principal
from anthill.governance.iam.patterns import behind, covers, meet
from local.policy import decide, matches

BUCKET, ME = "lake-gold", "arn:aws:iam::111111111111:role/team/me"
HERE = f"arn:aws:s3:::{BUCKET}/"
READ, TLS = "s3:GetObject", {"Bool": {"aws:SecureTransport": "false"}}
KEYS = ["a", "ab", "a/b", "b/a", "b"]

patterns = st.text("ab/*?", min_size=1, max_size=4)
resources = st.one_of(
    patterns.map(lambda text: f"{HERE}{text}"),
    st.sampled_from(
        ["*", "arn:aws:s3:::*", "arn:aws:s3:::lake-*/a*", "arn:aws:s3:::lake-silver/*", "arn:aws:s3:::*/b/*"]
    ),
)
actions = st.sampled_from([READ, "s3:*", "S3:getobject", "*", "s3:Get*", "s3:PutObject", "s3:GetObject?"])


def statements(effect: str) -> Any:
    """Some statements."""
    one = st.fixed_dictionaries(
        {"Effect": st.just(effect), "Action": actions, "Resource": st.lists(resources, min_size=1, max_size=2)}
    )
    return st.lists(one, max_size=2)


def reaches(*said: dict[str, Any], bucket: list[dict[str, Any]] | None = None, **more: Any) -> list[reach.Reach]:
    """What a role may read that has these statements, of a bucket with those."""
    boundary = more.get("boundary")
    me = Principal(ME, _of(said), None if boundary is None else _of(boundary))
    return reach.of(Account([me], {BUCKET: _of(bucket or [])}))


def _of(said: Any) -> list[statement.Statement]:
    return list(statement.of("a policy", json.dumps({"Version": "2012-10-17", "Statement": list(said)})))


def allow(resource: str = f"{HERE}*", **more: Any) -> dict[str, Any]:
    """A statement that allows to read."""
    return {"Effect": "Allow", "Action": READ, "Resource": resource, **more}


def deny(resource: str = f"{HERE}*", **more: Any) -> dict[str, Any]:
    """A statement that denies all of S3."""
    return {"Effect": "Deny", "Action": "s3:*", "Resource": resource, **more}


@settings(max_examples=100, deadline=None)
@given(statements("Allow"), statements("Deny"), statements("Deny"))
def test_who_may_read_a_key_is_told(given_: Any, denied: Any, by_bucket: Any) -> None:
    """Each key that IAM lets somebody read is within what is told; where nothing is denied, no other key is."""
    of_bucket = [each | {"Principal": "*"} for each in by_bucket]
    told = {each.keys for each in reaches(*given_, *denied, bucket=of_bucket)}
    for key in KEYS:
        place = f"{HERE}{key}"
        calls = (READ, "s3:GetObjectVersion")
        may = any(decide([*given_, *denied, *by_bucket], call, place) == "allow" for call in calls)
        is_told = any(matches(keys, key) for keys in told)
        assert is_told or not may
        if not denied and not by_bucket:
            assert is_told == may


@settings(max_examples=100, deadline=None)
@given(patterns, patterns)
def test_a_pattern_covers_and_meets_what_its_texts_do(one: str, other: str) -> None:
    """Every text of up to three letters is looked at."""
    texts = ["", *(a + b + c for a in "ab/" for b in ("", *"ab/") for c in ("", *"ab/"))]
    mine, theirs = ({text for text in texts if matches(pattern, text)} for pattern in (one, other))
    if covers(one, other):
        assert theirs <= mine
    if mine & theirs:
        assert meet(one, other)
    for text in (each for each in texts if len(each) > 1):
        assert any(matches(rest, text[1:]) for rest in behind(one, text[:1])) == matches(one, text)


def test_patterns_that_have_no_text_in_common_do_not_meet() -> None:
    """By their beginnings, their ends, and their length."""
    assert not meet("a*", "b*")
    assert not meet("*a", "*b")
    assert not meet("?", "ab")
    assert meet("a*", "*b")
    assert covers("polygon/*", "polygon/stocks/*")
    assert not covers("polygon/?", "polygon/*")


CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], list[tuple[str, bool]]]] = {
    "a condition may hold": ([allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})], {}, [("*", True)]),
    "a denial under a condition may not hold": ([allow(), deny(Condition=TLS)], {}, [("*", False)]),
    "a denial of some keys leaves others": ([allow(), deny(f"{HERE}a/*")], {}, [("*", False)]),
    "a denial of all leaves none": ([allow(f"{HERE}a/*"), deny("arn:aws:s3:::lake-*")], {}, []),
    "a denial of what a variable names may be another's": (
        [allow(), deny(HERE + "${aws:username}*")],
        {},
        [("*", False)],
    ),
    "what a variable names may be anything": ([allow(f"{HERE}${{aws:username}}/*")], {}, [("*/*", False)]),
    "all actions but others": ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}, [("*", False)]),
    "all actions but reading": ([{"Effect": "Allow", "NotAction": ["s3:Get*"], "Resource": "*"}], {}, []),
    "all buckets but this": ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{HERE}*"}], {}, []),
    "all keys but some": ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{HERE}a"}], {}, [("*", False)]),
    "denied everywhere but elsewhere": (
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}],
        {},
        [],
    ),
    "denied everywhere but here": (
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": f"{HERE}a"}],
        {},
        [("*", False)],
    ),
    "only a version may be read": ([allow(Action="s3:GetObjectVersion")], {}, [("*", False)]),
    "beyond the boundary": ([allow()], {"boundary": [allow("arn:aws:s3:::other/*")]}, []),
    "as far as the boundary": ([allow()], {"boundary": [allow(f"{HERE}a/*")]}, [("a/*", False)]),
    "denied by the boundary": ([allow()], {"boundary": [allow("*"), deny()]}, []),
    "the bucket denies everybody": ([allow()], {"bucket": [deny(Principal={"AWS": "*"})]}, []),
    "the bucket denies me": ([allow()], {"bucket": [deny(Principal={"AWS": [ME]})]}, []),
    "the bucket denies the account": ([allow()], {"bucket": [deny(Principal={"AWS": "111111111111"})]}, []),
    "the bucket denies somebody else": ([allow()], {"bucket": [deny(Principal={"AWS": ME + "-too"})]}, [("*", False)]),
    "the bucket denies all but some": ([allow()], {"bucket": [deny(NotPrincipal={"AWS": ME})]}, [("*", False)]),
    "the bucket's own account gives nothing": ([], {"bucket": [allow(Principal={"AWS": "111111111111"})]}, []),
    "the bucket lets me": ([], {"bucket": [allow(Principal={"AWS": ME})]}, [("*", False)]),
    "the bucket lets me, and I am denied": ([deny()], {"bucket": [allow(Principal={"AWS": ME})]}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_of_iam(case: str) -> None:
    """As the User Guide says it; what hangs on the call is a reader, under its condition."""
    own, more, expected = CASES[case]
    found = reaches(*own, **more)
    assert [(each.keys, bool(each.condition)) for each in found] == expected
    assert {each.who for each in found} <= {"role/team/me"}


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ({"Principal": "*"}, "*"),
        ({"Principal": {"AWS": "*"}}, "*"),
        ({"NotPrincipal": {"AWS": ME}}, "*"),
        ({"Principal": {"AWS": "222222222222"}}, "arn:aws:iam::222222222222:root"),
        ({"Principal": {"Service": ["delivery.logs.amazonaws.com"]}}, "delivery.logs.amazonaws.com"),
    ],
)
def test_a_bucket_lets_somebody_from_outside(principal: dict[str, Any], who: str) -> None:
    """Everybody, another account, a service; a denial of everybody is one of theirs."""
    given_ = {"Effect": "Allow", "Action": READ, "Resource": f"{HERE}*", **principal}
    (found,) = reaches(bucket=[given_])
    assert (found.who, found.keys) == (who, "*")
    assert ("everybody but" in found.condition) == ("NotPrincipal" in principal)
    assert reaches(bucket=[given_, deny(Principal="*")]) == []
