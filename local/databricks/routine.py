"""A SQL function of Unity Catalog as the expression that it stands for to one reader: Sail has no functions of SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from local.databricks.store import Document

_GROUP = {"is_account_group_member", "is_member"}
_READER = (exp.CurrentUser, exp.SessionUser)


class RoutineError(ValueError):
    """A function that cannot be put in the place of its call."""


@dataclass(frozen=True)
class Reader:
    """Who runs a query, and the groups in which they are."""

    name: str
    groups: Collection[str]


def call(function: Document, arguments: Sequence[str], reader: Reader) -> str:
    """The function's body over its arguments, which are SQL themselves."""
    names = [parameter["name"] for parameter in parameters(function)]
    if len(names) != len(arguments):
        raise RoutineError(f"{function['full_name']} takes {len(names)} arguments, not {len(arguments)}.")
    given = {name.lower(): parse_one(text, dialect="databricks") for name, text in zip(names, arguments, strict=True)}
    return str(_body(function).transform(_put, given, reader).sql(dialect="databricks"))


def check(function: Document) -> None:
    """Refuse a body that could not be put into a query: parameters, literals and what is calculated of them."""
    names = {parameter["name"].lower() for parameter in parameters(function)}
    body = _body(function)
    if found := body.find(exp.Query, exp.Command, exp.Table, exp.Dot, exp.AggFunc, exp.Parameter, exp.Placeholder):
        raise RoutineError(f"{found.sql(dialect='databricks')!r} in a function is not served here.")
    for column in body.find_all(exp.Column):
        if column.name.lower() not in names or column.table:
            raise RoutineError(f"{column.sql(dialect='databricks')!r} is no parameter of the function.")
    for asked in body.find_all(exp.Anonymous):
        if asked.name.lower() in _GROUP and not all(isinstance(each, exp.Literal) for each in asked.expressions):
            raise RoutineError(
                f"{asked.sql(dialect='databricks')!r}: the group is a name here, and nothing calculated."
            )


def parameters(function: Document) -> list[Document]:
    """What it takes, in order."""
    return list((function.get("input_params") or {}).get("parameters") or [])


def _body(function: Document) -> Any:
    try:
        return parse_one(function["routine_definition"], dialect="databricks")
    except SqlglotError as error:
        raise RoutineError(f"The body of {function['full_name']} cannot be parsed: {error}") from None


def _put(node: Any, given: dict[str, Any], reader: Reader) -> Any:
    if isinstance(node, exp.Column):
        return exp.paren(given[node.name.lower()].copy())
    if isinstance(node, _READER) or (isinstance(node, exp.Anonymous) and node.name.lower() == "session_user"):
        return exp.Literal.string(reader.name)
    if isinstance(node, exp.Anonymous) and node.name.lower() in _GROUP:
        return exp.convert(node.expressions[0].name in reader.groups)
    return node
