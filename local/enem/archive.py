"""An edition as INEP packs it: a zip with the tables, the dictionary, and much that nobody takes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from local.enem import rows
from local.enem.columns import FULL, OPEN, PARTICIPANTS, RESULTS
from local.enem.dictionary import dictionary

Form = Literal["full", "open", "split"]  # 136 columns; 76, without what the privacy law took away; two files
_TABLES = {
    "full": {"MICRODADOS_ENEM_{year}.csv": FULL},
    "open": {"MICRODADOS_ENEM_{year}.csv": OPEN},
    "split": {"PARTICIPANTES_{year}.csv": PARTICIPANTS, "RESULTADOS_{year}.csv": RESULTS},
}
_MOMENT = (2022, 5, 31, 12, 0, 0)


def write(path: Path, year: int, form: Form, many: int = 10_000, seed: int = 0) -> None:
    """Make the zip of a year with so many candidates; in the space of one row, whatever their number."""
    folder = f"microdados_enem_{year}/" if form == "split" else ""
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, columns in _TABLES[form].items():
            member = f"{folder}DADOS/{name.format(year=year)}"
            _add(archive, member, rows.lines(columns, year, many, seed))
        _add(archive, f"{folder}DADOS/ITENS_PROVA_{year}.csv", rows.items(year, seed))
        _add(archive, f"{folder}DICIONÁRIO/Dicionário_Microdados_ENEM_{year}.xlsx", iter([dictionary(year, form)]))
        _add(archive, f"{folder}LEIA-ME E DOCUMENTOS TÉCNICOS/Leia_Me_Enem_{year}.pdf", iter([b"%PDF-1.4\n"]))
        _add(archive, f"{folder}PROVAS E GABARITOS/ENEM_{year}_P1_CAD_01_DIA_1_AZUL.pdf", iter([b"%PDF-1.4\n"]))
    partial.replace(path)


def _add(archive: zipfile.ZipFile, name: str, content: Iterator[bytes]) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=name.endswith(".csv")) as member:
        for piece in content:
            member.write(piece)
