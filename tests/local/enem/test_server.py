"""The server of ENEM's files answers as RFC 9110 has it, and its files are as the reference page describes them."""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.enem import archive, certificates
from local.enem.server import FOLDER, Server

ROOT = Path(__file__).parents[3]
OPEN = """
    NU_INSCRICAO NU_ANO TP_FAIXA_ETARIA TP_SEXO TP_ESTADO_CIVIL TP_COR_RACA TP_NACIONALIDADE TP_ST_CONCLUSAO
    TP_ANO_CONCLUIU TP_ESCOLA TP_ENSINO IN_TREINEIRO CO_MUNICIPIO_ESC NO_MUNICIPIO_ESC CO_UF_ESC SG_UF_ESC
    TP_DEPENDENCIA_ADM_ESC TP_LOCALIZACAO_ESC TP_SIT_FUNC_ESC CO_MUNICIPIO_PROVA NO_MUNICIPIO_PROVA CO_UF_PROVA
    SG_UF_PROVA TP_PRESENCA_CN TP_PRESENCA_CH TP_PRESENCA_LC TP_PRESENCA_MT CO_PROVA_CN CO_PROVA_CH CO_PROVA_LC
    CO_PROVA_MT NU_NOTA_CN NU_NOTA_CH NU_NOTA_LC NU_NOTA_MT TX_RESPOSTAS_CN TX_RESPOSTAS_CH TX_RESPOSTAS_LC
    TX_RESPOSTAS_MT TP_LINGUA TX_GABARITO_CN TX_GABARITO_CH TX_GABARITO_LC TX_GABARITO_MT TP_STATUS_REDACAO
    NU_NOTA_COMP1 NU_NOTA_COMP2 NU_NOTA_COMP3 NU_NOTA_COMP4 NU_NOTA_COMP5 NU_NOTA_REDACAO Q001 Q002 Q003 Q004 Q005 Q006
    Q007 Q008 Q009 Q010 Q011 Q012 Q013 Q014 Q015 Q016 Q017 Q018 Q019 Q020 Q021 Q022 Q023 Q024 Q025
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small edition of each form."""
    made = tmp_path_factory.mktemp("enem")
    for year, form in ((2019, "full"), (2020, "open"), (2024, "split")):
        archive.write(made / f"microdados_enem_{year}.zip", year, form, many=300)  # type: ignore[arg-type]
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """A server of them."""
    with Server(folder) as server:
        yield server


def ask(server: Server, method: str = "GET", year: int = 2019, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"{FOLDER}microdados_enem_{year}.zip", headers=asked)
    answer = connection.getresponse()
    try:
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def table(folder: Path, year: int, name: str) -> list[list[str]]:
    """The lines of a member, which is ISO-8859-1 with CRLF, `;` and no quotes."""
    with zipfile.ZipFile(folder / f"microdados_enem_{year}.zip") as zipped:
        body = zipped.read(next(each for each in zipped.namelist() if each.endswith(name)))
    assert b'"' not in body
    assert body.count(b"\n") == body.count(b"\r\n")
    return [line.split(";") for line in body.decode("iso-8859-1").split("\r\n")[:-1]]


def test_a_range_is_a_part(server: Server, folder: Path) -> None:
    """206 with the bytes asked for, from either end; 416 beyond; all of it without a range."""
    whole = (folder / "microdados_enem_2019.zip").read_bytes()
    for asked, first, last in (
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, len(whole) - 1),
        ("bytes=-22", len(whole) - 22, len(whole) - 1),
    ):
        status, headers, body = ask(server, Range=asked)
        assert (status, headers["Content-Range"]) == (206, f"bytes {first}-{last}/{len(whole)}")
        assert body == whole[first : last + 1]
    assert ask(server, Range=f"bytes={len(whole)}-")[::2] == (416, b"")
    status, headers, body = ask(server)
    assert (status, body) == (200, whole)
    assert ask(server, "HEAD")[1]["ETag"] == headers["ETag"]


def test_another_version_comes_whole(server: Server, folder: Path) -> None:
    """If-Range with the file's own ETag or date is a range; with another one it is the new file."""
    known = ask(server, "HEAD")[1]
    for condition in (known["ETag"], known["Last-Modified"]):
        assert ask(server, Range="bytes=0-9", If_Range=condition)[0] == 206
    file = folder / "microdados_enem_2019.zip"
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 2_000_000_000))
    assert ask(server, Range="bytes=0-9", If_Range=known["ETag"])[0] == 200
    assert ask(server, Range="bytes=0-9", If_Range=known["Last-Modified"])[0] == 200


