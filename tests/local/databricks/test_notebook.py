"""Source notebooks as cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.databricks.notebook import HEADER, NotebookError, read
from tests.local.databricks.workspace import ROOT

_CELLS = st.lists(st.from_regex(r"[a-z]{1,8} = [0-9]{1,4}(\n\n?[a-z]{1,8} = [0-9])?", fullmatch=True), min_size=1)


@given(cells=_CELLS)
def test_cells_and_their_lines(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    """Cells are read in order, whole, and each knows the line that it starts on."""
    file = tmp_path_factory.getbasetemp() / "cells.py"
    file.write_text("\n".join([HEADER, "\n\n# COMMAND ----------\n\n".join(cells)]) + "\n")
    found = read(file)
    assert [cell.source for cell in found] == cells
    lines = file.read_text().split("\n")
    for cell in found:
        assert lines[cell.line - 1] == cell.source.split("\n")[0]


def test_not_a_notebook(tmp_path: Path) -> None:
    """A file without the header is refused and told what is missing."""
    (tmp_path / "plain.py").write_text("x = 1\n")
    with pytest.raises(NotebookError, match="its first line must be '# Databricks notebook source'"):
        read(tmp_path / "plain")


def test_run_of_itself_ends(tmp_path: Path) -> None:
    """A notebook that runs itself is refused."""
    (tmp_path / "loop.py").write_text(f"{HEADER}\n# MAGIC %run ./loop\n")
    with pytest.raises(NotebookError, match="does a notebook run itself"):
        read(tmp_path / "loop")


@pytest.mark.parametrize("file", sorted((ROOT / "databricks" / "notebooks").glob("*.py")), ids=lambda f: f.stem)
def test_committed_notebooks(file: Path) -> None:
    """Every committed notebook is readable, and its cells compile."""
    cells = read(file)
    assert cells
    for cell in cells:
        if cell.kind == "python":
            compile(cell.source, cell.path, "exec")
