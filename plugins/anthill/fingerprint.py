"""What of this package is here: a digest of its code and declarations, the same of a checkout and of its wheel."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from anthill import closures
from anthill.include import include_dir

_HERE = Path(__file__).parent


def digest() -> str:
    """SHA-256 over every file of the package and of include/ by name, in 64 hexadecimal digits."""
    found = hashlib.sha256()
    for name, file in sorted(_files()):
        found.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _files() -> Iterator[tuple[str, Path]]:
    """Name and place of each: the wheel has include/ and the closures within the package, a checkout beside it."""
    include = include_dir()
    for file in _HERE.rglob("*"):
        if _counts(file, _HERE) and not file.is_relative_to(include) and file != closures.FILE:
            yield f"anthill/{file.relative_to(_HERE).as_posix()}", file
    for file in include.rglob("*"):
        if _counts(file, include):
            yield f"include/{file.relative_to(include).as_posix()}", file
    yield "closures.yaml", closures.FILE


def _counts(file: Path, folder: Path) -> bool:
    """What an interpreter writes beside the files, and what is hidden, is none of them."""
    parts = file.relative_to(folder).parts
    return file.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts)
