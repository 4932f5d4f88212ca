"""One step to an environment: what is looked at, what is missing, and the one command that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scripts.first_day.place import Place

PAGE = "docs/terraform.md"


class MissingError(Exception):
    """What is not there, in a sentence; `command` where another than the step's own mends it."""

    def __init__(self, sentence: str, command: str = "") -> None:
        super().__init__(sentence)
        self.command = command


@dataclass(frozen=True)
class Step:
    """A step of the page; `look` only reads, and says in a few words what is there."""

    name: str
    section: str  # a heading of the page
    what: str
    command: str  # {…} are words of the place
    look: Callable[[Place], str]
    after: tuple[str, ...] = ()  # the steps without which there is nothing to look at

    def makes(self, place: Place) -> str:
        """The command for this place."""
        return self.command.format_map(place.words)

    @property
    def link(self) -> str:
        """Where the page tells of it."""
        anchor = "".join(each for each in self.section.lower() if each.isalnum() or each in " -").replace(" ", "-")
        return f"{PAGE}#{anchor}"
