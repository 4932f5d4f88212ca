"""`anthill drop`: files into the bucket by hand, in parts, resumed, and once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from anthill.cli.main import app
from anthill.drops import upload as uploads
from anthill.drops.errors import DropError

from .conftest import Depot

KEY = "input/depot/stock/june.csv"


@pytest.fixture
def june(tmp_path: Path) -> Path:
    """A file of four parts and a bit."""
    file = tmp_path / "june.csv"
    file.write_bytes(b"thing;town;amount\n" + b"nail;Leeds;7\n" * (22 << 16))
    return file


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that S3 takes."""
    monkeypatch.setattr(uploads, "PART", 5 << 20)


class Breaking:
    """A client whose call of one name fails at its nth time; `asked` counts all by name."""

    def __init__(self, s3: Any, name: str = "", at: int = 0) -> None:
        self._s3, self._name, self._at = s3, name, at
        self.asked: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.asked[name] = self.asked.get(name, 0) + 1
            if (name, self.asked[name]) == (self._name, self._at):
                raise ClientError({"Error": {"Code": "SlowDown"}}, name)
            return getattr(self._s3, name)(*given, **named)

        return call


def test_a_file_in_parts_is_whole(depot: Depot, june: Path) -> None:
    """And the same file again is nothing."""
    s3 = Breaking(depot.s3)
    assert uploads.upload(s3, depot.bucket, "depot/stock", june) == "dropped"
    assert depot.read(KEY) == june.read_bytes()
    assert s3.asked["upload_part"] == 4
    versions = depot.s3.list_object_versions(Bucket=depot.bucket)["Versions"]
    assert uploads.upload(s3, depot.bucket, "depot/stock", june) == "there"
    assert depot.s3.list_object_versions(Bucket=depot.bucket)["Versions"] == versions
    assert s3.asked["upload_part"] == 4


@pytest.mark.parametrize(("name", "at", "left"), [("upload_part", 3, 2), ("complete_multipart_upload", 1, 0)])
def test_what_broke_goes_on(depot: Depot, june: Path, name: str, at: int, left: int) -> None:
    """Parts that are there are not sent again; until then nobody sees anything."""
    with pytest.raises(DropError, match=r"answered SlowDown\. .* drop it again: it goes on"):
        uploads.upload(Breaking(depot.s3, name, at), depot.bucket, "depot/stock", june)
    assert (depot.keys(), depot.land()) == ([], {})
    s3 = Breaking(depot.s3)
    assert uploads.upload(s3, depot.bucket, "depot/stock", june) == "resumed"
    assert s3.asked.get("upload_part", 0) == left
    assert depot.read(KEY) == june.read_bytes()


def test_a_file_that_changed_since_begins_anew(depot: Depot, june: Path) -> None:
    """No object has parts of two files; what was begun is given up."""
    with pytest.raises(DropError):
        uploads.upload(Breaking(depot.s3, "upload_part", 3), depot.bucket, "depot/stock", june)
    june.write_bytes(june.read_bytes().replace(b"nail", b"bolt"))
    assert uploads.upload(depot.s3, depot.bucket, "depot/stock", june) == "dropped"
    assert depot.read(KEY) == june.read_bytes()
    assert "Uploads" not in depot.s3.list_multipart_uploads(Bucket=depot.bucket)


def test_another_files_upload_is_left_alone(depot: Depot, june: Path) -> None:
    """One whose key begins with this one's, too."""
    other = depot.s3.create_multipart_upload(Bucket=depot.bucket, Key=f"{KEY}.csv")["UploadId"]
    uploads.upload(depot.s3, depot.bucket, "depot/stock", june)
    listed = depot.s3.list_multipart_uploads(Bucket=depot.bucket)["Uploads"]
    assert [each["UploadId"] for each in listed] == [other]


def run(*asked: str) -> Any:
    """The command."""
    return CliRunner().invoke(app, ["--json", "drop", *asked])


def test_a_folder(depot: Depot, tmp_path: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its CSVs and nothing else; then a landing takes them."""
    for name, value in {"ENDPOINT_URL": s3_url, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.csv", "b.csv", "note.txt"):
        (folder / name).write_text(f"thing;town;amount\n{name};Leeds;1\n")
    done = run(str(folder), "--to", "depot/stock", "--bucket", depot.bucket)
    assert json.loads(done.stdout) == {"a.csv": "dropped", "b.csv": "dropped"}
    assert depot.taken() == ["a.csv", "b.csv"]
    again = run(str(folder / "a.csv"), "--to", "depot/stock", "--bucket", depot.bucket)
    assert json.loads(again.stdout) == {"a.csv": "there"}


@pytest.mark.parametrize("to", ["stock", "depot/", "/stock", "depot/stock/june"])
def test_a_wrong_word_for_the_dataset(tmp_path: Path, to: str) -> None:
    """It says how to write it."""
    done = run(str(tmp_path), "--to", to, "--bucket", "nobodys")
    assert (done.exit_code, "depot/stock" in done.stderr) == (2, True)
