"""`anthill sample`: answers of the API kept as files, which the local simulator serves beside its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import typer

from anthill.cli.session import fail, session_of

if TYPE_CHECKING:
    import datetime as dt

API = "https://api.polygon.io"
_LONGEST = 80  # characters of a file's name


def sample(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A declared dataset, such as stocks.splits, or a path: '/fed/v1/inflation?limit=3'.")
    ],
    day: Annotated[str, typer.Argument(help="Market day to ask a dataset for, YYYY-MM-DD.")] = "",
    key: Annotated[
        str, typer.Option(envvar="POLYGON_API_KEY", help="Your API key; it is in no file.", show_default=False)
    ] = "",
    api: Annotated[str, typer.Option(help="Address of the API.")] = API,
    pages: Annotated[int, typer.Option(min=1, help="Pages of each call to keep, at most.")] = 3,
    out: Annotated[Path, typer.Option(help="Folder of the files; the local stack serves what is in this one.")] = Path(
        "var/samples"
    ),
) -> None:
    """Keep real answers for the local stack.

    Asks the API with your key and writes each answer as it is: the simulator serves it, so that a dataset it does not
    know can be added and tried. Keep real answers out of the repository: they are the source's.

    Example: anthill sample '/fed/v1/treasury-yields?date=2026-07-01'
    """
    from anthill.sources.errors import SourceError
    from anthill.sources.polygon.transport import Transport

    session = session_of(context)
    if not key:
        fail("There is no key: set POLYGON_API_KEY, or give --key")
    written = []
    try:
        transport = Transport(api, key, connections=1)
        for target in _calls(what, day):
            for params, body in _pages(transport, target, pages):
                text = json.dumps({"path": urlsplit(target).path, "params": params, "body": body}, indent=1)
                if key in text:
                    fail(f"{target}: the answer repeats your key; nothing was written")
                written.append(_write(out, target, params, text))
                session.say(f"{written[-1]}: {_told(body)}")
    except SourceError as error:
        fail(str(error))
    session.answer({"files": [str(file) for file in written]})


def _calls(what: str, day: str) -> list[str]:
    """Paths with their queries: the one given, or a dataset's for a market day, the first of each list."""
    from anthill import catalog
    from anthill.sources.polygon.declaration import PolygonDataset
    from anthill.sources.polygon.urls import build

    if what.startswith("/"):
        return [what]
    asset_class, _, name = what.partition(".")
    declared = catalog.load(asset_class).datasets
    if name not in declared:
        fail(f"{what!r} is neither a path nor a dataset; {asset_class} has {', '.join(declared)}")
    dataset = declared[name]
    if not isinstance(dataset, PolygonDataset):
        fail(f"{what} is of the source {dataset.source}; only answers of the API are kept")
    if dataset.each and not dataset.listed:
        fail(f"{what} is asked for each {dataset.each}: give the path of one, such as {dataset.path}")
    asked = _day(day or fail(f"Give the market day to ask {what} for"))
    calls = (dataset.call(asked, shard, next(iter(dataset.listed), "")) for shard in dataset.shard_names)
    return [build("", call.path, call.params) for call in calls]


def _day(text: str) -> dt.date:
    from anthill.cli.session import day

    return day(text)


def _pages(transport: Any, target: str, most: int) -> Iterator[tuple[dict[str, str], Any]]:
    """The first answers of a chain: what was asked, without a key, and the body."""
    from anthill.sources.polygon.urls import without_key

    url = transport.base_url.rstrip("/") + target
    for _ in range(most):
        body = json.loads(b"".join(transport.get(url).pieces()))
        following = body.get("next_url") if isinstance(body, dict) else None
        if following:
            body["next_url"] = without_key(following)
        yield dict(parse_qsl(urlsplit(without_key(url)).query, keep_blank_values=True)), body
        if not following:
            return
        url = following


def _write(out: Path, target: str, params: dict[str, str], text: str) -> Path:
    """A file in the folder of its path, named by what was asked."""
    asked = "&".join(f"{name}={value}" for name, value in sorted(params.items())) or "all"
    name = re.sub(r"[^\w.=&-]+", "_", asked)
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{sha256(asked.encode()).hexdigest()[:8]}"
    file = out / urlsplit(target).path.strip("/") / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")
    return file


def _told(body: Any) -> str:
    """How many rows an answer has, where it has a list of them."""
    rows = body.get("results") if isinstance(body, dict) else body
    return f"{len(rows):,} rows" if isinstance(rows, list) else "one answer"
