"""`make terraform-lock`: a lock file a root, with the builds of its providers for every platform that people work on.

A plan is applied by the builds that made it; without the file the apply could take newer ones, and be refused.
"""
# ruff: noqa: S603 - starts terraform with arguments of its own

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from terraform.providers import TREE
from terraform.root import folders

FILE = ".terraform.lock.hcl"
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")


def locked(tree: Path = TREE) -> list[Path]:
    """The folders that Terraform is initialised in: what there is once (a team on its own may have neither), stacks."""
    once = [tree / name for name in ("bootstrap", "account") if (tree / name).exists()]
    return [*once, *folders(tree)]


def refusals(folders: list[Path]) -> list[str]:
    """A sentence for each root without a lock file."""
    return [
        f"{folder / FILE} is not there: run `make terraform-lock` where a registry is reached, and commit the file"
        for folder in folders
        if not (folder / FILE).exists()
    ]


def lock(folder: Path, *options: str) -> None:
    """Write one root's lock file; CalledProcessError with what Terraform said."""
    with tempfile.TemporaryDirectory(prefix="anthill-lock-") as data:
        surroundings = {**os.environ, "TF_DATA_DIR": data, "CHECKPOINT_DISABLE": "1"}
        for command in (["get"], ["providers", "lock", *(f"-platform={each}" for each in PLATFORMS), *options]):
            terraform = ["terraform", f"-chdir={folder}", *command, "-no-color"]
            subprocess.run(terraform, env=surroundings, check=True, capture_output=True, text=True)


def main(tree: Path = TREE) -> int:
    """Exit code 0 when every root is locked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", metavar="URL", help="a network mirror of providers in the place of their registry")
    parser.add_argument(
        "--upgrade", action="store_true", help="the newest that versions.tf allows, and not what is locked"
    )
    asked = parser.parse_args()
    for folder in locked(tree):
        if asked.upgrade:
            (folder / FILE).unlink(missing_ok=True)
        try:
            lock(folder, *([f"-net-mirror={asked.mirror}"] if asked.mirror else []))
        except subprocess.CalledProcessError as error:
            print(f"{folder.relative_to(tree)}: {error.stderr or error.stdout}", file=sys.stderr)
            return 1
        print(f"{folder.relative_to(tree)}: locked", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
