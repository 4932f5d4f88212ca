"""A change that can be made to a file, the mutant that it makes, and a seeded sample of them."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice, zip_longest
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """One change of one file: cheap to name, made only when it is drawn."""

    room: str
    file: str
    name: str  # what is changed into what, and which of those that are alike in its file
    make: Callable[[], str | None]  # the whole file with the change; None if it is no such file any more

    @property
    def key(self) -> str:
        """What verdicts are kept by."""
        return hashlib.sha256(f"{self.file}\n{self.name}".encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Mutant:
    """A mutation with the text before and after it."""

    mutation: Mutation
    original: str
    text: str

    @cached_property
    def changed(self) -> tuple[range, list[str], list[str]]:
        """The lines that differ: where they stand, counted from 1, as they were, as they are."""
        before, after = self.original.splitlines(), self.text.splitlines()
        edits = [e for e in difflib.SequenceMatcher(None, before, after, False).get_opcodes() if e[0] != "equal"]
        (first, last), (begin, end) = (edits[0][1], edits[-1][2]), (edits[0][3], edits[-1][4])
        return range(first + 1, last + 1), before[first:last], after[begin:end]

    @property
    def line(self) -> int:
        """The first line that differs."""
        return self.changed[0].start

    @property
    def change(self) -> tuple[str, str]:
        """The lines as they were and as they are, without their indentation: what an accepted mutant is known by."""
        _, before, after = self.changed
        return "\n".join(map(str.strip, before)), "\n".join(map(str.strip, after))

    @property
    def diff(self) -> str:
        """The change for people."""
        _, before, after = self.changed
        return "\n".join([f"-{line}" for line in before] + [f"+{line}" for line in after])


def sample(rooms: Iterable[list[Mutation]], root: Path, seed: str, count: int) -> list[Mutant]:
    """As many of each room as go into the count, drawn by the seed; the rooms take turns, so that a part is spread too.

    A mutation is drawn by its name and the seed alone: a larger count holds the smaller one, and code that is
    written elsewhere moves nothing.
    """

    def rank(mutation: Mutation) -> bytes:
        return hashlib.sha256(f"{seed}\n{mutation.key}".encode()).digest()

    waiting = [filter(None, map(partial(mutant, root), sorted(room, key=rank))) for room in rooms]
    turns = chain.from_iterable(zip_longest(*waiting))
    return list(islice(filter(None, turns), count))


def mutant(root: Path, mutation: Mutation) -> Mutant | None:
    """A mutation made; None if there is no such mutant."""
    original, text = (root / mutation.file).read_text(), mutation.make()
    return None if text is None or text == original else Mutant(mutation, original, text)
