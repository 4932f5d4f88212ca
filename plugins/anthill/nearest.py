"""What somebody meant who wrote a word that is none of those known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def nearest(word: Any, known: Iterable[str]) -> str:
    """The known word that is most like this one; empty where none is."""
    words = {each.casefold(): each for each in known}
    found = get_close_matches(str(word).casefold(), words, n=1)
    return words[found[0]] if found else ""


def asked(word: Any, known: Iterable[str]) -> str:
    """The question whether the nearest was meant; empty where none is near."""
    meant = nearest(word, known)
    return f"; did you mean {meant!r}?" if meant else ""


def allowed(word: Any, known: Iterable[str]) -> str:
    """What may stand in the place of this word, and what may have been meant by it."""
    words = list(known)
    return f"allowed are {', '.join(words) or 'none'}{asked(word, words)}"
