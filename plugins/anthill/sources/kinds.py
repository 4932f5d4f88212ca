"""The kinds of sources: a folder each beside this file, with the same few files.

`declaration.py` says what a dataset of the kind declares, `connection.py` opens it, `source.py` turns a place into
pages, and what can go wrong is one of `anthill.sources.errors`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, cast

import msgspec

import anthill.sources
from anthill.dataset import Dataset

if TYPE_CHECKING:
    from anthill.sources.source import Source


def kinds() -> list[str]:
    """The names of all kinds."""
    return sorted(found.name for found in pkgutil.iter_modules(anthill.sources.__path__) if found.ispkg)


def with_past() -> list[str]:
    """The names of those that can be asked for intervals that are long over."""
    defaults = {
        kind: {field.name: field.default for field in msgspec.structs.fields(declaration(kind))} for kind in kinds()
    }
    return [kind for kind, default in defaults.items() if not default["present_only"]]


def declaration(kind: str) -> type[Dataset]:
    """What a dataset of this kind declares."""
    return cast("type[Dataset]", import_module(f"anthill.sources.{kind}.declaration").DATASET)


def requests_per_minute(kind: str) -> int:
    """How many calls a minute the kind's connection allows, 0 where nothing limits them."""
    return cast("int", import_module(f"anthill.sources.{kind}.connection").requests_per_minute())


def connect(kind: str, datasets: Iterable[Dataset], slots: int, conn_id: str = "") -> Source:
    """The source of these datasets as the kind's own connection says, or another; so many slots' part of its rate."""
    opened = import_module(f"anthill.sources.{kind}.connection")
    return cast("Source", opened.connect(datasets, slots, *([conn_id] if conn_id else [])))
