"""The tutorial of a first dataset is followed word for word, in a checkout of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.stack import ROOT

PAGE = ROOT / "docs" / "how-to" / "first-dataset.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
REPLACED = re.compile(r"Replace the line `([^`]+)`[^\n]*\n\n$")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "dist", "__pycache__", ".*_cache", ".hypothesis")


def follow(checkout: Path) -> str:
    """Do what each block says, in order; everything that commands printed."""
    said = ""
    path = f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    for name in ("AIRFLOW_HOME", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    page = PAGE.read_text()
    for block in BLOCK.finditer(page):
        language, title, body = block.groups()
        if language == "console":
            done = subprocess.run(
                ["sh", "-ec", body], cwd=checkout, env=environment, capture_output=True, text=True, check=False
            )
            said += done.stdout + done.stderr
            assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
            continue
        file = checkout / title
        text = file.read_text() if file.exists() else ""
        if replaced := REPLACED.search(page[: block.start()]):
            assert text.count(f"\n{replaced[1]}\n") == 1
            file.write_text(text.replace(f"\n{replaced[1]}\n", f"\n{body}"))
        else:
            file.write_text(text + body)
    return said


@pytest.mark.long
def test_it_works_as_it_is_written(tmp_path: Path) -> None:
    """The check first names what is missing, then nothing; the demo is whole, and the query shows the exchanges."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_COPIED, symlinks=True)
    subprocess.run(["make", "setup"], cwd=checkout, check=True, capture_output=True)
    said = follow(checkout)
    assert "include/sql/silver/options/exchanges.sql" in said
    assert re.search(r"300\W+NYSE American Options", said)
    assert re.search(r"323\W+Nasdaq PHLX Options", said)
