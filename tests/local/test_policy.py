"""IAM's decision, by AWS's text on how policies are evaluated: a deny wins, silence denies, conditions are all met."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.policy import decide, matches, statements

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::b/*"]}


@given(st.text(alphabet="abc*?.+[]:/-", max_size=12), st.text(alphabet="abc.+[]:/-", max_size=12))
def test_patterns_mean_what_iam_means(pattern: str, value: str) -> None:
    """`*` is any text, `?` one character, everything else itself: compared with a matcher written out by hand."""

    def by_hand(p: str, v: str) -> bool:
        if not p:
            return not v
        if p[0] == "*":
            return any(by_hand(p[1:], v[i:]) for i in range(len(v) + 1))
        return bool(v) and p[0] in ("?", v[0]) and by_hand(p[1:], v[1:])

    assert matches(pattern, value) == by_hand(pattern, value)


def test_a_deny_wins_and_silence_allows_nothing() -> None:
    """The order of statements does not matter; what no statement allows is not allowed."""
    deny = {**ALLOW, "Effect": "Deny", "Action": "s3:GetObject"}
    for policy in ([ALLOW, deny], [deny, ALLOW]):
        assert decide(policy, "s3:GetObject", "arn:aws:s3:::b/k") == "deny"
        assert decide(policy, "s3:getobjectversion", "arn:aws:s3:::b/k") == "allow"
        assert decide(policy, "s3:PutObject", "arn:aws:s3:::b/k") == "none"
        assert decide(policy, "s3:GetObjectVersion", "arn:aws:s3:::other/k") == "none"


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"K": "b"}, True),
        ({"StringEquals": {"k": ["a", "b"]}}, {}, False),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {}, True),
        ({"BoolIfExists": {"k": "true"}}, {}, True),
        ({"BoolIfExists": {"k": "true"}}, {"k": "false"}, False),
        ({"BoolIfExists": {"k": "true"}}, {"k": "true"}, True),
        ({"StringLike": {"k": "team/*"}}, {"k": "team/x"}, True),
        ({"Null": {"k": "true"}}, {}, True),
        ({"Null": {"k": "true"}}, {"k": "x"}, False),
        ({"Bool": {"k": "false"}}, {"k": "False"}, True),
        ({"NumericLessThanEquals": {"k": "300"}}, {"k": "301"}, False),
        ({"Null": {"a": "true"}, "Bool": {"b": "true"}}, {"b": "false"}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, str], holds: bool) -> None:
    """Every key of every operator must hold."""
    expected = "allow" if holds else "none"
    assert decide([{**ALLOW, "Condition": condition}], "s3:GetObject", "arn:aws:s3:::b/k", context) == expected


def test_what_cannot_be_decided_is_not_guessed() -> None:
    """An operator or element that this repository does not write raises, rather than allow or deny."""
    with pytest.raises(ValueError, match="DateGreaterThan"):
        decide(
            [{**ALLOW, "Condition": {"DateGreaterThan": {"k": "x"}}}], "s3:GetObject", "arn:aws:s3:::b/k", {"k": "x"}
        )
    with pytest.raises(ValueError, match="NotAction"):
        decide([{"Effect": "Allow", "NotAction": "s3:*"}], "s3:GetObject", "x")
    assert statements(json.dumps({"Statement": ALLOW})) == [ALLOW]


def test_whose_policy_it_is() -> None:
    """A resource's statement is about the principals that it names, or about everybody."""
    for principal, who, expected in (
        ("*", "anybody", "allow"),
        ({"AWS": "*"}, "anybody", "allow"),
        ({"AWS": ["role/a", "role/b"]}, "role/b", "allow"),
        ({"AWS": "role/a"}, "role/b", "none"),
        ({"Service": "logging.s3.amazonaws.com"}, None, "none"),
    ):
        assert decide([{**ALLOW, "Principal": principal}], "s3:GetObject", "arn:aws:s3:::b/k", {}, who) == expected


def test_a_deny_of_all_but_one_meets_whoever_is_not_that_one() -> None:
    """A negated operator holds where the key is missing, and only where the value is none of those named."""
    deny = [{**ALLOW, "Effect": "Deny", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["role/a", "role/b"]}}}]
    for context, expected in (
        ({}, "deny"),
        ({"aws:PrincipalArn": "role/c"}, "deny"),
        ({"aws:PrincipalArn": "role/a"}, "none"),
        ({"aws:PrincipalArn": "role/b"}, "none"),
    ):
        assert decide(deny, "s3:GetObject", "arn:aws:s3:::b/k", context) == expected


def test_a_null_of_two_keys_asks_that_both_are_missing() -> None:
    """Keys of one operator are all to hold: one of the headers is enough to stay clear of such a deny."""
    condition = {"Null": {"s3:if-match": "true", "s3:if-none-match": "true"}}
    deny = [{**ALLOW, "Effect": "Deny", "Condition": condition}]
    for context, expected in (
        ({}, "deny"),
        ({"s3:if-match": "e"}, "none"),
        ({"s3:if-none-match": "*"}, "none"),
        ({"s3:if-match": "e", "s3:if-none-match": "*"}, "none"),
    ):
        assert decide(deny, "s3:GetObject", "arn:aws:s3:::b/k", context) == expected
