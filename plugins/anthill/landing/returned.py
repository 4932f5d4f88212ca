"""People who were erased and whom the database gives again: told, for nobody but its owner can keep them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from anthill.bronze import landed_pages
from anthill.bronze.commits import S3Client
from anthill.bronze.copied import Line
from anthill.bronze.cuts import Cut, Cuts
from anthill.bronze.storage import Patience

_GONE = b"d\t"  # how a line of changes begins that says of a key that it is no more


def returned(s3: S3Client, cuts: Cuts, cut: Cut, changed: Collection[str]) -> Iterator[str]:
    """A line for each table that has changed and holds keys of people who were erased from it."""
    digests: dict[tuple[str, str], set[str]] = {}
    for erased in cuts.erasures.all:
        if erased.dataset in changed:
            digests.setdefault((erased.dataset, erased.column), set()).update(erased.digests)
    for (name, column), theirs in digests.items():
        table = cut.tables[name]
        line = Line(table.columns, column, theirs)
        lines = landed_pages.read(s3, table.commit, Patience())
        if rows := sum(line.is_theirs(each) for each in lines if not each.startswith(_GONE)):
            yield (
                f"{name}: {rows} rows have a {column} of somebody who was erased, {table.commit.key}: the database "
                f"gives them again. Have them erased there, or given another {column}, then start the DAG erasure again"
            )
