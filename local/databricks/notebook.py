"""Databricks source notebooks: `.py` files whose cells are parted by `# COMMAND ----------`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEADER = "# Databricks notebook source"
_SEPARATOR = re.compile(r"^# COMMAND -+[ \t]*$", re.MULTILINE)
_MAGIC = re.compile(r"^# MAGIC ?", re.MULTILINE)
_TITLE = re.compile(r"^# DBTITLE \d+,(.*)\n?", re.MULTILINE)
_DEEPEST_RUN = 10


class NotebookError(Exception):
    """A notebook that cannot be read; says which and why."""


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is python, sql or md; `line` is where it starts in `path`, counted from 1."""

    kind: str
    source: str
    path: str
    line: int


def find(path: str | Path) -> Path:
    """The notebook's file: workspace paths carry no `.py`."""
    candidates = [Path(path), Path(f"{path}.py")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise NotebookError(f'Unable to access the notebook "{path}": there is no such file.')


def read(path: str | Path, depth: int = 0) -> list[Cell]:
    """The cells of a notebook in order, `%run` replaced by the cells of the notebook it names."""
    file = find(path)
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    first, _, body = text.partition("\n")
    if first.strip() != HEADER:
        raise NotebookError(f"{file} is not a notebook: its first line must be '{HEADER}'.")
    if depth > _DEEPEST_RUN:
        raise NotebookError(f"{file}: %run is nested deeper than {_DEEPEST_RUN}; does a notebook run itself?")
    return [cell for line, source in _split(body) for cell in _cells(file, line, source, depth)]


def _split(body: str) -> list[tuple[int, str]]:
    """Cells with the number of the line that each starts on (the body starts on line 2)."""
    found, start = [], 0
    for separator in [*_SEPARATOR.finditer(body), None]:
        end = separator.start() if separator else len(body)
        source = body[start:end]
        lead = len(source) - len(source.lstrip("\n"))
        if source.strip():
            found.append((2 + body.count("\n", 0, start + lead), source.strip("\n")))
        start = separator.end() if separator else end
    return found


def _cells(file: Path, line: int, source: str, depth: int) -> list[Cell]:
    """What one cell becomes: itself, or the cells of the notebook that it runs."""
    if not source.lstrip().startswith(("# MAGIC", "# DBTITLE")):
        return [Cell("python", source, str(file), line)]
    source = _TITLE.sub("", source)
    if not source.lstrip().startswith("# MAGIC"):
        return [Cell("python", source, str(file), line + 1)] if source.strip() else []
    words, _, rest = _MAGIC.sub("", source).strip().partition("\n")
    magic, _, argument = words.strip().partition(" ")
    content = "\n".join(part for part in (argument, rest) if part.strip())
    match magic:
        case "%md" | "%md-sandbox":
            return [Cell("md", content, str(file), line)]
        case "%sql":
            return [Cell("sql", content, str(file), line)]
        case "%python":
            return [Cell("python", content, str(file), line)]
        case "%run":
            target = argument.strip().strip("\"'")
            return read(file.parent / target, depth + 1)
    raise NotebookError(
        f"{file}:{line}: the magic command {magic} is not supported here: use %sql, %md, %python or %run."
    )
