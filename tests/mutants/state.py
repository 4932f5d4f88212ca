"""What traces and verdicts depend on: they are kept as long as it is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path, PurePath

READ = ("plugins/", "include/", "local/", "databricks/", "dags/", "tests/", "pyproject.toml", "uv.lock")
OWN = "tests/mutants/"


class State:
    """The files of a checkout as they were when this was made: somebody may go on writing meanwhile."""

    def __init__(self, root: Path, files: Sequence[str]) -> None:
        self.root = root
        self.files = files
        self._contents = {name: hashlib.sha256((root / name).read_bytes()).digest() for name in files}

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
            found.update(f"{name}\n".encode() + self._contents[name])
        return found.hexdigest()[:16]


def is_test(name: str) -> bool:
    """Whether a file has tests in it."""
    return PurePath(name).match("test_*.py")
