"""Mutations of SQL: one token is another one, or gone, and the statement still parses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from tests.mutants.checkout import HERE

DIALECT = "databricks"
SQL = HERE / "include" / "sql"
WORD = re.compile(r"\{[^}]*\}")  # filled in later
INCLUDE = re.compile(r"^\{include ([^}]*)\}", re.MULTILINE)
PAIRS = ("AND OR", "+ -", "* /", "ASC DESC", "MIN MAX", "MIN_BY MAX_BY", "LEAST GREATEST", "LAG LEAD", "TRUE FALSE")
OTHERS: dict[str, tuple[str, ...]] = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "=": ("<>",),
    "<>": ("=",),
    "FLOOR": ("CEIL",),
    "SUM": ("AVG",),
    "COALESCE": ("NULLIF",),  # the value that it falls back to is never given
    "DISTINCT": ("",),
    "NOT": ("",),
    "ALL": ("",),
    "'critical'": ("'warn'",),
    "'warn'": ("'critical'",),
}
for _one, _other in (pair.split() for pair in PAIRS):
    OTHERS |= {_one: (_other,), _other: (_one,)}


def mutations(text: str) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """Every change of one token outside comments: a name for it, and how the text is made if it is still SQL."""
    seen: Counter[str] = Counter()
    for statement in statements(text):
        for token, following in zip(statement, [*statement[1:], None], strict=True):
            written = text[token.start : token.end + 1]
            for other in others(token, written, following):
                line = text[text.rfind("\n", 0, token.start) + 1 : text.find("\n", token.end)].strip()
                name = f"{written}\n{other}\n{line}"
                seen[name] += 1
                changed = text[: token.start] + other + text[token.end + 1 :]
                yield f"{name}\n{seen[name]}", lambda changed=changed: changed if parses(changed) else None


def others(token: Token, written: str, following: Token | None) -> tuple[str, ...]:
    """What may stand in a token's place."""
    if token.token_type is TokenType.NUMBER:
        return (str(int(written) + 1) if written.isdigit() else repr(float(written) + 1),)
    if token.token_type is TokenType.LEFT:
        return ("",) if following and following.token_type is TokenType.JOIN else ()
    return OTHERS.get(written if token.token_type is TokenType.STRING else written.upper(), ())


def statements(text: str) -> list[list[Token]]:
    """The tokens of each statement that selects; one without declares a table."""
    found: list[list[Token]] = [[]]
    for token in sqlglot.tokenize(WORD.sub(lambda word: "x" * len(word[0]), text), dialect=DIALECT):
        if token.token_type is TokenType.SEMICOLON:
            found.append([])
        else:
            found[-1].append(token)
    return [tokens for tokens in found if any(token.token_type is TokenType.SELECT for token in tokens)]


def parses(text: str) -> bool:
    """Whether it is SQL with what it includes, or a piece that others include, wherever such a piece may stand."""
    filled = WORD.sub("word", _whole(text)).strip()
    forms = (
        "{0}",
        "{0}\nSELECT 1",
        "WITH {0} SELECT 1",
        "SELECT 1 AS a,\n{0}",
        "SELECT\n{0}\nFROM a",
        "CREATE VIEW a (\n{0}\n) AS SELECT 1",
        "CREATE TABLE a (\n{0}\n)",
    )
    return any(_is_whole(form.format(filled)) for form in forms)


def _whole(text: str) -> str:
    """The text with the files that it includes, and those that they include."""
    return INCLUDE.sub(lambda found: _whole((SQL / found[1]).read_text()), text)


def _is_whole(text: str) -> bool:
    try:
        sqlglot.parse(text, dialect=DIALECT)
    except SqlglotError:
        return False
    return True
