"""The package: what MWAA takes and nothing else, the same bytes wherever and whenever it is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from delivery import package
from delivery.archive import unzipped, zipped
from delivery.artefacts import Artefacts, sha256
from delivery.checkout import Checkout
from delivery.errors import DeliveryError, RefusedError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same commit checked out at two places, with other times and modes."""
    made = []
    for name, umask in (("one", 0o022), ("another/and/deeper", 0o077)):
        place = tmp_path_factory.mktemp("clones") / name
        command = f'umask {umask:o} && git clone -q "{ROOT}" "{place}"'
        subprocess.run(["sh", "-c", command], check=True)
        made.append(place)
    for path in made[1].rglob("*"):
        if path.is_file():
            os.utime(path, (1, 1))
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this checkout."""
    out = tmp_path_factory.mktemp("package") / "mwaa"
    package.build(Checkout(ROOT), out)
    return out


def test_the_same_commit_makes_the_same_bytes(clones: list[Path]) -> None:
    """Twice in one checkout, and in another at another path with other times, modes and leftovers."""
    (clones[1] / "plugins/anthill/__pycache__").mkdir(exist_ok=True)
    (clones[1] / "plugins/anthill/__pycache__/left.pyc").write_bytes(b"left")
    one, again, other = (package.contents(Checkout(place)) for place in (clones[0], clones[0], clones[1]))
    assert one == again == other


def test_exactly_what_mwaa_takes(built: Path) -> None:
    """The folder's files; plugins.zip holds the package and include/, and every file of both that git knows.

    But for corrections: only the jobs read them, and no environment is updated for one.
    """
    assert {path.name for path in built.iterdir()} == {
        "dags", "plugins.zip", "requirements.txt", "startup.sh", "manifest.json",
    }  # fmt: skip
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "dags", "plugins", "include"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    with zipfile.ZipFile(built / "plugins.zip") as archive:
        inside = archive.namelist()
    expected = {
        name.removeprefix("plugins/") for name in tracked if not name.startswith(("dags/", "include/corrections/"))
    }
    assert set(inside) == expected
    assert len(inside) == len(expected)
    assert {str(path.relative_to(built)) for path in (built / "dags").rglob("*")} == {
        name for name in tracked if name.startswith("dags/")
    }
    assert {"anthill/plugin.py", "include/pools.json", ".airflowignore"} <= expected


def test_the_manifest_says_what_is_there(built: Path) -> None:
    """Checksums, commit, DAGs and pools; a file that was changed since is noticed."""
    document = json.loads((built / "manifest.json").read_text())
    assert document["commit"] == Checkout(ROOT).commit()
    assert {"stocks", "options", "forex", "crypto", "indices", "market_backfill"} <= set(document["dags"])
    assert document["pools"] == json.loads((ROOT / "include/pools.json").read_text())
    found = Artefacts.packed(built)
    assert found.files == {key: sha256((built / key).read_bytes()) for key in document["files"]}
    copy = built.with_name("copy")
    shutil.copytree(built, copy)
    (copy / "startup.sh").write_text("exit 1\n")
    with pytest.raises(DeliveryError, match=r"startup\.sh is not what manifest\.json says"):
        Artefacts.packed(copy)


def test_no_package_is_a_message(tmp_path: Path) -> None:
    """It names the command that makes one."""
    with pytest.raises(DeliveryError, match=f"make package OUT={tmp_path}"):
        Artefacts.packed(tmp_path)


def test_a_refused_package_leaves_the_former(built: Path, tmp_path: Path) -> None:
    """A file that is named like a package in plugins/ is refused, and nothing of the former package is touched."""
    place = tmp_path / "checkout"
    for name in ("requirements.txt", "dags/constraints.txt", "delivery/startup.sh", "plugins/anthill/__init__.py"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / name)
    (place / "dags/anthill.py").write_text("# airflow dag\n")
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    out = tmp_path / "mwaa"
    shutil.copytree(built, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(RefusedError, match="both have anthill"):
        package.build(Checkout(place), out)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_changes_that_no_commit_has_are_told(clones: list[Path], tmp_path: Path) -> None:
    """Of delivered files only."""
    place = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(clones[0]), str(place)], check=True)
    (place / "README.md").write_text("other")
    assert not Checkout(place).changed()
    (place / "include/sql/new.sql").write_text("SELECT 1")
    assert Checkout(place).changed()
    assert "sql/new.sql" in Checkout(place).files("include")


def test_an_archive_is_read_back() -> None:
    """Whatever the order of its files, it has the same bytes."""
    files = {"b.py": b"2", "a/é.sql": "é".encode(), ".airflowignore": b""}
    assert zipped(files) == zipped(dict(reversed(files.items())))
    assert unzipped(zipped(files)) == files
