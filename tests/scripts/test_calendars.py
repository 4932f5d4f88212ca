"""`make calendars` writes an exchange's file, and `--check` tells where one says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import calendars


def test_what_is_written_is_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """The repository's files are the library's."""
    assert calendars.main(["--check"]) == 0


def test_a_file_that_says_otherwise_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day that is taken out comes back; a new exchange begins as an empty file."""
    right = (calendars.ROOT / "XNYS.yaml").read_text()
    monkeypatch.setattr(calendars, "ROOT", tmp_path)
    (tmp_path / "XNYS.yaml").write_text(right.replace("2025-01-09, ", ""))
    (tmp_path / "XLON.yaml").touch()
    assert calendars.main(["--check"]) == 1
    assert "XLON.yaml, XNYS.yaml say otherwise" in capsys.readouterr().err
    assert calendars.main([]) == 0
    assert (tmp_path / "XNYS.yaml").read_text() == right
    assert "zone: Europe/London" in (tmp_path / "XLON.yaml").read_text()


def test_what_the_file_has_no_word_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tokyo has a break at noon."""
    monkeypatch.setattr(calendars, "ROOT", tmp_path)
    (tmp_path / "XTKS.yaml").touch()
    assert calendars.main([]) == 1
    assert "XTKS has sessions at weekends, with breaks" in capsys.readouterr().err
    assert not (tmp_path / "XTKS.yaml").read_text()
