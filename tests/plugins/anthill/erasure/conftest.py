"""A panel of people that is declared, and the local S3 under the policies of its buckets and roles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill import include
from local import lake
from tests.local.emulator import client, running
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

from . import panel

__all__ = ["bucket", "s3", "s3_url"]  # of moto, for what is no matter of policies


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The panel is declared beside the product's datasets."""
    folder = panel.declared_in(tmp_path / "include")
    monkeypatch.setattr(include, "_PLACES", (folder,))
    return folder


@pytest.fixture(scope="package")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator with the lake's buckets."""
    with running(tmp_path_factory.mktemp("aws")) as url:
        yield url


@pytest.fixture
def landing(emulator: str) -> Iterator[Any]:
    """S3 as the landing sees it; what it lands is gone after the test."""
    yield client(emulator, lake.LANDING_KEY)
    eraser = client(emulator, lake.FAULT_KEY)
    found = eraser.list_object_versions(Bucket=lake.PERSONAL)
    for each in (*found.get("Versions", []), *found.get("DeleteMarkers", [])):
        eraser.delete_object(Bucket=lake.PERSONAL, Key=each["Key"], VersionId=each["VersionId"])


@pytest.fixture
def eraser(emulator: str) -> Any:
    """S3 as the role that erases sees it."""
    return client(emulator, lake.ERASURE_KEY)
