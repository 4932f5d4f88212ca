"""`make terraform-check`: format, READMEs, policies, every .tftest.hcl, checkov; all without AWS or Databricks.

What this machine lacks the means for is named and does not fail, unless `--complete` asks for everything.
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
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from terraform import policies
from terraform.providers import NO_TERRAFORM, TREE, Providers, find, required
from terraform.root import PROJECT, TEAMS, VALUES, environments, folders, projects

# A tool of its own environment: its pins and Airflow's exclude each other.
# renovate: datasource=pypi depName=checkov
CHECKOV = "checkov==3.3.30"


@dataclass(frozen=True)
class Check:
    """One command in one folder under terraform/, about how long it takes, for which environment (and its project)."""

    kind: str
    folder: str
    command: tuple[str, ...]
    weight: int
    environment: str = ""


def roots() -> list[str]:
    """Every folder that Terraform is started in: stacks, bootstrap, account, and every example."""
    found = [TREE / "bootstrap", TREE / "account", *(path.parent for path in TREE.glob("modules/*/examples/*/main.tf"))]
    return sorted(str(path.relative_to(TREE)) for path in [*found, *folders(TREE)])


def tested() -> list[str]:
    """Every folder with tests: stacks, modules, bootstrap, account."""
    found = [TREE / "bootstrap", TREE / "account", *(path.parent for path in TREE.glob("modules/*/tests"))]
    found += [folder for folder in folders(TREE) if (folder / "tests").exists()]
    return sorted(str(path.relative_to(TREE)) for path in found)


def given(folder: str) -> list[tuple[str, list[str]]]:
    """Names and options of a folder's tests: a stack's once an environment, a project's once a project, others once."""
    if folder.split("/")[0] not in TEAMS:
        return [("", [])]
    shared = {environment: f"-var-file=../../environments/{environment}/{VALUES}" for environment in environments()}
    if folder != PROJECT:
        return [(environment, [values]) for environment, values in shared.items()]
    return [
        (f"{environment}/{name}", [values, f"-var-file=projects/{environment}/{name}.tfvars", f"-var=project={name}"])
        for environment, values in shared.items()
        for name in projects(environment, TREE)
    ]


def terraform_checks(providers: Providers) -> tuple[list[Check], list[str]]:
    """What Terraform checks here, and the folders whose providers this machine lacks.

    A test plans its root and so validates it: `terraform validate` is left for roots without tests, the examples.
    A stack is planned with the values of each environment, a project with its own.
    """
    found, lacking = [], []
    for kind, places in (("test", tested()), ("validate", sorted(set(roots()) - set(tested())))):
        for folder in places:
            if providers.lacking(TREE / folder):
                lacking.append(folder)
                continue
            runs = sum(file.read_text().count('\nrun "') for file in (TREE / folder).glob("tests/*.tftest.hcl"))
            weight = max(runs, 1) * len(required(TREE / folder)) if kind == "test" else 1
            for environment, values in given(folder):
                options = values if kind == "test" else []
                found.append(Check(kind, folder, providers.command(kind, *options), weight, environment))
    return found, lacking


