"""Text of others on a terminal: shown as it is, never taken as markup or as an order to the terminal."""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.console import Console
from rich.text import Text

# Controls (ESC, carriage return), formats (which turn the direction of what follows), surrogates, separators of lines.
_OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def shown(text: str) -> str:
    """The text with what a terminal would obey written out, as an escape; lines stay lines."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in _OBEYED
        else character.encode("unicode_escape").decode()
        for character in text
    )


class Terminal(Console):
    """A console whose texts are only texts, in tables too; what has a style is a `Text`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as rich shows it; with blanks for tabs, which rich counts as one where it measures a table's cell."""
        return super().render_str(shown(text).expandtabs(), **{**options, "markup": False, "emoji": False})
