"""`make terraform-check`: format, READMEs, validate, every .tftest.hcl, checkov; all of it without AWS or Databricks.

Schemas come from an offline tool where ANTHILL_SHARED (default ../shared) has one, else from the Terraform registry.
checkov is the command named by CHECKOV (default: the one on PATH); without it that part is skipped, and said so.
"""
# ruff: noqa: S603 - starts commands with arguments of its own

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parent
ENVIRONMENTS = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Check:
    """One command in one folder under terraform/."""

    kind: str
    folder: str
    command: tuple[str, ...]


def offline_tool() -> Path | None:
    """The tool that validates without the registry, if this machine has it."""
    shared = Path(os.environ.get("ANTHILL_SHARED", TREE.parent.parent / "shared"))
    tool = (TREE.parent / shared / "tools/terraform-offline/terraform-offline").resolve()
    return tool if tool.exists() else None


def roots() -> list[str]:
    """Every root with a state of its own, and every example: what `terraform validate` is run on."""
    found = ["bootstrap", *(str(p.parent.relative_to(TREE)) for p in TREE.glob("modules/*/examples/*/main.tf"))]
    found += [
        str(p.parent.relative_to(TREE)) for env in ENVIRONMENTS for p in TREE.glob(f"environments/{env}/*/*/main.tf")
    ]
    return sorted(found)


def tested() -> list[str]:
    """Every folder with tests: modules, bootstrap, and each environment's roots with their own tfvars."""
    found = {p.parent.parent.relative_to(TREE) for p in TREE.glob("modules/*/tests/*.tftest.hcl")} | {Path("bootstrap")}
    found |= {p.parent.relative_to(TREE) for env in ENVIRONMENTS for p in TREE.glob(f"environments/{env}/*/*/tests")}
    return sorted(map(str, found))


def checks(only: str | None = None) -> Iterator[Check]:
    """What is to be run; `only` names one kind: validate, test or checkov."""
    tool = offline_tool()
    for kind, folders in (("validate", roots()), ("test", tested())):
        for folder in folders if only in (None, kind) else ():
            if tool:
                command = (str(tool), "check" if kind == "validate" else "test", ".")
            else:
                command = (
                    "sh",
                    "-c",
                    f"terraform init -backend=false -input=false >/dev/null && terraform {kind} -no-color",
                )
            yield Check(kind, folder, command)
    if checkov := shutil.which(os.environ.get("CHECKOV", "checkov")) if only in (None, "checkov") else None:
        options = ("--framework", "terraform", "--compact", "--quiet", "--skip-download")
        # Each root's own tfvars are read beside its files.
        for folder in ("bootstrap", *(f"environments/{env}" for env in ENVIRONMENTS)):
            yield Check("checkov", folder, (checkov, "-d", ".", *options))


def run(check: Check, tree: Path) -> str:
    """Run one check in a copy of the tree; an empty string where it passed, else its output."""
    environment = {**os.environ, "PYTHON": sys.executable, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        check.command, cwd=tree / check.folder, env=environment, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else f"--- {check.kind} {check.folder}\n{done.stdout}{done.stderr}"


def run_all(only: str | None = None, folders: list[str] | None = None) -> list[str]:
    """Run the checks two at a time in a temporary copy; the outputs of those that failed."""
    todo = [check for check in checks(only) if folders is None or check.folder in folders]
    with tempfile.TemporaryDirectory(prefix="anthill-terraform-check-") as temporary, ThreadPoolExecutor(2) as pool:
        tree = Path(temporary) / "terraform"
        shutil.copytree(TREE, tree, symlinks=True, ignore=shutil.ignore_patterns(".terraform*"))
        return [output for output in pool.map(lambda check: run(check, tree), todo) if output]


def main() -> int:
    """Exit code 0 only if everything passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["validate", "test", "checkov"])
    only = parser.parse_args().only
    start, failed = time.monotonic(), []
    if shutil.which("terraform") is None:
        sys.exit("terraform is not installed: https://developer.hashicorp.com/terraform/install")
    if only is None:
        for command in (
            ["terraform", "fmt", "-check", "-recursive", str(TREE)],
            [sys.executable, str(TREE / "readme.py"), "--check"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            failed += [done.stdout + done.stderr] if done.returncode else []
    for kind in ("validate", "test", "checkov"):
        if only in (None, kind):
            began, count = time.monotonic(), len(list(checks(kind)))
            failed += run_all(kind)
            note = "" if count else " (not on this machine: skipped)"
            print(f"{kind}: {count} folders in {time.monotonic() - began:.0f} s{note}", flush=True)
    print(*failed, sep="\n")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    verdict = f"failed: {len(failed)}" if failed else "all passed"
    print(f"{verdict}, {time.monotonic() - start:.0f} s, {used.ru_utime + used.ru_stime:.0f} CPU seconds")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
