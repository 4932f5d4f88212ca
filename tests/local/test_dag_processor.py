"""The local DAG processor parses every file again when a declaration or SQL was written, and only then."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from airflow.dag_processing.manager import DagFileInfo, DagFileProcessorManager, DagFileStat

from local import dag_processor


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of declarations of the test's own, last written long ago."""
    file = tmp_path / "datasets" / "stocks.yaml"
    file.parent.mkdir()
    file.write_text("one")
    for path in (file, file.parent, tmp_path):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(dag_processor, "include_dir", lambda: tmp_path)
    return tmp_path


def test_what_is_written_below_include_is_parsed_once(include: Path) -> None:
    """A changed, a new and a removed file each ask for all DAG files, once; what a person asked for comes first."""
    manager = dag_processor.Manager(max_runs=-1)
    known = DagFileInfo(rel_path=Path("stocks.py"), bundle_name="dags-folder", bundle_path=include)
    asked = DagFileInfo(rel_path=Path("forex.py"), bundle_name="dags-folder", bundle_path=include)
    manager._file_stats[known] = DagFileStat()
    with patch.object(DagFileProcessorManager, "claim_priority_files", return_value=[asked]):
        assert manager.claim_priority_files() == [asked]
        os.utime(include / "datasets" / "stocks.yaml", (1e9 + 1, 1e9 + 1))
        assert manager.claim_priority_files() == [asked, known]
        assert manager.claim_priority_files() == [asked]
        (include / "datasets" / "new.yaml").write_text("two")
        assert manager.claim_priority_files() == [asked, known]
        assert manager.claim_priority_files() == [asked]
        (include / "datasets" / "new.yaml").unlink()
        assert manager.claim_priority_files() == [asked, known]
        assert manager.claim_priority_files() == [asked]


def test_the_command_uses_it() -> None:
    """Airflow's own command makes this manager."""
    from airflow.cli.commands import dag_processor_command

    with patch.object(dag_processor_command, "DagFileProcessorManager", DagFileProcessorManager):
        dag_processor.install()
        assert dag_processor_command.DagFileProcessorManager is dag_processor.Manager
