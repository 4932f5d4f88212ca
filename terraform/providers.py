"""Where Terraform's providers come from here: schemas of an offline tool, the registry, or a plugin folder."""
# ruff: noqa: S310, S603 - starts terraform and find, and asks the registry, with arguments of its own

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TREE = Path(__file__).parent
REGISTRY = "https://registry.terraform.io"
NO_TERRAFORM = "terraform is not installed: https://developer.hashicorp.com/terraform/install"
# Terraform and its providers decode large schemas again and again: collecting garbage when the heap has grown fivefold,
# and not twofold, spares up to a third of their time.
GARBAGE = 400
_SEARCHED = ("/opt", "/usr/share", "/usr/local", "~/.terraform.d", "~/.local/share/terraform", "/root", "/")


@dataclass(frozen=True)
class Providers:
    """How to run Terraform so that it finds its providers, and the addresses of those that it would not find."""

    told: str
    tool: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    def lacking(self, folder: Path) -> frozenset[str]:
        """What a root or module in `folder` needs and this machine has not."""
        return required(folder) & self.missing

    def command(self, kind: str, *options: str) -> tuple[str, ...]:
        """What validates or tests the folder that it is started in: `kind` is validate or test."""
        if self.tool:
            return str(self.tool), "check" if kind == "validate" else "test", ".", *options
        return "sh", "-c", f'terraform get -no-color >/dev/null && terraform {kind} -no-color "$@"', "sh", *options

    def terraform(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Any Terraform command but `init`, which none needs here."""
        return self.run(folder, [str(self.tool or "terraform"), *arguments])

    def run(self, folder: Path, command: Sequence[str], data: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder so that Terraform finds these providers; `data` is its own folder's place."""
        own = {"PYTHON": sys.executable, "CHECKPOINT_DISABLE": "1", "GOGC": str(GARBAGE), **self.environment}
        own |= {"TF_DATA_DIR": str(data)} if data else {}
        return subprocess.run(
            command, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )


def required(folder: Path) -> frozenset[str]:
    """The providers that the versions.tf of a folder names, such as hashicorp/aws."""
    return frozenset(re.findall(r'source\s*= "([a-z0-9-]+/[a-z0-9-]+)"', (folder / "versions.tf").read_text()))


def find(scratch: Path) -> Providers | None:
    """The best that this machine has; None where it has no Terraform. `scratch` must outlive the answer."""
    if shutil.which("terraform") is None:
        return None
    if tool := offline_tool():
        return Providers("schemas of the offline tool", tool, {"TF_CLI_CONFIG_FILE": os.devnull})
    if folder := fetched(scratch) or plugin_folder():
        return _overriding(folder, scratch)
    return Providers("nowhere: no offline schemas, no registry, no plugin folder", missing=required(TREE))


def offline_tool() -> Path | None:
    """The tool that validates and tests with schemas alone, if this machine has it (ANTHILL_SHARED)."""
    shared = Path(os.environ.get("ANTHILL_SHARED", TREE.parent.parent / "shared"))
    tool = (TREE.parent / shared / "tools/terraform-offline/terraform-offline").resolve()
    return tool if tool.exists() else None


@cache
def plugin_folder() -> Path | None:
    """The machine's folder of real Terraform providers that holds hashicorp/aws 5 or 6, if there is one."""
    for root in _SEARCHED:
        command = [
            "find", str(Path(root).expanduser()), "-xdev", "-name", "terraform-provider-aws_v[56]*", "-print", "-quit",
        ]  # fmt: skip
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
        if found and "registry.terraform.io/hashicorp/aws" in found[0]:
            return Path(found[0]).parents[5]
    return None


@cache
def registry_answers() -> bool:
    """Whether the Terraform registry can be reached from here."""
    try:
        with urllib.request.urlopen(f"{REGISTRY}/.well-known/terraform.json", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def fetched(scratch: Path) -> Path | None:
    """A plugin folder in `scratch` with every provider of versions.tf; None where the registry does not give them."""
    root = scratch / "registry"
    if not registry_answers():
        return None
    if not root.exists():
        root.mkdir()
        shutil.copy(TREE / "versions.tf", root)
        command = ["terraform", "init", "-backend=false", "-input=false", "-no-color"]
        if subprocess.run(command, cwd=root, capture_output=True, check=False).returncode:
            return None
    return root / ".terraform/providers"


def _overriding(folder: Path, scratch: Path) -> Providers:
    """Terraform takes a plugin folder's binaries as they are, with no `init`: the newest of those that are allowed."""
    # <host>/<namespace>/<name>/<version>/<platform>/<binary>
    binaries = folder.glob("registry.terraform.io/*/*/*/*/terraform-provider-*")
    oldest = _oldest()
    found: dict[str, Path] = {}
    for path in sorted(binaries, key=lambda path: _numbers(path.parts[-3])):
        address = "/".join(path.parts[-5:-3])
        if _numbers(path.parts[-3]) >= oldest.get(address, ()):
            found[address] = path.parent
    overrides = "".join(f'    "{address}" = "{path}"\n' for address, path in found.items())
    configuration = scratch / "terraformrc"
    configuration.write_text(f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n")
    versions = ", ".join(f"{address} {path.parent.name}" for address, path in found.items())
    told = f"{folder} ({versions})"
    return Providers(told, None, {"TF_CLI_CONFIG_FILE": str(configuration)}, required(TREE) - found.keys())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _oldest() -> dict[str, tuple[int, ...]]:
    """The oldest version of each provider that versions.tf takes."""
    text = (TREE / "versions.tf").read_text()
    found = re.findall(r'source\s*= "([a-z0-9-]+/[a-z0-9-]+)"\n\s*version\s*= ">= ([\d.]+)', text)
    return {address: _numbers(version) for address, version in found}
