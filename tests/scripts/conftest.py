"""Commands as scripts on PATH: each call is written down, and answered from files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """#!/usr/bin/env python3
import json, os, re, sys
folder = {folder!r}
given = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
with open(f"{{folder}}/calls.jsonl", "a") as calls:
    named = {{name: value for name, value in os.environ.items() if name.startswith("DATABRICKS_")}}
    calls.write(json.dumps([sys.argv[1:], given, named]) + "\\n")
with open(f"{{folder}}/answers.json") as answers:
    for pattern, code, text in json.load(answers):
        if re.search(pattern, " ".join(sys.argv[1:])):
            print(text, end="", file=sys.stderr if code else sys.stdout)
            sys.exit(code)
sys.exit(f"{{sys.argv[0]}}: nobody wrote down what it answers to {{sys.argv[1:]}}")
"""


@dataclass
class Scripted:
    """A command whose answers a test gives: the first pattern that the arguments match."""

    folder: Path

    def answers(self, *answers: tuple[str, int, str]) -> None:
        """Pattern, exit code and what is printed."""
        (self.folder / "answers.json").write_text(json.dumps(answers))
        (self.folder / "calls.jsonl").write_text("")

    @property
    def calls(self) -> list[tuple[list[str], str, dict[str, str]]]:
        """Arguments, standard input and Databricks' variables of each call."""
        return [tuple(json.loads(line)) for line in (self.folder / "calls.jsonl").read_text().splitlines()]

    def called(self, *words: str) -> list[Any]:
        """The calls that begin with these words."""
        return [call for call in self.calls if call[0][: len(words)] == list(words)]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function name → that command, scripted, before all others on PATH."""

    def made(name: str) -> Scripted:
        folder = tmp_path / f"{name}-scripted"
        folder.mkdir()
        (folder / name).write_text(SCRIPT.format(folder=str(folder)))
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return Scripted(folder)

    return made
