"""A panel of people for the tests: where it is declared, and what each of them said."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from anthill import include
from anthill.bronze.commits import Place
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.sources import digest
from anthill.sources.inflate import deflate
from anthill.sources.page import Page

PEOPLE = Path(__file__).with_name("people")
DAY, NEXT = dt.date(2026, 6, 15), dt.date(2026, 6, 16)
ANNA, BERT, CARL = "anna@example.org", "bert@example.org", "carl@example.org"
NUMBERS = {ANNA: 1, BERT: 2, CARL: 3}


def declared_in(folder: Path) -> Path:
    """The product's declarations in a folder, and the panel's."""
    shutil.copytree(include.include_dir(), folder, dirs_exist_ok=True)
    shutil.copytree(PEOPLE, folder, dirs_exist_ok=True)
    return folder


def row(who: str, says: float) -> dict[str, Any]:
    """What the source says of somebody."""
    return {"who": {"email": who, "since": 2020}, "number": NUMBERS[who], "says": says}


def page(rows: Sequence[dict[str, Any]]) -> bytes:
    """A page of the source."""
    return json.dumps({"status": "OK", "count": len(rows), "results": rows, "request_id": "1"}).encode()


def land(s3: Any, bucket: str, day: dt.date, *pages: Sequence[dict[str, Any]], minute: int = 0) -> str:
    """Land an answer in bronze as the landing does; its key."""
    asof = dt.datetime.combine(day, dt.time(22, minute), dt.UTC)
    bodies = [page(rows) for rows in pages]
    landed = [
        Page("", deflate(body), len(body), found, digest.of_rows(found), asof)
        for body in bodies
        if (found := [msgspec.Raw(json.dumps(each).encode()) for each in json.loads(body)["results"]]) is not None
    ]
    committer = Committer(s3, bucket, "test")
    place = Place("polygon", "people", "panel", day.isoformat())
    with Content.of(landed) as content:
        return committer.commit(place, content, committer.newest(place)).commit.key
