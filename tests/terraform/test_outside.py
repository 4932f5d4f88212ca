"""Modules are for others too: each example is a root of somebody else's, outside the tree."""

import re
import shutil
from pathlib import Path

import pytest

from terraform.providers import TREE, Providers, required
from tests.by_name import long_but

EXAMPLES = sorted(path.parent for path in TREE.glob("modules/*/examples/*/main.tf"))
# Zones, schemas, environments and a name of ours: whoever has none of them is not to meet one.
OURS = re.compile(r"\b(bronze|silver|gold|documents|artifacts|polygon|sandbox|staging|anthill)\b")


def needed(module: str) -> set[str]:
    """The module and those that it calls."""
    text = "".join(file.read_text() for file in (TREE / "modules" / module).glob("*.tf"))
    return {module}.union(*(needed(called) for called in re.findall(r'source\s*= "\.\./([\w-]+)"', text)))


def moved(example: Path, place: Path) -> Path:
    """The example as somebody else's root, which has copied what it calls to a folder of its own."""
    module = example.parents[1].name
    for name in needed(module):
        copied = shutil.ignore_patterns(".terraform*", "examples", "tests", "mocks", "README.md")
        shutil.copytree(TREE / "modules" / name, place / "vendored" / name, ignore=copied)
    root = place / "theirs" / "stack"
    shutil.copytree(example, root, ignore=shutil.ignore_patterns(".terraform*"))
    text = (root / "main.tf").read_text()
    assert 'source = "../.."' in text
    (root / "main.tf").write_text(text.replace('"../.."', f'"../../vendored/{module}"'))
    return root


def planned_by_mocks(root: Path) -> None:
    """A test of that root that plans it; nobody is asked."""
    shutil.copytree(TREE / "modules/environment/mocks", root / "mocks")
    aliases = re.findall(r'^provider "(\w+)" \{(?:\n  alias += "(\w+)")?', (root / "main.tf").read_text(), re.MULTILINE)
    aliases += [("time", "")] if "hashicorp/time" in required(root) else []
    mocks = "".join(
        f'mock_provider "{name}" {{\n'
        + (f'  alias = "{alias}"\n' if alias else "")
        + (f'  source = "./mocks/{name}"\n' if name != "time" else "")
        + "}\n"
        for name, alias in aliases
    )
    (root / "tests").mkdir()
    (root / "tests/plan.tftest.hcl").write_text(f'{mocks}run "it" {{\n  command = plan\n}}\n')


@pytest.mark.parametrize("example", long_but(EXAMPLES[0], EXAMPLES), ids=lambda path: "/".join(path.parts[-3::2]))
def test_an_example_is_planned_outside_the_tree(tmp_path: Path, providers: Providers, example: Path) -> None:
    """With copies of the module and of what that calls, and nothing else of the tree, it is valid and planned."""
    if lacking := providers.lacking(example):
        pytest.skip(f"{', '.join(sorted(lacking))} cannot be had")
    root = moved(example, tmp_path)
    done = providers.run(root, providers.command("validate"))
    assert done.returncode == 0, done.stdout + done.stderr
    planned_by_mocks(root)
    done = providers.run(root, providers.command("test", "-verbose"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 0 failed" in done.stdout
    if example.name == "weather":
        # Addresses within the module are its own: what they are called is in nobody's account.
        values = re.sub(r"^ +(?:# |\+ resource ).*", "", done.stdout, flags=re.MULTILINE)
        assert sorted(set(OURS.findall(values))) == []
