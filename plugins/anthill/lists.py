"""Lists of a declaration: items that YAML did not read as the text that was meant, and items that are no symbols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Letters and digits of any alphabet, and the marks of symbols: BRK.B, BRK/B, C:EUR-USD, X:BTCUSD, BAC^A, ZVZZT_T.
_SYMBOL = re.compile(r"[\w.:/^+=*$&!@-]+")


def problems(lists: Any, text: str) -> Iterator[tuple[str, str]]:
    """The key of each item that is no symbol, with what is wrong and how it is to be written; `text` is the YAML."""
    if not isinstance(lists, dict):
        return
    for name, items in lists.items():
        for at, item in enumerate(items if isinstance(items, list) else ()):
            if problem := _problem(item, text, name, at):
                yield f"lists.{name}", f"has the item {at + 1}, {problem}"


def _problem(item: Any, text: str, name: str, at: int) -> str:
    if not isinstance(item, str):
        written = _written(text, name, at)
        read = "a mapping or list" if isinstance(item, dict | list) else f"{type(item).__name__} {item}"
        return f'{written}, which YAML reads as {read}, not as text: write it in quotes, - "{written}"'
    return odd_symbol(item)


def odd_symbol(item: str) -> str:
    """What makes a text no symbol; empty where it is one."""
    if not item:
        return '"", which is empty: remove it'
    if item != item.strip():
        return f'"{item}", which has blanks around it: write - "{item.strip()}"'
    if not _SYMBOL.fullmatch(item):
        odd = "".join(dict.fromkeys(character for character in item if not _SYMBOL.fullmatch(character)))
        return f"{item!r}: no symbol has {odd!r}. Write it as the source does, in quotes where YAML reads it otherwise"
    return ""


def _written(text: str, name: str, at: int) -> str:
    """How a file writes an item of a list."""
    import yaml

    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in ("lists", name):
        node = next(value for known, value in node.value if known.value == key)
    item = node.value[at]
    return (
        item.value if isinstance(item, yaml.ScalarNode) else text[item.start_mark.index : item.end_mark.index].strip()
    )
