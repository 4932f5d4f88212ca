"""The digest tells one content from another, and is the same wherever that content lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TELL = "from anthill import fingerprint; print(fingerprint.digest())"


def told(path: Path) -> str:
    """What the package in a folder tells."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run([sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as its wheel has it: include/ and the closures within."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "plugins/anthill", site / "anthill")
    shutil.copytree(ROOT / "include", site / "anthill/include")
    shutil.copy(ROOT / "dags/closures.yaml", site / "anthill/closures.yaml")
    return site


def test_a_checkout_and_its_wheel_tell_the_same(installed: Path) -> None:
    """Whatever an interpreter left beside the files."""
    (installed / "anthill/__pycache__").mkdir(exist_ok=True)
    (installed / "anthill/__pycache__/x.pyc").write_bytes(b"x")
    (installed / "anthill/include/.x.swp").write_bytes(b"x")
    assert told(installed) == told(ROOT / "plugins")


@pytest.mark.parametrize(
    "name",
    ["catalog.py", "lakehouse/silver.py", "include/datasets/forex.yaml", "include/corrections/x.yaml", "closures.yaml"],
)
def test_a_byte_more_anywhere_is_another(installed: Path, name: str) -> None:
    """In code, declarations, corrections or closures."""
    before, file = told(installed), installed / "anthill" / name
    text = file.read_bytes() if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((text or b"") + b"\n")
    try:
        assert told(installed) != before
    finally:
        file.write_bytes(text) if text is not None else file.unlink()
