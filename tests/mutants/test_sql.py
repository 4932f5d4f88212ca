"""Mutations of SQL change one token outside comments, and leave SQL."""

from __future__ import annotations

import random
import re

import pytest
import sqlglot

from tests.mutants.checkout import HERE
from tests.mutants.sql import mutations, parses

FILES = sorted((HERE / "include" / "sql").rglob("*.sql"))


def made(text: str) -> set[str]:
    """All mutants of a text."""
    return {changed for _, make in mutations(text) if (changed := make()) is not None}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("SELECT a FROM t WHERE a < 7", {"a <= 7", "a > 7", "a < 8"}),
        ("SELECT a FROM t WHERE a >= 0.5", {"a > 0.5", "a <= 0.5", "a >= 1.5"}),
        ("SELECT a FROM t WHERE a = b AND c <> d", {"a <> b AND c <> d", "a = b OR c <> d", "a = b AND c = d"}),
        ("SELECT a FROM t WHERE a BETWEEN b AND c", set()),
        ("SELECT a + b * c - d / e FROM t", {"a - b *", "b / c", "c + d", "d * e"}),
        ("SELECT count(DISTINCT a) FROM t ORDER BY a DESC", {"count( a)", "a ASC"}),
        ("SELECT coalesce(a, b), min(c), GREATEST(d, e) FROM t", {"NULLIF(a, b)", "MAX(c)", "LEAST(d, e)"}),
        ("SELECT a FROM t LEFT JOIN u ON t.b = u.b", {"t  JOIN u", "t.b <> u.b"}),
        ("SELECT a FROM t WHERE a IS NOT NULL", {"a IS  NULL"}),
        ("SELECT a FROM t UNION ALL SELECT b FROM u", {"UNION  SELECT"}),
        ("SELECT 'critical', 'a < b', true FROM t", {"'warn'", "FALSE"}),
        ("SELECT a -- b < 2\nFROM {silver}.t /* 3 */ WHERE {days} AND b", {"{days} OR b"}),
        ("CREATE TABLE t (a INT NOT NULL COMMENT 'b < 1');\nSELECT a FROM t WHERE a < b", {"a <= b", "a > b"}),
    ],
)
def test_what_is_made(text: str, changes: set[str]) -> None:
    """Each operator by example; what only declares a table is left alone."""
    found = made(text)
    assert len(found) == len(changes)
    assert all(sum(change in each for each in found) == 1 for change in changes)


def test_what_is_no_sql_is_not_made() -> None:
    """A coalesce of three has no nullif; what is left of a list that begins with an operator is not tried."""
    assert not any("NULLIF" in each for each in made("SELECT coalesce(a, b, c) FROM t"))
    assert not parses("SELECT a FROM t WHERE AND")
    assert parses("scored AS (\n  SELECT a FROM {gold}.t\n)")
    assert parses("WITH a AS (SELECT 1),\n{include gold/returns.sql}\nSELECT 2")


def tokens(text: str) -> list[str]:
    """The words of a text, without comments."""
    filled = re.sub(r"\{[^}]*\}", "word", text)
    return [token.text.upper() for token in sqlglot.tokenize(filled, dialect="databricks")]


def test_the_products_sql_gives_mutants_of_one_token() -> None:
    """Of forty files two, drawn by a seed: the file parses, and each mutant differs in one token."""
    draw = random.Random(20260702)
    for file in draw.sample(FILES, 40):
        text = file.read_text()
        assert parses(text), file
        before = tokens(text)
        changes = list(mutations(text))
        for _, make in draw.sample(changes, min(2, len(changes))):
            changed = make()
            if changed is not None:
                after = tokens(changed)
                gone = len(before) - len(after)
                first = next(n for n, token in enumerate(before) if after[n : n + 1] != [token])
                assert gone in {0, 1}
                assert before[first + 1 :] == after[first + 1 - gone :], (file, before[first])
