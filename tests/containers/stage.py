"""A Dockerfile's first stage without an engine: its own copies and its own `uv sync`, in a folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from local.service import clean_environment
from tests.containers.compose import ROOT
from tests.packages import uv


def copied(text: str) -> set[str]:
    """What is copied from the repository; another stage's files are none of it."""
    return {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE) for name in line.split()}


def sent() -> set[str]:
    """What .dockerignore lets through to an engine."""
    return {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}


def installed(text: str, folder: Path) -> Path:
    """The environment that comes of it; what was copied lies in `opt` beside it."""
    stage, place, venv = text.split("\nFROM ")[1], folder / "opt", folder / "venv"
    env = {**clean_environment(), "UV_PROJECT_ENVIRONMENT": str(venv), "UV_PYTHON": sys.executable}
    for kind, rest in re.findall(r"^(COPY|RUN uv) (.+)$", stage, re.MULTILINE):
        if kind == "COPY":
            *names, to = rest.split()
            for name in names:
                made = place / (to if (ROOT / name).is_dir() else name)
                made.parent.mkdir(parents=True, exist_ok=True)
                (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, made)
        else:
            words = [word for word in rest.split() if word != "--no-cache"]  # layers have no use for it, we have
            subprocess.run([uv(), *words, "--quiet"], cwd=place, env=env, check=True)
    return venv