def test_its_faults(server: Server) -> None:
    """A connection that breaks in the middle of a body, ranges that are ignored, a page with the status of a file."""
    server.drops_after = 1000
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask(server)
    assert len(cut.value.partial) == 1000
    server.drops_after, server.ignores_ranges = None, True
    assert ask(server, Range="bytes=0-9")[0] == 200
    server.closed = True
    status, headers, body = ask(server)
    assert (status, headers["Content-Type"], body[:6]) == (200, "text/html; charset=utf-8", b"<html>")
    server.closed, server.status = False, 503
    assert ask(server)[0] == 503
    server.status = 0
    assert ask(server, year=1998)[0] == 404


def test_a_certificate_between_is_missing(folder: Path, tmp_path: Path) -> None:
    """Who trusts the root alone cannot check the server; who has the one between can."""
    tls = certificates.make(tmp_path)
    with Server(folder, tls=tls) as server:
        for more, trusted in ((("root.pem",), False), (("root.pem", "between.pem"), True)):
            context = ssl.create_default_context()
            for name in more:
                context.load_verify_locations(tmp_path / name)
            connection = http.client.HTTPSConnection(server.url.removeprefix("https://"), timeout=10, context=context)
            if trusted:
                connection.request("HEAD", f"{FOLDER}microdados_enem_2019.zip")
                assert connection.getresponse().status == 200
            else:
                with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
                    connection.connect()
            connection.close()


def test_the_headers_of_2019(folder: Path) -> None:
    """136 columns first; 76 later, without residence, birth place, school and needs, and a group of ages for the age.

    The 76 are those of the reference page, written out here once more.
    """
    full, open_ = (table(folder, year, f"MICRODADOS_ENEM_{year}.csv") for year in (2019, 2020))
    expected = OPEN.split()
    assert open_[0] == expected
    assert len(full[0]) == len(set(full[0])) == 136
    taken = set(full[0]) - set(expected)
    assert set(expected) - set(full[0]) == {"TP_FAIXA_ETARIA"}
    assert {"NU_IDADE", "CO_ESCOLA", "CO_MUNICIPIO_NASCIMENTO", "SG_UF_RESIDENCIA"} < taken
    split = [table(folder, 2024, name)[0] for name in ("PARTICIPANTES_2024.csv", "RESULTADOS_2024.csv")]
    assert set(split[0]) & set(split[1]) == {"NU_ANO", *expected[19:23]}


def test_the_rows(folder: Path) -> None:
    """12 digits a candidate, accents, `1.0` for 1; who did not come has no answers and no score."""
    header, *rows = table(folder, 2020, "MICRODADOS_ENEM_2020.csv")
    assert {len(row) for row in rows} == {len(header)}
    records = [dict(zip(header, row, strict=True)) for row in rows]
    assert len({record["NU_INSCRICAO"] for record in records}) == 300
    assert {len(record["NU_INSCRICAO"]) for record in records} == {12}
    assert "Viçosa" in {record["NO_MUNICIPIO_PROVA"] for record in records}
    assert {record["TP_DEPENDENCIA_ADM_ESC"] for record in records} == {"", "1.0", "2.0", "3.0", "4.0"}
    for record in records:
        for area in ("CN", "MT", "CH", "LC"):
            there = record[f"TP_PRESENCA_{area}"] == "1"
            assert there == bool(record[f"NU_NOTA_{area}"]) == bool(record[f"TX_RESPOSTAS_{area}"])


def test_the_same_seed_is_the_same_file(folder: Path, tmp_path: Path) -> None:
    """Byte for byte; another seed is another one."""
    archive.write(tmp_path / "same.zip", 2024, "split", many=300)
    archive.write(tmp_path / "other.zip", 2024, "split", many=300, seed=1)
    same, other = ((tmp_path / name).read_bytes() for name in ("same.zip", "other.zip"))
    assert same == (folder / "microdados_enem_2024.zip").read_bytes() != other


def test_the_command(tmp_path: Path) -> None:
    """It makes what is asked for and serves it."""
    command = [sys.executable, "-m", "local.enem", "--rows", "5", "--editions", "2019:full"]
    running = subprocess.Popen([*command, "--folder", tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        url = running.stdout.readline().split()[-1]
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        connection.request("HEAD", "/microdados/microdados_enem_2019.zip")
        assert connection.getresponse().status == 200
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(10)
    wrong = subprocess.run([*command[:-1], "2019:all"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr) == (2, "local.enem: '2019:all' is no edition: YEAR:FORM, as 2019:open\n")
