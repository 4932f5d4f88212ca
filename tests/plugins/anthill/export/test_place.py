"""Under a name there is the whole file, or what was there before."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anthill.export import place
from anthill.export.errors import ExportError
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]

# A disk that is full is a file that may not grow, on whatever system.
FULL = """
import sys
from anthill.export import forms, place
import pyarrow as pa
table = pa.table({"n": list(range(100000)), "s": ["%d" % (n * n) for n in range(100000)]})
with place.written(sys.argv[1]) as sink:
    forms.write(forms.FORMS[sys.argv[2]](sink, table.schema), iter(table.to_batches(1000)))
"""


def test_a_file_is_whole_or_what_it_was(tmp_path: Path) -> None:
    """While it is written, where that fails, and then; no trace is left beside it."""
    target = tmp_path / "prices.csv"
    target.write_text("before")
    with pytest.raises(ZeroDivisionError), place.written(str(target)) as sink:  # noqa: PT012 - the block is what fails
        sink.write(b"half")
        sink.flush()
        assert target.read_text() == "before"
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["prices.csv"]
    assert target.read_text() == "before"
    with place.written(str(target)) as sink:
        sink.write(b"whole")
    assert target.read_text() == "whole"
    assert target.stat().st_mode & 0o777 == 0o666 & ~_umask(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["prices.csv"]


def _umask(folder: Path) -> int:
    """What this person's new files are without."""
    other = folder / "other"
    other.touch()
    mode = other.stat().st_mode & 0o777
    other.unlink()
    return 0o666 & ~mode


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path, form: str) -> None:
    """One sentence, and no half file."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    # The temporary files of Excel's library are below the same limit.
    target = tmp_path / f"t.{form}"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(target), form], preexec_fn=limit, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"{target} was not written (" in done.stderr.splitlines()[-1]
    assert "make room" in done.stderr.splitlines()[-1]
    assert "Exception ignored" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("target", "said"), [("{}/no/t.csv", "there is no folder"), ("{}", "is a folder")])
def test_a_place_that_is_none_is_told_at_once(tmp_path: Path, target: str, said: str) -> None:
    """Before anything is read."""
    with pytest.raises(ExportError, match=said), place.written(target.format(tmp_path)):
        pytest.fail("it began")


@pytest.fixture
def aws(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks boto3 reaches moto."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "k")


@pytest.mark.usefixtures("aws")
def test_an_object_is_there_when_its_upload_is_completed(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts, and not before the last; one that fails leaves neither an object nor parts."""
    monkeypatch.setattr(place, "PART", 5 << 20)
    body = bytes(range(256)) * (12 << 12)  # 12 MB: three parts
    with place.written(f"s3://{bucket}/a/t.parquet") as sink:
        sink.write(memoryview(body[:7_000_000]))
        sink.write(body[7_000_000:])
        assert sink.tell() == len(body)
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="a/t.parquet")["Body"].read() == body
    with pytest.raises(ZeroDivisionError), place.written(f"s3://{bucket}/b") as sink:  # noqa: PT012 - the block fails
        sink.write(body)
        raise ZeroDivisionError
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/t.parquet"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


@pytest.mark.usefixtures("aws")
def test_a_bucket_that_is_none_is_told() -> None:
    """By its name, and what to look at."""
    with pytest.raises(ExportError, match="your rights on it"), place.written("s3://no-such-bucket-here/k"):
        pytest.fail("it began")
    with pytest.raises(ExportError, match="names no object"), place.written("s3://bucket/"):
        pytest.fail("it began")
