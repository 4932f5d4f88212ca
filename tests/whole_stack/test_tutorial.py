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
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?(?: replace="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "dist", "__pycache__", ".*_cache", ".hypothesis")
    ".git", ".venv", "var", "dist", "__pycache__", ".*_cache", ".hypothesis", ".terraform"
)

pytestmark = pytest.mark.timeout(1500)


def follow(checkout: Path) -> str:
    """Do what each block says, in order; everything that commands printed."""
    said = ""
    path = f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    for name in ("AIRFLOW_HOME", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    for language, title, replace, body in BLOCK.findall(PAGE.read_text()):
        if language == "sh":
            done = subprocess.run(
                ["sh", "-ec", body], cwd=checkout, env=environment, capture_output=True, text=True, check=False
            )
            said += done.stdout + done.stderr
            assert done.returncode == 0, f"{body}\n{done.stdout}\n{done.stderr}"
        elif replace:
            file = checkout / title
            text = file.read_text()
            assert text.count(f"\n{replace}\n") == 1
            file.write_text(text.replace(f"\n{replace}\n", f"\n{body}"))
        elif (checkout / title).exists():
            (checkout / title).write_text((checkout / title).read_text() + body)
        else:
            (checkout / title).write_text(body)
    return said


def test_it_works_as_it_is_written(tmp_path: Path) -> None:
    """The check first names what is missing, then nothing; the demo is whole, and the query shows the exchanges."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_COPIED, symlinks=True)
    subprocess.run(["make", "setup"], cwd=checkout, check=True, capture_output=True)
    said = follow(checkout)
    assert "include/sql/silver/crypto/exchanges.sql" in said
    assert re.search(r"1\W+Coinbase", said)
    assert re.search(r"23\W+Kraken", said)
