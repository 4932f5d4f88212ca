"""Lists of a declaration: items that YAML did not read as the text that was meant, and items that are no symbols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from anthill.yaml_file import Fault, YamlFile

# Letters and digits of any alphabet, and the marks of symbols: BRK.B, BRK/B, C:EUR-USD, X:BTCUSD, BAC^A, ZVZZT_T.
_SYMBOL = re.compile(r"[\w.:/^+=*$&!@-]+")


def problems(lists: Any, file: YamlFile) -> Iterator[Fault]:
    """Where an item is no symbol, with what is wrong and how it is to be written; `file` has the lists."""
    for name, items in lists.items() if isinstance(lists, dict) else ():
        for at, item in enumerate(items if isinstance(items, list) else ()):
            where = ("lists", name, at)
            if problem := odd_symbol(item) if isinstance(item, str) else _unread(item, file.written(where)):
                yield where, f"has the item {at + 1}, {problem}"


def symbols(lists: Any) -> Any:
    """The lists with only those items that are text, which are all of them in a good one."""
    if not isinstance(lists, dict):
        return lists
    return {
        name: [item for item in items if isinstance(item, str)] if isinstance(items, list) else items
        for name, items in lists.items()
    }


def _unread(item: Any, written: str) -> str:
    read = "a mapping or list" if isinstance(item, dict | list) else f"{type(item).__name__} {item}"
    return f'{written}, which YAML reads as {read}, not as text: write it in quotes, - "{written}"'


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
