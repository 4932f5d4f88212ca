"""Mutations of Python are mutmut's, one at a time."""

from __future__ import annotations

import ast
import difflib

from tests.mutants.python import mutations

TEXT = '''LIMIT = 5


def f(a: int = 3) -> bool:
    """Not this 7."""
    # nor that < 8
    return a < 10 and not a == g(
        a, 4
    )


class C:
    size = 6

    def m(self):
        return self.size + 7
'''


def test_what_is_made() -> None:
    """Boundaries, numbers, operators and arguments inside functions; no comments, docstrings or annotations."""
    texts = [text for _, make in mutations(TEXT) if (text := make()) is not None]
    wanted = ("a <= 10", "< 11", "or not a ==", "a != g(", "a, 5", "g(\n        a, None", "a: int = 4")
    assert all(any(each in text for text in texts) for each in wanted)
    assert all("LIMIT = 5\n" in text and "size = 6\n" in text for text in texts)
    assert any("size + 8" in text for text in texts)
    assert all('"""Not this 7."""' in text and "# nor that < 8" in text for text in texts)
    assert all("-> bool:" in text and "a: int" in text for text in texts)


def test_each_differs_in_one_place_and_is_python() -> None:
    """No text is the original, none comes twice, each can be parsed and differs in one run of characters' lines."""
    made = [(name, make()) for name, make in mutations(TEXT)]
    texts = [text for _, text in made if text is not None]
    assert len({name for name, _ in made}) == len(made)
    assert TEXT not in texts
    for text in texts:
        ast.parse(text)
        codes = difflib.SequenceMatcher(None, TEXT.splitlines(), text.splitlines(), autojunk=False).get_opcodes()
        assert sum(code[0] != "equal" for code in codes) == 1


def test_what_python_does_not_take_is_none() -> None:
    """A `break` cannot become a `return` outside a function; a mutation that is no Python is not made."""
    text = "def f(x):\n    class A:\n        for y in x:\n            break\n    return A\n"
    assert any(make() is None for _, make in mutations(text))
