"""Mutations of SQL: one token is another one, or gone, and the statement still parses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

DIALECT = "databricks"
# A word in braces is filled in later; a line {include …} is a part of a WITH, or columns of a view.
WORD = re.compile(r"\{[^}]*\}")
INCLUDE = re.compile(r"^\{include [^}]*\}", re.MULTILINE)
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
    """Whether it is SQL, or what others include: a part of a WITH, or columns of a view or of a SELECT."""
    for included in ("included AS (SELECT 1)", "included COMMENT ''"):
        filled = WORD.sub("word", INCLUDE.sub(included, text))
        view, columns = f"CREATE VIEW a (\n{filled}\n) AS SELECT 1", f"SELECT\n{filled}\nFROM a"
        if any(map(_is_whole, (filled, f"WITH {filled} SELECT 1", view, columns))):
            return True
    return False


def _is_whole(text: str) -> bool:
    try:
        sqlglot.parse(text, dialect=DIALECT)
    except SqlglotError:
        return False
    return True
