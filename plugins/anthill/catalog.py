"""The declarations: include/datasets/*.yaml as frozen structs, checked when they are loaded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from anthill import expectation, lists, shape
from anthill.asset_class import AssetClass
from anthill.dataset import Dataset
from anthill.include import include_dir
from anthill.nearest import allowed, asked
from anthill.sources import kinds
from anthill.yaml_file import Fault, YamlError, YamlFile

__all__ = ["AssetClass", "DeclarationError", "asset_classes", "load", "parse", "with_past"]

# Of a dataset, by where it stands.
_GIVEN = ("asset_class", "calendar", "name", "wait", "listed", "listed_by", "account")
# Of an asset class where it says none, or a wrong one: what lets the rest be looked at, and is never returned.
_UNTIL_MENDED = {
    "description": "",
    "source": "",
    "calendar": "24/7",
    "start_date": dt.date.min,
    "due_after_close": dt.timedelta(),
    "deadline_after_close": dt.timedelta.max,
    "owner": "",
    "gold": (),
}


class DeclarationError(ValueError):
    """A declaration is wrong: a line for each fault, with the file, the line, the key and what is allowed."""


def asset_classes() -> list[str]:
    """The names of all declared asset classes."""
    return sorted(path.stem for path in (include_dir() / "datasets").glob("*.yaml"))


def with_past() -> list[str]:
    """Those that have datasets which can be had for market days gone by."""
    return [name for name in asset_classes() if load(name).historical]


def of_kind(kind: str) -> list[str]:
    """Those whose source is of a kind, by their heads alone: what is wrong in another file is none of the asker's."""
    head = re.compile(rf"^source: *{kind} *(#.*)?$", re.MULTILINE)
    folder = include_dir() / "datasets"
    return [name for name in asset_classes() if head.search((folder / f"{name}.yaml").read_text())]


def load(asset_class: str) -> AssetClass:
    """Read and check one asset class; DeclarationError tells all that is wrong and where."""
    path = include_dir() / "datasets" / f"{asset_class}.yaml"
    if asset_class not in asset_classes():
        known = f"declared are {', '.join(asset_classes()) or 'none'}{asked(asset_class, asset_classes())}"
        raise DeclarationError(f"{path}: no such asset class; {known}")
    file = path.stat()
    return _parsed(path, (file.st_ino, file.st_mtime_ns, file.st_size))


@lru_cache(maxsize=64)
def _parsed(path: Path, _: tuple[int, int, int]) -> AssetClass:
    """One declaration as long as its file is the same: a process asks for it over and over."""
    return parse(path)


def parse(path: Path) -> AssetClass:
    """Read and check the declaration in one file; DeclarationError tells all that is wrong in it."""
    try:
        file = YamlFile(path)
    except YamlError as error:
        raise DeclarationError(f"{path}:{error.line}: not YAML: {error}") from error
    if not isinstance(file.value, dict):
        raise DeclarationError(f"{path}: must map keys to values, beginning with asset_class: {path.stem}")
    faults = [*file.twice(), *_of_the_file(file.value, path.stem), *lists.problems(file.value.get("lists"), file)]
    declared = _read(file.value, path.stem, faults)
    if faults:
        raise DeclarationError("\n".join(_lines(path, file, faults)))
    return declared


def _lines(path: Path, file: YamlFile, faults: list[Fault]) -> Iterator[str]:
    """The faults in the order of the file."""
    for keys, problem in sorted(faults, key=lambda fault: file.line(fault[0])):
        key = ".".join(str(part) for part in keys if not isinstance(part, int) or isinstance(part, bool))
        yield f"{path}:{file.line(keys)}: key '{key}' {problem}"


def _of_the_file(document: dict[Any, Any], stem: str) -> Iterator[Fault]:
    if isinstance(name := document.get("asset_class"), str) and name != stem:
        yield ("asset_class",), f"is {name!r}, allowed is the file's name, {stem!r}"
    if "streams" in document:
        yield ("streams",), "is given by the entries in 'datasets' whose source is a stream"
    if "off" in document:
        yield ("off",), "is given by the entries in 'datasets' that are asked for each of an empty list"
    if not isinstance(document.get("datasets"), dict) or not document["datasets"]:
        yield ("datasets",), "must map dataset names to their declarations"


def _read(document: dict[Any, Any], stem: str, faults: list[Fault]) -> AssetClass:
    """The asset class, as far as it can be read; what is wrong is added to the faults."""
    given = {**document, "datasets": {}, "lists": lists.symbols(document.get("lists", {}))}
    declared, wrong = shape.read(given, AssetClass, {"asset_class": stem, **_UNTIL_MENDED})
    faults += wrong
    assert declared is not None  # noqa: S101 whatever lacks is stood in for
    datasets: dict[str, Dataset] = {}
    unread: set[str] = set()
    entries = document.get("datasets")
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if dataset := _dataset(name, entry, declared, faults):
            datasets[name] = dataset.placed(declared.lists, datasets)
        if dataset is None or unread & set(re.findall(r"\w+", str(entry))):
            unread.add(str(name))
    off = {name: dataset for name, dataset in datasets.items() if dataset.is_off(declared.lists)}
    fed = [table for name, dataset in datasets.items() if name not in off for table in dataset.gold]
    declared = msgspec.structs.replace(declared, datasets=datasets, gold=(*declared.gold, *fed))
    # What speaks of a dataset that could not be read is looked at when that one is mended.
    faults += [fault for fault in declared.problems() if fault[0][:2] not in {("datasets", name) for name in unread}]
    streams = {name: dataset for name, dataset in datasets.items() if dataset.is_provisional}
    others = {name: dataset for name, dataset in datasets.items() if name not in streams and name not in off}
    return msgspec.structs.replace(declared, datasets=others, streams=streams, off=off)


def _dataset(name: Any, entry: Any, declared: AssetClass, faults: list[Fault]) -> Dataset | None:
    """One dataset; none where it cannot be read. What is wrong is added to the faults."""
    at = ("datasets", name)
    if not isinstance(name, str):
        faults.append((at, f"is read by YAML as {type(name).__name__}, not as text: write it in quotes"))
        return None
    if not isinstance(entry, dict):
        faults.append((at, f"must be a mapping, not {entry!r}"))
        return None
    faults += [((*at, key), "is given by where the entry stands") for key in _GIVEN if key in entry]
    kind = entry.get("source", declared.source)
    if kind not in kinds.kinds():
        if kind:  # without any, the asset class lacks it
            faults.append(((*at, "source"), f"is {kind!r}, {allowed(kind, kinds.kinds())}"))
        return None
    given = {key: value for key, value in entry.items() if key not in (*_GIVEN, "expectations")}
    dataset, wrong = shape.read(given, kinds.declaration(kind), hidden=_GIVEN)
    faults += [((*at, *keys), problem) for keys, problem in wrong]
    if dataset is None:
        return None
    placed = {"asset_class": declared.asset_class, "calendar": declared.calendar, "name": name, "source": kind}
    wait = dataset.due_after_close or declared.due_after_close
    personal = dataset.personal or declared.personal
    dataset = msgspec.structs.replace(dataset, **placed, wait=wait, personal=personal)
    columns = (*dataset.columns, *(("asof",) if dataset.every else ()))
    try:
        held = expectation.of(entry.get("expectations", {}), columns)
    except expectation.ExpectationError as error:
        faults += [((*at, "expectations", *keys), problem) for keys, problem in error.faults]
        return dataset
    return msgspec.structs.replace(dataset, expectations=held)
