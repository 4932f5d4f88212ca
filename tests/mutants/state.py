"""What traces and verdicts depend on: they are kept as long as it is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

READ = ("plugins/", "include/", "local/", "databricks/", "dags/", "tests/", "pyproject.toml", "uv.lock")
OWN = "tests/mutants/"


@dataclass(frozen=True)
class State:
    """The files of a checkout."""

    root: Path
    files: Sequence[str]

    @cached_property
    def product(self) -> str:
        """A digest of all that tests read, but for the files with tests in them."""
        read = (name for name in self.files if name.startswith(READ) and not name.startswith(OWN))
        return self._digest(name for name in read if not is_test(name))

    def tests(self, path: str) -> list[str]:
        """The files with tests at or below a path."""
        return [name for name in self.files if f"{name}/".startswith(f"{path}/") and is_test(name)]

    def of(self, path: str) -> str:
        """A digest of the tests at or below a path."""
        return self._digest(self.tests(path))

    def _digest(self, names: Iterable[str]) -> str:
        found = hashlib.sha256()
        for name in names:
            found.update(f"{name}\n".encode() + hashlib.sha256((self.root / name).read_bytes()).digest())
        return found.hexdigest()[:16]


def is_test(name: str) -> bool:
    """Whether a file has tests in it."""
    return PurePath(name).match("test_*.py")
