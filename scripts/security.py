"""Scan Terraform, dependencies, the tree for secrets, and workflows: `make security`.

What this machine lacks the means for is named and does not fail, unless `--complete` asks for everything, as CI does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts import workflow
from terraform import check

ROOT = Path(__file__).parents[1]
UV = os.environ.get("UV", "uv")
# renovate: datasource=pypi depName=pip-audit
PIP_AUDIT = "pip-audit==2.10.1"


class NotHereError(RuntimeError):
    """This machine has no means for a scan."""


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a scanner."""
    return subprocess.run(command, cwd=cwd or ROOT, capture_output=True, text=True, check=False)


def terraform() -> Iterator[str]:
    """What checkov finds, with each environment's own values."""
    scanner = check.checkov()
    if scanner is None:
        raise NotHereError(f"checkov: neither on PATH nor to be fetched ({check.CHECKOV})")
    for scan in check.checkov_checks(scanner):
        done = run(*scan.command, cwd=check.TREE / scan.folder)
        if done.returncode:
            yield f"{scan.folder}:\n{done.stdout or done.stderr}"


def dependencies() -> Iterator[str]:
    """Known vulnerabilities of everything in the lock, tools included."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        exported = run(
            UV, "export", "--frozen", "--quiet", "--all-groups", "--no-emit-project", "--no-hashes", "--no-header"
        )
        if exported.returncode:
            raise RuntimeError(exported.stderr)
        file.write(exported.stdout)
        file.flush()
        tool = (UV, "tool", "run", "--quiet", "--from", PIP_AUDIT, "pip-audit")
        done = run(
            *tool,
            "--requirement",
            file.name,
            "--disable-pip",
            "--no-deps",
            "--format",
            "json",
            "--progress-spinner=off",
        )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        said = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        raise NotHereError(f"pip-audit: {said}") from None
    for dependency in found:
        for known in dependency.get("vulns", []):
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            yield f"{dependency['name']} {dependency['version']}: {known['id']}, fixed in {fixed}"
    if skipped := [dependency["name"] for dependency in found if "skip_reason" in dependency]:
        raise NotHereError(
            f"pip-audit: the vulnerability service does not know {len(skipped)} of {len(found)} packages"
        )


def secrets() -> Iterator[str]:
    """What looks like a secret and is not in the audited `.secrets.baseline`."""
    files = run("git", "ls-files", "-z").stdout.split("\0")
    kept = [file for file in files if file and (ROOT / file).is_file() and not (ROOT / file).is_symlink()]
    with tempfile.TemporaryDirectory() as folder:
        # The scanner writes lines that have moved into its baseline, and says 3: no finding.
        baseline = shutil.copy(ROOT / ".secrets.baseline", folder)
        done = run(f"{sys.prefix}/bin/detect-secrets-hook", "--baseline", str(baseline), *kept)
    if done.returncode not in (0, 3):
        yield f"{done.stdout}{done.stderr}"


def workflows() -> Iterator[str]:
    """What zizmor finds in the workflows; with a token it also asks GitHub whether pins are what their comments say."""
    offline = () if os.environ.get("GH_TOKEN") else ("--offline",)
    done = run(f"{sys.prefix}/bin/zizmor", "--no-progress", *offline, ".github")
    if done.returncode:
        yield f"{done.stdout}{done.stderr}"


SCANS: dict[str, Callable[[], Iterator[str]]] = {
    "terraform": terraform,
    "dependencies": dependencies,
    "secrets": secrets,
    "workflows": workflows,
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 only if everything that was scanned is clean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scans", nargs="*", metavar="scan", help=f"some of {', '.join(SCANS)}; all without any")
    parser.add_argument("--complete", action="store_true", help="fail where a scan cannot be made on this machine")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.scans) - SCANS.keys():
        parser.error(f"no such scan: {', '.join(unknown)}; there are {', '.join(SCANS)}")
    lines, failed = ["| scan | found |", "| --- | --- |"], []
    for name in asked.scans or SCANS:
        findings: list[str] = []
        verdict = ""
        try:
            for finding in SCANS[name]():
                findings.append(finding)
        except NotHereError as error:
            verdict = f"; not checked here: {error}"
            failed += [f"{name}: {error}"] if asked.complete else []
        lines.append(f"| {name} | {len(findings) or ('nothing' if not verdict else 'none')}{verdict} |")
        failed += [f"{name}: {finding}" for finding in findings]
    workflow.summary("\n".join(lines))
    return workflow.fail("\n".join(failed)) if failed else 0


if __name__ == "__main__":
    sys.exit(main())
