"""Conditions of policies, which ask for tags: has_tag('k'), has_tag_value('k', 'v'), AND, OR, NOT, true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

Tags = Mapping[str, str]
_ASKS = {"has_tag": 1, "hastag": 1, "has_tag_value": 2, "hastagvalue": 2}


class ConditionError(ValueError):
    """A condition that is none."""


def holds(condition: str, tags: Tags) -> bool:
    """Whether it is true of what has these tags."""
    return _true(_parsed(condition), tags)


def check(condition: str) -> None:
    """Refuse what could not be answered of any tags."""
    holds(condition, {})


def _parsed(condition: str) -> Any:
    try:
        return parse_one(condition, dialect="databricks")
    except SqlglotError as error:
        raise ConditionError(f"Condition {condition!r} cannot be parsed: {error}") from None


def _true(node: Any, tags: Tags) -> bool:
    match node:
        case exp.Paren():
            return _true(node.this, tags)
        case exp.And():  # both sides, so that what is wrong in either is found
            return all([_true(node.left, tags), _true(node.right, tags)])
        case exp.Or():
            return any([_true(node.left, tags), _true(node.right, tags)])
        case exp.Not():
            return not _true(node.this, tags)
        case exp.Boolean():
            return bool(node.this)
        case exp.Anonymous() if _ASKS.get(node.name.lower()) == len(node.expressions):
            if all(isinstance(each, exp.Literal) and each.is_string for each in node.expressions):
                key, *value = (each.name for each in node.expressions)
                return key in tags and (not value or tags[key] == value[0])
    raise ConditionError(f"Condition {node.sql(dialect='databricks')!r} is none of has_tag and has_tag_value.")
