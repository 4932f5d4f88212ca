"""Mutations of Python, by mutmut's operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from libcst import FunctionDef, Module
from mutmut.mutation.file_mutation import Mutation as Change
from mutmut.mutation.file_mutation import create_mutations


def mutations(text: str) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """What mutmut would change inside functions, one change at a time: a name for it, and how the text is made."""
    module, found, _, _ = create_mutations("", text)
    seen: Counter[str] = Counter()
    for change in found:
        if not isinstance(change.contained_by_top_level_function, FunctionDef):
            continue
        code = [module.code_for_node(node) for node in (change.original_node, change.mutated_node)]
        name = "\n".join(code)
        seen[name] += 1
        yield f"{name}\n{seen[name]}", partial(made, module, change)


def made(module: Module, change: Change) -> str | None:
    """The whole text with the change; None if Python does not take it."""
    text = module.deep_replace(change.original_node, change.mutated_node).code
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return text
