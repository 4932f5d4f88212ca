"""Which fields the source's rows have: one that was never seen before is told, long before a number goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from anthill.dataset import Dataset
from anthill.ledger.documents import Documents, folder

_SAMPLE = 50  # rows of a page: reading all of them would cost more than landing them
_row = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Seen(msgspec.Struct):
    """The interval with which each field of a dataset was first seen."""

    fields: dict[str, str] = {}


def of_rows(rows: Sequence[msgspec.Raw]) -> set[str]:
    """The fields of a page's first rows; a row that is no object, or cannot be read, has none."""
    found: set[str] = set()
    for row in rows[:_SAMPLE]:
        try:
            found |= _row.decode(row).keys()
        except (ValueError, RecursionError):
            continue
    return found


def unseen(documents: Documents, dataset: Dataset, interval: str, fields: Iterable[str]) -> list[str]:
    """The fields that no earlier landing had, remembered from here on; none at the first landing of all."""
    key = f"{folder(dataset.asset_class, 'fields')}{dataset.name}.json.gz"
    known = documents.read(key, Seen)[0].fields
    fresh = sorted(set(fields) - known.keys())
    if fresh:
        told = dict.fromkeys(fresh, interval)
        documents.update(key, Seen, lambda there: Seen(dict(sorted({**told, **there.fields}.items()))))
    return fresh if known else []
