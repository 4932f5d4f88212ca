"""The wheel: the same bytes again, whole where nothing else is installed, refused under a wrong tag, and published."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from anthill import fingerprint
from scripts import wheel
from tests.packages import registry, uv

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The wheel of this tree, whose build asks for its backend."""
    registry()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheel, "UV", uv())
        yield wheel.build(tmp_path_factory.mktemp("dist"))


def test_the_same_commit_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """Built twice, equal; and include/ is in it."""
    assert wheel.build(tmp_path).read_bytes() == built.read_bytes()
    names = zipfile.ZipFile(built).namelist()
    assert {"anthill/include/datasets/stocks.yaml", "anthill/closures.yaml"} <= set(names)
    assert "anthill/lakehouse/silver.py" in names


def test_it_works_where_nothing_else_is(built: Path) -> None:
    """Installed alone, its Spark side imports without Airflow, and every declaration is there."""
    version, classes, datasets, sql = wheel.check(built).split()
    assert version == wheel.version()
    assert int(classes) == len(list((ROOT / "include/datasets").glob("*.yaml")))
    assert int(sql) == len(list((ROOT / "include/sql").rglob("*.sql")))
    assert int(datasets) > 20


def test_a_recorder_needs_no_airflow(built: Path, tmp_path: Path) -> None:
    """With the extra of its name alone, the command comes as far as asking for a key."""
    place = tmp_path / "alone"
    for command in (
        ["venv", "--python", sys.executable, str(place)],
        ["pip", "install", "--python", str(place), f"{built}[record]"],
    ):
        subprocess.run([uv(), "--quiet", *command], check=True)
    anthill = [str(place / "bin/anthill"), "record", "stocks", "--channel", "AM.*", "--bronze", "b", "--documents", "d"]
    look = "import anthill.recorder.recorder, anthill.recorder.health, sys; assert 'airflow' not in sys.modules"
    subprocess.run([str(place / "bin/python"), "-c", look], check=True)
    done = subprocess.run(anthill, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, "set POLYGON_API_KEY" in done.stderr) == (1, True)


def test_a_wheel_without_its_declarations_is_refused(built: Path, tmp_path: Path) -> None:
    """The check is no formality: a wheel that lacks include/ fails it."""
    broken = tmp_path / built.name
    with zipfile.ZipFile(built) as whole, zipfile.ZipFile(broken, "w") as part:
        for name in whole.namelist():
            if "/include/" not in name:
                part.writestr(name, whole.read(name))
    with pytest.raises(wheel.WheelError, match="include"):
        wheel.check(broken)


def test_the_bundle_s_wheel_is_named_by_what_it_holds(built: Path, tmp_path: Path) -> None:
    """Its version ends in the digest that its code tells where it is installed; the same tree gives the same bytes."""
    found, again = (wheel.build_content(tmp_path / name) for name in ("one", "two"))
    assert found.read_bytes() == again.read_bytes()
    zipfile.ZipFile(found).extractall(tmp_path / "site")
    told = "from anthill import fingerprint; print(fingerprint.digest())"
    ran = subprocess.run(
        [sys.executable, "-c", told],
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == fingerprint.digest()
    assert found.name == f"anthill-{wheel.version()}+{fingerprint.digest()[:12]}-py3-none-any.whl"


def test_a_tag_is_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is built under another number."""
    assert wheel.main(["--tag", "v99.0.0"]) == 1
    assert f"pyproject.toml says {wheel.version()}" in capsys.readouterr().err


def test_it_is_published_to_the_registry_that_is_named(built: Path, tmp_path: Path) -> None:
    """`make publish` puts the file, byte for byte, into the index of UV_PUBLISH_URL."""
    sent: list[bytes] = []

    class Index(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            length = self.headers.get("Content-Length")
            sent.append(self.rfile.read(int(length)) if length else unchunked(self.rfile))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    copy = tmp_path / "dist" / built.name
    copy.parent.mkdir()
    shutil.copy(built, copy)
    url = f"http://127.0.0.1:{server.server_port}/upload"
    command = [uv(), "publish", "--publish-url", url, "--username", "u", "--password", "p", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    server.shutdown()
    assert done.returncode == 0, done.stderr
    assert built.read_bytes() in sent[-1]
    assert hashlib.sha256(built.read_bytes()).hexdigest().encode() in sent[-1]


def unchunked(stream: object) -> bytes:
    """A body that came in chunks."""
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    return body
