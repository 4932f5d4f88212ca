"""ENEM's dictionary: what each code means, as a spreadsheet with a block of rows a variable."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

_CODES: dict[str, tuple[str, dict[str, str]]] = {
    "TP_FAIXA_ETARIA": ("Faixa etária", {"1": "Menor de 17 anos", "2": "17 anos", "3": "18 anos"}),
    "TP_SEXO": ("Sexo", {"M": "Masculino", "F": "Feminino"}),
    "TP_COR_RACA": (
        "Cor/raça",
        {"0": "Não declarado", "1": "Branca", "2": "Preta", "3": "Parda", "4": "Amarela", "5": "Indígena"},
    ),
    "TP_ESCOLA": ("Tipo de escola do Ensino Médio", {"1": "Não Respondeu", "2": "Pública", "3": "Privada"}),
    "TP_DEPENDENCIA_ADM_ESC": (
        "Dependência administrativa (Escola)",
        {"1": "Federal", "2": "Estadual", "3": "Municipal", "4": "Privada"},
    ),
    "TP_LOCALIZACAO_ESC": ("Localização (Escola)", {"1": "Urbana", "2": "Rural"}),
    "TP_PRESENCA_CN": (
        "Presença na prova objetiva de Ciências da Natureza",
        {"0": "Faltou à prova", "1": "Presente na prova", "2": "Eliminado na prova"},
    ),
}
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATION = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/></Relationships>'
)
_WORKBOOK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="MICRODADOS_ENEM_{}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_MOMENT = (2022, 5, 31, 12, 0, 0)


def dictionary(year: int, form: str) -> bytes:
    """The spreadsheet of a year; the form of 2019 that came first knows an age and no group of ages."""
    lines = [["Dicionário de variáveis"], ["NOME DA VARIÁVEL", "Descrição", "Categoria", "Descrição"]]
    for name, (what, codes) in _CODES.items():
        if form == "full" and name == "TP_FAIXA_ETARIA":
            continue
        for at, (code, means) in enumerate(codes.items()):
            lines.append([*((name, what) if at == 0 else ("", "")), code, means])  # the name stands once, merged
    rows = "".join(_row(number, values) for number, values in enumerate(lines, 1))
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as file:
        parts = {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATION.format("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": _WORKBOOK.format(year),
            "xl/_rels/workbook.xml.rels": _RELATION.format("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": _SHEET.format(rows),
        }
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, _MOMENT), text)
    return body.getvalue()


def _row(number: int, values: list[str]) -> str:
    cells = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        for at, value in enumerate(values)
        if value
    )
    return f'<row r="{number}">{cells}</row>'
