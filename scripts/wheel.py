"""Build the wheel, install it where nothing else is, and see that it works there; `--tag` must name its version.

`--content` builds the bundle's: its version tells its content, for serverless keeps a wheel whose version it knows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from anthill import fingerprint
from scripts import workflow

ROOT = Path(__file__).parents[1]
UV = os.environ.get("UV", "uv")
# What Databricks imports, and what must have come along: there is no Airflow, and no repository.
LOOK = """
import importlib, pkgutil, sys
from importlib.metadata import version
import anthill, anthill.lakehouse
from anthill import catalog, include
airflows = {f"anthill.lakehouse.{name}" for name in ("load_cuts", "load_editions", "load_silver", "operator", "trial")}
for module in pkgutil.iter_modules(anthill.lakehouse.__path__, "anthill.lakehouse."):
    if module.name not in airflows:
        importlib.import_module(module.name)
assert "airflow" not in sys.modules, "the Spark side imports Airflow"
declared = [catalog.load(name) for name in catalog.asset_classes()]
sql = list((include.include_dir() / "sql").rglob("*.sql"))
assert include.include_dir().is_relative_to(sys.prefix), f"include/ comes from {include.include_dir()}"
print(version("anthill"), len(declared), sum(len(d.datasets) for d in declared), len(sql))
"""


class WheelError(RuntimeError):
    """The wheel is not what its tag, or Databricks, takes it for."""


def version() -> str:
    """The version that pyproject.toml declares."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def build(into: Path, root: Path = ROOT, epoch: str = "") -> Path:
    """Build the one wheel; the same commit gives the same bytes."""
    for earlier in into.glob("anthill-*.whl"):
        earlier.unlink()
    epoch = epoch or _run(["git", "log", "-1", "--format=%ct"], cwd=root).strip()
    _run([UV, "build", "--wheel", "--quiet", "--out-dir", str(into)], cwd=root, SOURCE_DATE_EPOCH=epoch)
    (wheel,) = into.glob("anthill-*.whl")
    return wheel


def build_content(into: Path) -> Path:
    """Build the wheel of this tree as `<version>+<digest>`; what was not committed counts, too."""
    declared, told = version(), f"{version()}+{fingerprint.digest()[:12]}"
    with tempfile.TemporaryDirectory(prefix="anthill-content-") as folder:
        tree = Path(folder)
        for name in ("plugins/anthill", "include"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        for name in ("dags/closures.yaml", "README.md", "LICENSE"):
            (tree / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
        text = (ROOT / "pyproject.toml").read_text()
        (tree / "pyproject.toml").write_text(text.replace(f'version = "{declared}"', f'version = "{told}"', 1))
        return build(into.resolve(), tree, "315532800")  # 1980, the first year of a zip


def check(wheel: Path) -> str:
    """Install the wheel alone into a new environment and use it there; version, asset classes, datasets, SQL files."""
    with tempfile.TemporaryDirectory(prefix="anthill-wheel-") as folder:
        _run([UV, "venv", "--quiet", "--python", sys.executable, f"{folder}/venv"])
        python = f"{folder}/venv/bin/python"
        _run([UV, "pip", "install", "--quiet", "--python", python, str(wheel.resolve())])
        return _run([python, "-I", "-c", LOOK], cwd=Path(folder)).strip()


def _run(command: list[str], cwd: Path = ROOT, **environment: str) -> str:
    given = {**os.environ, **environment}
    done = subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WheelError(f"{' '.join(command[:3])}: exit {done.returncode}\n{done.stderr or done.stdout}")
    return done.stdout


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when the wheel is there and works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=Path("dist"), help="folder of the wheel")
    parser.add_argument("--content", action="store_true", help="the bundle's wheel: build it and no more")
    parser.add_argument("--tag", default="", help="the release's tag: v and the version")
    asked = parser.parse_args(arguments)
    try:
        if asked.content:
            print(build_content(asked.into).name)
            return 0
        if asked.tag and asked.tag != f"v{version()}":
            raise WheelError(f"the tag is {asked.tag}, and pyproject.toml says {version()}: correct one of them.")
        wheel = build(asked.into)
        found, classes, datasets, sql = check(wheel).split()
        if found != version():
            raise WheelError(f"{wheel} says it is {found}, and pyproject.toml says {version()}.")
    except WheelError as error:
        return workflow.fail(str(error))
    told = f"{classes} asset classes, {datasets} datasets, {sql} SQL files"
    workflow.summary(f"`{wheel.name}`, {wheel.stat().st_size:,} bytes, works where nothing else is installed: {told}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
