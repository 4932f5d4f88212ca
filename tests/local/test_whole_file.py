"""A file is there whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from local import whole_file


def test_it_is_written_with_its_mode(tmp_path: Path) -> None:
    """In a folder that is made for it, over what was there; nothing lies beside it."""
    file = tmp_path / "new" / "secret"
    whole_file.write(file, "old", mode=0o600)
    whole_file.write(file, "new", mode=0o600)
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_writer_that_dies_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one is not troubled by what it left."""
    file = tmp_path / "summary.json"
    whole_file.write(file, "old")
    write = Path.write_text

    def dies(self: Path, text: str) -> int:
        write(self, text[:3])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", dies)
        with pytest.raises(KeyboardInterrupt):
            whole_file.write(file, "another")
    assert file.read_text() == "old"
    whole_file.write(file, "new")
    assert file.read_text() == "new"
