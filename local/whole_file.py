"""A file that is there whole or not at all, whenever its writer is killed."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write it beside its place, then put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode)
    partial.write_text(text)
    partial.replace(path)
