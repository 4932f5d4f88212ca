"""IAM's decision over policy documents, conditions included: what moto decides without them."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal

Decision = Literal["allow", "deny", "none"]
Statement = Mapping[str, Any]


def statements(*documents: str) -> list[Statement]:
    """The statements of policy documents given as JSON."""
    found: list[Statement] = []
    for document in documents:
        parsed = json.loads(document)["Statement"]
        found += parsed if isinstance(parsed, list) else [parsed]
    return found


def decide(
    policy: Iterable[Statement],
    action: str,
    resource: str,
    context: Mapping[str, str] | None = None,
    principal: str | None = None,
) -> Decision:
    """What the statements say of one call: an explicit deny wins, and what nothing allows is `none`.

    `context` holds condition keys as IAM spells them. With a `principal` (an ARN or a service) the statements are a
    resource's; NotAction, NotResource and NotPrincipal raise ValueError, for this repository writes none.
    """
    decision: Decision = "none"
    for statement in policy:
        if forbidden := {"NotAction", "NotResource", "NotPrincipal"} & statement.keys():
            raise ValueError(f"{forbidden} is not decided here")
        if not any(matches(pattern, action, re.IGNORECASE) for pattern in _list(statement["Action"])):
            continue
        if not any(matches(pattern, resource) for pattern in _list(statement.get("Resource", "*"))):
            continue
        if "Principal" in statement and not _is(statement["Principal"], principal):
            continue
        if not all(_holds(operator, keys, context or {}) for operator, keys in statement.get("Condition", {}).items()):
            continue
        if statement["Effect"] == "Deny":
            return "deny"
        decision = "allow"
    return decision


def matches(pattern: str, value: str, flags: int = 0) -> bool:
    """Whether a pattern with IAM's `*` and `?` covers the value."""
    return _compiled(pattern, flags).fullmatch(value) is not None


@cache
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), flags | re.DOTALL)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is(declared: Any, principal: str | None) -> bool:
    names = [declared] if isinstance(declared, str) else [name for kind in declared.values() for name in _list(kind)]
    return "*" in names or principal in names


def _equal(expected: str, actual: str) -> bool:
    return expected == actual


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "ArnEquals": _equal,
    "StringLike": matches,
    "ArnLike": matches,
    "ArnNotEquals": lambda expected, actual: expected != actual,
    "Bool": lambda expected, actual: expected.lower() == actual.lower(),
    "NumericLessThanEquals": lambda expected, actual: float(actual) <= float(expected),
}


def _any_or_all(operator: str) -> Callable[[Iterable[bool]], bool]:
    """Of several values one must be met, and none of those that are denied."""
    return all if "Not" in operator else any


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return all(
            (key.lower() not in known) == (str(_list(wanted)[0]).lower() == "true") for key, wanted in keys.items()
        )
    absent = quantifier == "ForAllValues" or name.endswith("IfExists") or "Not" in name
    if (name := name.removesuffix("IfExists")) not in _OPERATORS:
        raise ValueError(f"condition operator {operator} is not decided here")
    return all(
        absent
        if key.lower() not in known
        else _any_or_all(name)(_OPERATORS[name](str(expected), known[key.lower()]) for expected in _list(wanted))
        for key, wanted in keys.items()
    )
