"""Code blocks of the documentation: what can run here runs, and what needs a stack or a cloud is read for its targets.

`sh` and `python` are executed, `yaml` and `json` parsed, a dataset's example is loaded as a declaration. `console` and
blocks without a language need a running stack, a cloud or minutes: each command's syntax, target and file is checked.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import yaml

from anthill import catalog

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "local/polygon/README.md"])
BLOCK = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
FOLLOWED = {ROOT / "docs/how-to/add-a-table.md"}  # from step to step, by a test of its own
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """All blocks of these languages."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            line = text[: match.start()].count("\n") + 1
            found.append(Block(page, line, match[2], textwrap.dedent(match[3])))
    return [block for block in found if block.language in languages]


@pytest.mark.parametrize("block", [block for block in blocks("python") if block.page not in FOLLOWED], ids=str)
def test_python_runs(block: Block) -> None:
    """With the package at hand, in a process of its own."""
    command = [sys.executable, "-c", block.text]
    environment = {"PYTHONPATH": f"{ROOT}/plugins", "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_shell_runs(block: Block) -> None:
    """In the repository, as a reader would; the first command that fails ends it."""
    if not (ROOT / ".venv").exists():
        pytest.skip("this environment is not the repository's own")
    done = subprocess.run(["sh", "-ec", block.text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("console", ""), ids=str)
def test_commands_are_what_there_is(block: Block) -> None:
    """Their syntax is a shell's, their targets are in the Makefile, the repository's files are there."""
    told = any(line.startswith("$ ") for line in block.text.splitlines())  # with its output
    lines = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ") or not told]
    for target in re.findall(r"\bmake ([a-z-]+)", "\n".join(lines)):
        assert target in TARGETS, target
    for module in re.findall(r"python -m ((?:terraform|local|scripts)[\w.]*)", "\n".join(lines)):
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
    if block.language == "console":
        checked = subprocess.run(["sh", "-nc", "\n".join(lines)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("block", blocks("yaml", "json"), ids=str)
def test_data_is_data(block: Block) -> None:
    """It parses."""
    assert msgspec.yaml.decode(block.text) if block.language == "yaml" else json.loads(block.text)


def test_the_example_of_a_dataset_is_one(tmp_path: Path) -> None:
    """The entry of *Add a dataset*, put into the file that it names, is a declaration that loads."""
    page = ROOT / "docs/add-a-dataset.md"
    example, held_to = (block for block in blocks("yaml") if block.page == page)
    file = tmp_path / "stocks.yaml"
    shutil.copy(ROOT / "include/datasets/stocks.yaml", file)
    document = msgspec.yaml.decode(file.read_text())
    (name,) = added = msgspec.yaml.decode(example.text)
    added[name] |= msgspec.yaml.decode(held_to.text)
    document["datasets"] = {key: value for key, value in document["datasets"].items() if key != name} | added
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    loaded = catalog.parse(file).datasets[name]
    assert loaded.key == ("ticker",)
    assert loaded.columns == tuple(added[name]["fields"].values())
    assert "within_total" in loaded.expectations


def test_targets_named_in_prose_exist() -> None:
    """`make something` anywhere in a page is a target."""
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text()):
            assert target in TARGETS, f"{page}: make {target}"
