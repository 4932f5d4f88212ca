"""Answers that were kept: what `anthill sample` wrote of the real API, or a person wrote by hand in the same form."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from local.polygon.answers.api import Answer, Call, Handler, json_answer
from local.polygon.answers.paging import Listing, Orders, decode_cursor, page, text
from local.polygon.markets.tables import Row, Table, table_of

BY_HAND = Path(__file__).parents[1] / "samples"
KEPT = Path(__file__).parents[3] / "var" / "samples"  # where `anthill sample` writes; not in the repository
_LIMIT, _MOST = 100, 50_000  # rows of a page, as most endpoints have it


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call and its answer; `params` without the key."""

    path: str
    params: dict[str, str]
    body: Any


def handlers(folders: Iterable[Path]) -> dict[str, Handler]:
    """Paths and their handlers; of two samples of one call that of the later folder counts."""
    calls: dict[str, dict[str, Sample]] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.json")):
            sample = _read(file)
            calls.setdefault(sample.path, {})[_told(sample.params)] = sample
    return {path: _answers(list(samples.values())) for path, samples in calls.items()}


def _read(file: Path) -> Sample:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Sample)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{file}: no sample, as `anthill sample` writes it: {error}") from error


def _told(params: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(params.items()))


def _answers(samples: list[Sample]) -> Handler:
    """The very answer of a call that was kept; of any other one the rows of all answers that it asks for."""
    whole = {_told(sample.params): sample for sample in samples}
    table, listing, orders = *_listed(samples), Orders()

    def handler(call: Call) -> Answer:
        if kept := whole.get(_told(call.query)):
            return json_answer(_here(kept.body, call))
        if table is None:
            return json_answer(_here(samples[-1].body, call))
        if cursor := call.query.get("cursor"):
            call = replace(call, query=decode_cursor(cursor))
        rows, following = page(call, table, listing, orders)
        body = {"status": "OK", "request_id": call.request_id, "count": len(rows), "results": rows}
        return json_answer(body | ({"next_url": following} if following else {}))

    return handler


def _here(body: Any, call: Call) -> Any:
    """A kept body whose next page is this server's."""
    if not isinstance(body, dict) or not body.get("next_url"):
        return body
    following = urlsplit(body["next_url"])
    return body | {"next_url": f"{call.base}{following.path}?{following.query}"}


def _listed(samples: list[Sample]) -> tuple[Table | None, Listing]:
    """The rows of all answers, each once, and how they may be asked for; no table of what has no list of rows."""
    rows: dict[bytes, Row] = {}
    for sample in samples:
        found = sample.body.get("results") if isinstance(sample.body, dict) else None
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            return None, Listing({}, (), _LIMIT, _MOST)
        rows |= {msgspec.json.encode(row): row for row in found}
    columns = sorted({name for row in rows.values() for name, value in row.items() if isinstance(value, str)})
    listing = Listing(dict.fromkeys(columns, text), tuple(columns) or ("",), _LIMIT, _MOST, order="asc", columns=True)
    return table_of(list(rows.values()), [*columns, ""]), listing
