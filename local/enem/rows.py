"""Rows of ENEM's files: seeded, and with what the real ones have: accents, `1.0` for 1, candidates who did not come."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from local.enem.columns import ITEMS

_MANY = 4096  # rows that are made; beyond them they come again, under other numbers
_TOWNS = (
    (3171303, "Viçosa", 31, "MG"), (3550308, "São Paulo", 35, "SP"), (2927408, "Salvador", 29, "BA"),
    (1302603, "Manaus", 13, "AM"), (4314902, "Porto Alegre", 43, "RS"), (5300108, "Brasília", 53, "DF"),
    (2304400, "Fortaleza", 23, "CE"), (3534401, "Osasco", 35, "SP"), (1600303, "Macapá", 16, "AP"),
)  # fmt: skip
_AREAS = ("CN", "CH", "LC", "MT")
_LETTERS = "ABCDE"


def lines(columns: Sequence[str], year: int, many: int, seed: int = 0) -> Iterator[bytes]:
    """The header and so many rows, some thousand at a time: `;` between values, ISO-8859-1, CRLF."""
    yield _line(columns)
    draw = random.Random(f"{seed} {year} {len(columns)} {columns[0]}")
    made = [_line(_candidate(draw, columns, year)) for _ in range(min(_MANY, many))]
    first = year * 100_000_000 if columns[0] == "NU_INSCRICAO" else 500_000  # of 2024's results: no common key
    for begin in range(0, many, _MANY):
        part = made[: many - begin]
        yield b"".join([b"%d" % (first + begin + number) + row for number, row in enumerate(part)])


def items(year: int, seed: int = 0) -> Iterator[bytes]:
    """The header and 180 items of one booklet."""
    yield _line(ITEMS)
    draw = random.Random(f"{seed} {year} items")
    for number in range(1, 181):
        area = _AREAS[(number - 1) // 45]
        values = [number, area, 10_000 + number, draw.choice(_LETTERS), draw.randint(1, 30), 0, ""]
        values += [f"{draw.uniform(*between):.5f}" for between in ((0.5, 4), (-1, 3), (0, 0.3))]
        yield _line([*values, _booklet(area), "AZUL", 0])


def _candidate(draw: random.Random, columns: Sequence[str], year: int) -> list[str]:
    """One row without its number, which is its first value."""
    town, school = draw.choice(_TOWNS), draw.choice(_TOWNS) if draw.random() < 0.4 else None
    came = {area: draw.choices((0, 1, 2), (25, 74, 1))[0] for area in ("CN", "CH")}
    came |= {"MT": came["CN"], "LC": came["CH"]}  # two areas a day
    age, essay = draw.randint(15, 60), [20 * draw.randint(0, 10) for _ in range(5)]
    known = {
        "NU_ANO": str(year), "NU_IDADE": str(age), "TP_FAIXA_ETARIA": str(_age_group(age)),
        "TP_SEXO": draw.choice("FM"),
        "TP_ESTADO_CIVIL": draw.choice(("", "0", "1", "2")), "TP_COR_RACA": str(draw.randint(0, 5)),
        "TP_NACIONALIDADE": str(draw.randint(0, 4)), "TP_ST_CONCLUSAO": str(draw.randint(1, 4)),
        "TP_ANO_CONCLUIU": str(draw.randint(0, 13)), "TP_ESCOLA": str(draw.randint(1, 3)),
        "TP_ENSINO": draw.choice(("", "1.0", "2.0")), "IN_TREINEIRO": str(draw.randint(0, 1)),
        "CO_ESCOLA": f"{draw.randint(11_000_000, 53_999_999)}.0" if school else "",
        "TP_LINGUA": str(draw.randint(0, 1)),
        "TP_DEPENDENCIA_ADM_ESC": f"{draw.randint(1, 4)}.0" if school else "",
        "TP_LOCALIZACAO_ESC": f"{draw.randint(1, 2)}.0" if school else "",
        "TP_SIT_FUNC_ESC": "1.0" if school else "",
        "TP_STATUS_REDACAO": "1" if came["LC"] == 1 else "",
        "NU_NOTA_REDACAO": f"{sum(essay)}.0" if came["LC"] == 1 else "",
        **{f"NU_NOTA_COMP{at}": f"{essay[at - 1]}.0" if came["LC"] == 1 else "" for at in range(1, 6)},
    }  # fmt: skip
    for what, place in (("RESIDENCIA", town), ("NASCIMENTO", draw.choice(_TOWNS)), ("PROVA", town), ("ESC", school)):
        names = ("CO_MUNICIPIO", "NO_MUNICIPIO", "CO_UF", "SG_UF")
        known |= {f"{name}_{what}": str(place[at]) if place else "" for at, name in enumerate(names)}
    for area, there in came.items():
        known |= {
            f"TP_PRESENCA_{area}": str(there),
            f"CO_PROVA_{area}": str(_booklet(area)) if there == 1 else "",
            f"NU_NOTA_{area}": f"{draw.uniform(300, 950):.1f}" if there == 1 else "",
            f"TX_RESPOSTAS_{area}": "".join(draw.choices(_LETTERS, k=45)) if there == 1 else "",
            f"TX_GABARITO_{area}": "".join(draw.choices(_LETTERS, k=45)) if there == 1 else "",
        }
    return ["", *(known.get(name) or _other(draw, name) for name in columns[1:])]


def _other(draw: random.Random, name: str) -> str:
    """A special need, an answer about the household, or what the candidate has nothing in."""
    if name.startswith("Q0"):
        return draw.choice("ABCDEFGH")
    needs = name.startswith("IN_")
    return ("1" if draw.random() < 0.01 else "0") if needs else ""


def _age_group(age: int) -> int:
    """1 is under 17, 2 to 10 are 17 to 25, then five years each."""
    return 1 if age < 17 else age - 15 if age <= 25 else min(11 + (age - 26) // 5, 20)


def _booklet(area: str) -> int:
    return 503 + 10 * _AREAS.index(area)


def _line(values: Sequence[object]) -> bytes:
    return ";".join(map(str, values)).encode("iso-8859-1") + b"\r\n"
