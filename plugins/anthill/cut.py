"""Texts that have to be short, cut where a person would cut them."""

from __future__ import annotations

import re

_ENDS = (re.compile(r"\n"), re.compile(r"(?<=[.;:!?]) "), re.compile(r"\s"))  # a line's, a sentence's, a word's
_MORE = " …"


def cut(text: str, most: int) -> str:
    """The text, or as many of its lines, else sentences, else words as fit into so many characters, and a mark."""
    if len(text) <= most:
        return text
    head = text[: most - len(_MORE) + 1]
    for end in _ENDS:
        if stops := [found.start() for found in end.finditer(head) if head[: found.start()].strip()]:
            return head[: stops[-1]].rstrip() + _MORE
    return head[:-1] + _MORE
