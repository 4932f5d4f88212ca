"""ENEM's editions, as its server has them: 136 columns and then 76 at one URL, two files in 2024."""

from __future__ import annotations

import datetime as dt
import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.editions import Edition, Editions
from anthill.bronze.storage import Patience
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land_edition import EditionLanded, land_edition
from anthill.sources.files.errors import UnknownHeaderError
from anthill.sources.files.remote import Remote
from anthill.sources.files.source import FilesSource
from local.enem import archive
from local.enem.server import Server

ENEM = catalog.load("enem")
IN_2019, IN_2024 = dt.date(2019, 12, 31), dt.date(2024, 12, 31)
SHORT = Patience(tries=3, first=0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """INEP's, which breaks connections."""
    with Server(tmp_path) as server:
        server.drops_after = 1 << 17
        yield server


@pytest.fixture
def land(server: Server, s3: Any, bucket: str) -> Any:
    """Lands the edition of a year."""

    def landed(day: dt.date) -> EditionLanded:
        datasets = {name: each for name, each in ENEM.datasets.items() if day in each.published}
        source = FilesSource(Remote(server.url), "enem_default")
        committer, editions = Committer(s3, bucket, "run", SHORT), Editions(s3, bucket, ENEM, SHORT)
        return land_edition(source, lambda _: committer, editions, datasets, market_day("24/7", day), "run")

    return landed


def text(s3: Any, bucket: str, edition: Edition, table: str) -> list[dict[str, str]]:
    """The rows of a table in bronze, read by hand."""
    body = s3.get_object(Bucket=bucket, Key=edition.tables[table].commit.key)["Body"].read()
    header, *lines = gzip.decompress(body).decode("iso-8859-1").split("\r\n")[:-1]
    return [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in lines]


def test_2019_twice(server: Server, land: Any, s3: Any, bucket: str) -> None:
    """Both are landed whole, the second as a revision of the first; what nobody takes is named."""
    path = server.folder / "microdados_enem_2019.zip"
    archive.write(path, 2019, "full", 4000)
    first = land(IN_2019).edition
    rows = text(s3, bucket, first, "candidates")
    assert (len(rows), len(rows[0])) == (4000, 136)
    assert {row["NO_MUNICIPIO_RESIDENCIA"] for row in rows} >= {"Viçosa", "São Paulo", "Macapá"}
    assert first.tables["candidates"].commit.rows == 4000
    assert first.tables["items"].commit.rows == 180
    archive.write(path, 2019, "open", 4000)
    second = land(IN_2019)
    assert {table.dataset: table.outcome for table in second.tables} == {
        "dictionary": "restated", "candidates": "restated", "items": "unchanged",
    }  # fmt: skip
    rows = text(s3, bucket, second.edition, "candidates")
    assert (len(rows), len(rows[0])) == (4000, 76)
    assert second.edition.tables["candidates"].commit.key == "files/enem/candidates/date=2019-12-31/r000002.csv.gz"
    assert second.edition.others == [
        "LEIA-ME E DOCUMENTOS TÉCNICOS/Leia_Me_Enem_2019.pdf",
        "PROVAS E GABARITOS/ENEM_2019_P1_CAD_01_DIA_1_AZUL.pdf",
    ]


def test_2024(server: Server, land: Any, s3: Any, bucket: str) -> None:
    """Participants and results are two tables, of one zip."""
    archive.write(server.folder / "microdados_enem_2024.zip", 2024, "split", 500)
    edition = land(IN_2024).edition
    assert sorted(edition.tables) == ["dictionary", "items", "participants", "results"]
    assert len(edition.files) == 1
    assert {row["TP_SEXO"] for row in text(s3, bucket, edition, "participants")} == {"F", "M"}
    assert len(text(s3, bucket, edition, "results")) == 500


def test_a_header_of_another_year(server: Server, land: Any, s3: Any, bucket: str) -> None:
    """A third header of 2019 is refused by the names of its columns, and nothing is landed."""
    path = server.folder / "microdados_enem_2019.zip"
    archive.write(path, 2019, "open", 10)
    with zipfile.ZipFile(path) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    name = "DADOS/MICRODADOS_ENEM_2019.csv"
    members[name] = members[name].replace(b"TP_SEXO", b"TP_GENERO", 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for member, body in members.items():
            zipped.writestr(member, body)
    with pytest.raises(UnknownHeaderError, match=r"beside 'open' it lacks TP_SEXO and has TP_GENERO") as caught:
        land(IN_2019)
    assert caught.value.subject == "enem.candidates on 2019-12-31"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
