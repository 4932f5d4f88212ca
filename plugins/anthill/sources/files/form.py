"""What may be declared of how tables are written as text."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping

from anthill.dataset import Problem


def of_text(encoding: str, delimiter: str) -> Iterator[Problem]:
    """What is wrong about an encoding and what stands between values."""
    try:
        codecs.lookup(encoding)
        newline = "\n".encode(encoding) == b"\n"
    except LookupError:
        newline = False
    if not newline:
        yield ".encoding", f"is {encoding!r}, allowed is one whose lines end with one byte, as ISO-8859-1"
    if len(delimiter) != 1 or delimiter in '\r\n"':
        yield ".delimiter", f"is {delimiter!r}, allowed is one character between two values"


def of_headers(headers: Mapping[str, tuple[str, ...]], fields: Iterable[str]) -> Iterator[Problem]:
    """What is wrong about headers, and about the columns that silver takes of them."""
    sizes: dict[int, str] = {}
    for name, columns in headers.items():
        if len(set(columns)) != len(columns) or not columns:
            yield f".headers.{name}", "must name each of its columns once"
        elif len(columns) in sizes:
            other = sizes[len(columns)]
            yield f".headers.{name}", f"has as many columns as {other!r}: nothing would tell their rows apart"
        sizes.setdefault(len(columns), name)
    there = {column for columns in headers.values() for column in columns}
    if unknown := [name for name in fields if name not in there]:
        yield ".fields", f"names {', '.join(unknown)}, which no header has"
