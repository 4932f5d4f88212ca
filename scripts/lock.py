"""Resolve uv.lock inside MWAA's pins and write what MWAA installs: `make lock`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYPROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "uv.lock"
PINS = ROOT / "dags" / "constraints.txt"
REQUIREMENTS = ROOT / "requirements.txt"
UV = sys.argv[sys.argv.index("--uv") + 1] if "--uv" in sys.argv else "uv"
BEGIN, END = "# begin: MWAA's pins, written by `make lock`\n", "# end: MWAA's pins\n"

# numpy's pin needs Python 3.12, which MWAA runs; a laptop on 3.11 takes the newest that fits.
MARKERS = {"numpy": "python_version >= '3.12'"}


def pins(names: set[str] | None = None) -> list[str]:
    """MWAA's pins as uv constraints, of the packages in `names` only when given."""
    lines = [line.strip() for line in PINS.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
    kept = []
    for line in lines:
        name = re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        if names is None or name in names:
            kept.append(f"{line}; {MARKERS[name]}" if name in MARKERS else line)
    return kept


def write_pins(constraints: list[str]) -> None:
    """Put the constraints between their two marks in pyproject.toml."""
    before, rest = PYPROJECT.read_text().split(BEGIN)
    after = rest.split(END)[1]
    block = "constraint-dependencies = [\n" + "".join(f'    "{pin}",\n' for pin in constraints) + "]\n"
    PYPROJECT.write_text(before + BEGIN + block + END + after)


def locked_names() -> set[str]:
    """The names of all packages in uv.lock."""
    return set(re.findall(r'^name = "([^"]+)"', LOCK.read_text(), re.MULTILINE))


def uv(*arguments: str) -> str:
    """Run uv in the project and return what it prints."""
    command = [UV, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def requirements() -> str:
    """The text of requirements.txt: the locked packages that MWAA's image does not bring itself."""
    exported = uv(
        "export", "--frozen", "--quiet", "--no-header", "--no-annotate", "--no-default-groups", "--group", "mwaa",
        "--no-emit-project",
        "--prune", "apache-airflow", "--prune", "apache-airflow-providers-amazon",
    )  # fmt: skip
    return (
        "# What MWAA installs beside its own image. Written by `make lock` from uv.lock: do not edit.\n"
        '--constraint "/usr/local/airflow/dags/constraints.txt"\n' + exported
    )


def main() -> None:
    """Resolve with every pin, then keep the pins of the packages that are in the lock."""
    write_pins(pins())
    uv("lock")
    write_pins(pins(locked_names()))
    uv("lock")
    REQUIREMENTS.write_text(requirements())


if __name__ == "__main__":
    main()
