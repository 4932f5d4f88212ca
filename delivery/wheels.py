"""The wheels of requirements.txt inside plugins.zip, for an MWAA that reaches no index: `make package WHEELS=1`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from delivery.errors import DeliveryError

FOLDER = "wheels/"  # in plugins.zip
THERE = f"/usr/local/airflow/plugins/{FOLDER.rstrip('/')}"
OFFLINE = f"--no-index\n--find-links {THERE}\n"
# What MWAA's image runs: Amazon Linux 2023, whose glibc is 2.34.
PYTHON = "3.12"
PLATFORMS = tuple(f"manylinux{it}_x86_64" for it in ("_2_34", "_2_28", "_2_27", "_2_24", "_2_17", "2014", "_2_5", "1"))
PIP = ("download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:")


def python() -> str:
    """A Python of MWAA's version, as uv takes it: this one where it is."""
    return sys.executable if sys.version_info[:2] == tuple(map(int, PYTHON.split("."))) else PYTHON


def offline(requirements: str) -> str:
    """The same requirements, installed from the package alone."""
    return OFFLINE + requirements


def is_offline(requirements: str) -> bool:
    """Whether they are installed from the package alone."""
    return requirements.startswith(OFFLINE)


def fetched(requirements: str, uv: str) -> Mapping[str, bytes]:
    """Each requirement's wheel for MWAA by its place in plugins.zip, as uv.lock has its hash; pip fetches them."""
    kept = "".join(line for line in requirements.splitlines(keepends=True) if not line.startswith("--constraint"))
    with tempfile.TemporaryDirectory(prefix="anthill-wheels-") as scratch:
        asked, into = Path(scratch) / "requirements.txt", Path(scratch) / "wheels"
        asked.write_text(kept)
        platforms = [word for each in PLATFORMS for word in ("--platform", each)]
        abis = [word for each in ("cp312", "abi3", "none") for word in ("--abi", each)]
        # Markers are those of the Python that runs pip: MWAA's.
        command = [uv, "tool", "run", "--quiet", "--python", python(), "--from", "pip", "pip", *PIP]
        command += ["--python-version", PYTHON, "--implementation", "cp", *abis, *platforms]
        command += ["--requirement", str(asked), "--dest", str(into)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise DeliveryError(f"uv, which starts pip, cannot be run: {error}") from None
        if done.returncode:
            raise DeliveryError(f"pip could not fetch the wheels:\n{(done.stdout + done.stderr).strip()[-2000:]}")
        return {f"{FOLDER}{file.name}": file.read_bytes() for file in sorted(into.iterdir())}
