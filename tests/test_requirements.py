"""What MWAA installs is what the lock holds, inside MWAA's pins."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def canonical(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def lock() -> dict[str, dict[str, dict]]:
    """The lock's packages by name and version: a package may be locked twice, for two Pythons."""
    packages: dict[str, dict[str, dict]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        packages.setdefault(package["name"], {})[package.get("version", "")] = package
    return packages


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    """MWAA's pins, version by name."""
    lines = re.findall(r"^([A-Za-z0-9][\w.-]*)==(\S+)", (ROOT / "dags/constraints.txt").read_text(), re.MULTILINE)
    return {canonical(name): version for name, version in lines}


@pytest.fixture(scope="module")
def requirements() -> list[tuple[str, str]]:
    """Name and version of each line of requirements.txt."""
    return re.findall(r"^([A-Za-z0-9][\w.-]*)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def mwaa_closure(lock: dict[str, dict[str, dict]]) -> set[str]:
    """What the project's own dependencies need, without what MWAA's image brings: Airflow and its amazon provider."""
    brought = {"apache-airflow", "apache-airflow-providers-amazon"}
    found: set[str] = set()
    package = lock["anthill"]["0.1.0"]
    waiting = [entry["name"] for entry in [*package["dependencies"], *package["dev-dependencies"]["mwaa"]]]
    while waiting:
        name = waiting.pop()
        if name in brought or name in found:
            continue
        found.add(name)
        for package in lock[name].values():
            waiting += [
                entry["name"] for entry in package.get("dependencies", []) if "win32" not in entry.get("marker", "")
            ]
    return found


def test_requirements_and_lock_agree(lock: dict[str, dict[str, dict]], requirements: list[tuple[str, str]]) -> None:
    """Every line is a locked version, and nothing that the package needs on MWAA is left out."""
    for name, version in requirements:
        assert version in lock[name], f"requirements.txt has {name}=={version}, the lock has not: run `make lock`"
    missing = {name for name in mwaa_closure(lock) if "pywin32" not in name} - {name for name, _ in requirements}
    assert not {name for name in missing if "extra" not in name}, f"not in requirements.txt: {missing}; run `make lock`"


def test_everything_locked_is_inside_mwaas_pins(lock: dict[str, dict[str, dict]], pins: dict[str, str]) -> None:
    """On Python 3.12 each package that MWAA pins is locked at that version."""
    off = {name: set(lock[name]) for name in lock.keys() & pins.keys() if pins[name] not in lock[name]}
    assert off == {}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("apache-airflow", "3.3.1"),
        ("apache-airflow-providers-amazon", "9.34.0"),
        ("apache-airflow-providers-databricks", "7.18.1"),
        ("pysail", "0.7.2"),
    ],
)
def test_the_versions_that_mwaa_runs_are_locked(lock: dict[str, dict[str, dict]], name: str, version: str) -> None:
    """These are named in the documentation."""
    assert set(lock[name]) == {version}


def test_the_old_client_is_never_locked(lock: dict[str, dict[str, dict]]) -> None:
    """It cannot live beside the pins: a resolver would take a version of years ago in silence."""
    assert "polygon-api-client" not in lock
    assert "massive" in lock


def test_mwaa_never_sees_the_stand_ins(requirements: list[tuple[str, str]]) -> None:
    """The local group stays local."""
    local = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["local"]
    names = {canonical(re.split(r"[<>=\[]", entry)[0]) for entry in local} - {
        "numpy",
        "pyarrow",
        "asyncpg",
        "psycopg2-binary",
    }  # providers need these
    assert not names & {name for name, _ in requirements}


def test_every_requirement_has_its_hashes() -> None:
    """A file that is not the one which was locked is refused by pip."""
    text = (ROOT / "requirements.txt").read_text()
    for block in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
        assert "--hash=sha256:" in block, block
    assert '--constraint "/usr/local/airflow/dags/constraints.txt"' in text