def checkov() -> tuple[str, ...] | None:
    """The scanner as CHECKOV names it, from PATH, or fetched by uv; None where it cannot be had."""
    if own := shutil.which(os.environ.get("CHECKOV", "checkov")):
        return (own,)
    through = (os.environ.get("UV", "uv"), "tool", "run", "--quiet", "--from", CHECKOV)
    try:
        fetched = subprocess.run([*through, "python", "-c", ""], capture_output=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (*through, "checkov") if fetched.returncode == 0 else None


def checkov_checks(command: tuple[str, ...]) -> Iterator[Check]:
    """One scan an environment, of every stack with its values."""
    options = ("--framework", "terraform", "--compact", "--quiet", "--skip-download")
    yield Check("checkov", "bootstrap", (*command, *options, "-d", "."), 30)
    for environment in environments():
        values = ("--var-file", f"environments/{environment}/{VALUES}")
        folders = [word for team in TEAMS for word in ("-d", team)]
        yield Check("checkov", ".", (*command, *options, *folders, *values), 30, environment)


def planned(providers: Providers | None, scanner: tuple[str, ...] | None) -> tuple[list[Check], list[str]]:
    """What is to be run here, the longest first, and what cannot be checked here, in sentences."""
    checks: list[Check] = []
    undone = []
    if providers is None:
        undone.append(f"terraform: format, validate and tests: {NO_TERRAFORM}")
    else:
        checks, lacking = terraform_checks(providers)
        if lacking:
            # Terraform is there and cannot have these: what the line begins with is what is not.
            names = f"providers {', '.join(sorted(providers.missing))}"
            folders = f"{len(lacking)} folders that need them: {', '.join(sorted(set(lacking)))}"
            undone.append(f"{names} cannot be had: validate and tests of {folders}")
        if policies.lacking(providers):
            undone.append(f"{policies.FILE.name}: its stacks need {', '.join(sorted(policies.lacking(providers)))}")
    if scanner is None:
        undone.append(f"checkov: neither on PATH nor to be fetched ({CHECKOV}, by uv from PyPI)")
    else:
        checks += checkov_checks(scanner)
    return sorted(checks, key=lambda check: -check.weight), undone


def copied(scratch: Path) -> Path:
    """A copy of the tree, for Terraform leaves its folders where it works; stacks read what is declared beside it."""
    ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
    (scratch / "include").symlink_to(TREE.parent / "include")
    return Path(shutil.copytree(TREE, scratch / "terraform", symlinks=True, ignore=ignored))


def run(check: Check, tree: Path, providers: Providers) -> str:
    """Run one check in a copy of the tree; an empty string where it passed, else its output."""
    # Environments are checked side by side in one folder.
    data = tree / ".terraform.data" / check.environment / check.folder if check.environment else None
    done = providers.run(tree / check.folder, check.command, data)
    name = " ".join(filter(None, (check.kind, check.folder, check.environment)))
    return "" if done.returncode == 0 else f"--- {name}\n{done.stdout}{done.stderr}"


def formatted(providers: Providers | None) -> list[str]:
    """What is wrong with the form of the code and of the modules' READMEs."""
    commands = [[sys.executable, str(TREE / "readme.py"), "--check"]]
    if providers:
        commands.append(["terraform", "fmt", "-check", "-recursive", "-no-color", str(TREE)])
    done = [subprocess.run(command, capture_output=True, text=True, check=False) for command in commands]
    return [each.stdout + each.stderr for each in done if each.returncode]


def main() -> int:
    """Exit code 0 only if everything that was checked passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--complete", action="store_true", help="fail where anything cannot be checked on this machine")
    complete = parser.parse_args().complete
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anthill-terraform-check-") as temporary:
        scratch = Path(temporary)
        providers = find(scratch)
        print(f"providers: {providers.told if providers else NO_TERRAFORM}", flush=True)
        checks, undone = planned(providers, checkov())
        failed, tree, environment = formatted(providers), copied(scratch), providers or Providers("")
        with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            failed += [said for said in pool.map(lambda check: run(check, tree, environment), checks) if said]
        if providers and not policies.lacking(providers):
            failed += policies.wrong(providers, tree)
    counts = Counter(check.kind for check in checks)
    print(
        ", ".join(f"{kind}: {count} folders" for kind, count in sorted(counts.items())) or "nothing scanned or planned"
    )
    for line in (*failed, *(f"not checked here: {what}" for what in undone)):
        print(line)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    verdict = f"failed: {len(failed)}" if failed else "all passed but what is named above" if undone else "all passed"
    print(f"{verdict}, {time.monotonic() - start:.0f} s, {used.ru_utime + used.ru_stime:.0f} CPU seconds")
    return 1 if failed or (complete and undone) else 0


if __name__ == "__main__":
    sys.exit(main())
