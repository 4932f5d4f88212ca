"""A package that brings its wheels: everything that is installed lies in it, and no index is named or asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from delivery import package, refusals, wheels
from delivery.archive import unzipped
from delivery.checkout import Checkout
from delivery.errors import DeliveryError

ROOT = Path(__file__).parents[2]
REQUIRED = (ROOT / "requirements.txt").read_text()
PINS = dict(re.findall(r"^([\w-]+)==([^\s;]+)", REQUIRED, re.MULTILINE))


def brought(**changes: str | None) -> dict[str, bytes]:
    """A wheel by name for every requirement, some at other versions or left out."""
    versions = PINS | {name.replace("_", "-"): version for name, version in changes.items()}
    return {
        f"wheels/{name.replace('-', '_')}-{version}-py3-none-any.whl": b"x"
        for name, version in versions.items()
        if version
    }


def said(files: dict[str, bytes]) -> list[str]:
    """What is wrong about the requirements of such a package."""
    return list(refusals.requirements(files))


def test_requirements_are_installed_from_the_package_alone() -> None:
    """No index, the folder where MWAA unpacks plugins.zip, and the same pins, hashes and constraint as ever."""
    files = package.contents(Checkout(ROOT), brought())
    lines = files["requirements.txt"].decode().splitlines()
    assert lines[:2] == ["--no-index", "--find-links /usr/local/airflow/plugins/wheels"]
    assert "\n".join(lines[2:]) + "\n" == REQUIRED
    assert brought().items() <= unzipped(files["plugins.zip"]).items()
    assert said(files) == []
    plain = package.contents(Checkout(ROOT))
    assert plain["requirements.txt"].decode() == REQUIRED
    assert unzipped(plain["plugins.zip"]).items() == unzipped(files["plugins.zip"]).items() - brought().items()


def test_a_wheel_that_is_missing_or_another_is_refused() -> None:
    """MWAA would end the installation for good: the package is not made."""
    missing = package.contents(Checkout(ROOT), brought(massive=None))
    assert said(missing) == [
        f"plugins.zip has not the wheels that requirements.txt installs: massive {PINS['massive']}"
    ]
    other = package.contents(Checkout(ROOT), brought(python_dateutil="1.0"))
    assert "python-dateutil 1.0, python-dateutil 2" in said(other)[0]


def test_wheels_have_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of what plugins.zip holds beside them is as before; too much of either is told by its name."""
    files = package.contents(Checkout(ROOT), {**brought()})
    code = len(package.contents(Checkout(ROOT))["plugins.zip"])
    monkeypatch.setitem(refusals.LARGEST, "plugins.zip", code + 100_000)
    assert list(refusals.sizes(files)) == []
    monkeypatch.setattr(refusals, "WHEELS", len(brought()) - 1)
    assert list(refusals.sizes(files)) == [
        f"plugins.zip has {len(brought()):,} bytes of wheels, more than {len(brought()) - 1:,}"
    ]


def test_what_cannot_be_fetched_is_a_message(tmp_path: Path) -> None:
    """The end of what pip said, or that there is no uv to start it."""
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho there is no massive >&2\nexit 1\n")
    uv.chmod(0o755)
    with pytest.raises(DeliveryError, match="pip could not fetch the wheels:\nthere is no massive"):
        wheels.fetched(REQUIRED, str(uv))
    with pytest.raises(DeliveryError, match="/nowhere/uv"):
        wheels.fetched(REQUIRED, "/nowhere/uv")


def test_the_wheels_are_those_of_mwaas_python(tmp_path: Path) -> None:
    """Asked with the lock's hashes, without the constraints in a folder of MWAA's, for no other Python or platform."""
    uv, told = tmp_path / "uv", tmp_path / "told"
    uv.write_text(f"""#!/bin/sh
echo "$*" >{told}
while [ $# -gt 1 ]; do
    [ "$1" = --dest ] && mkdir "$2" && echo x >"$2/massive-2.9.1-py3-none-any.whl"
    [ "$1" = --requirement ] && cp "$2" {tmp_path}/asked
    shift
done
""")
    uv.chmod(0o755)
    assert wheels.fetched(REQUIRED, str(uv)) == {"wheels/massive-2.9.1-py3-none-any.whl": b"x\n"}
    command = told.read_text()
    for words in ("--require-hashes", "--only-binary :all:", "--no-deps", "--python-version 3.12", "--abi cp312"):
        assert words in command
    assert set(re.findall(r"--platform (\S+)", command)) == set(wheels.PLATFORMS)
    assert (tmp_path / "asked").read_text() == re.sub("^--constraint.*\n", "", REQUIRED, flags=re.MULTILINE)
