"""The declarations: include/datasets/*.yaml as frozen structs, checked when they are loaded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import msgspec

from anthill import expectation, lines, lists
from anthill.dataset import Dataset, Empty, RowsIn
from anthill.expectation import Severity
from anthill.include import include_dir
from anthill.sources import kinds

Calendar = Literal["XNYS", "24/7", "forex"]

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)  # of ours: part of SQL, of keys in S3 and of task ids
_MUST_BE_A_NAME = "must be lower case letters, digits and underscores"
_FIELD = re.compile(r"\w+(\.\w+)*", re.ASCII)  # of the source's, which SQL has in quotes
_GIVEN = ("asset_class", "calendar", "name", "wait", "listed", "listed_by")  # of a dataset, by where it stands
_ENUMS: dict[str, Any] = {"calendar": Calendar, "empty": Empty, "rows_in": RowsIn, "severity": Severity}
_T = TypeVar("_T", bound=msgspec.Struct)


class DeclarationError(ValueError):
    """A declaration is wrong: the message names the file, the key and what is allowed."""


class AssetClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One asset class: its calendar, when a market day is due, its datasets and its gold tables in order."""

    asset_class: str
    description: str
    source: str  # the kind of its datasets' source, where an entry says no other
    calendar: Calendar
    start_date: dt.date  # first market day that the source has
    due_after_close: dt.timedelta  # when the source has the market day, counted from its close
    deadline_after_close: dt.timedelta  # when gold must have it
    owner: str
    datasets: Mapping[str, Dataset]
    gold: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]] = {}  # what datasets are asked for each of, such as tickers
    history_from: dt.date | None = None  # first market day that is missed where it is not there; an environment may say
    benchmark: str | None = None  # ticker that every series is compared with

    @property
    def daily(self) -> dict[str, Dataset]:
        """The datasets that land once a market day."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.every is None}

    @property
    def intraday(self) -> dict[str, Dataset]:
        """The datasets that land again and again in market hours."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.every is not None}

    @property
    def historical(self) -> dict[str, Dataset]:
        """The datasets that can be had for days gone by."""
        return {name: dataset for name, dataset in self.daily.items() if not dataset.present_only}

    @property
    def reconciling(self) -> list[Dataset]:
        """The datasets that are the source's other account of one above them."""
        return [dataset for dataset in self.datasets.values() if dataset.reconciles]

    @property
    def restated_days(self) -> int:
        """For how many market days any of its datasets is revised."""
        return max(dataset.restated_days for dataset in self.datasets.values())


def asset_classes() -> list[str]:
    """The names of all declared asset classes."""
    return sorted(path.stem for path in (include_dir() / "datasets").glob("*.yaml"))


def load(asset_class: str) -> AssetClass:
    """Read and check one asset class; DeclarationError tells what is wrong and where."""
    path = include_dir() / "datasets" / f"{asset_class}.yaml"
    if asset_class not in asset_classes():
        raise DeclarationError(f"{path}: no such asset class; declared are {', '.join(asset_classes()) or 'none'}")
    return parse(path)


def parse(path: Path) -> AssetClass:
    """Read and check the declaration in one file."""
    try:
        document = msgspec.yaml.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise DeclarationError(f"{path}: not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("datasets"), dict):
        raise DeclarationError(f"{path}: key 'datasets' must map dataset names to their declarations")
    name = document.get("asset_class")
    if name != path.stem:
        raise DeclarationError(f"{path}: key 'asset_class' is {name!r}, allowed is the file's name, {path.stem!r}")
    for key, problem in lists.problems(document.get("lists"), path.read_text()):
        raise DeclarationError(f"{path}: key '{key}' {problem}")
    declared = _convert(path, "", {**document, "datasets": {}}, AssetClass)
    datasets: dict[str, Dataset] = {}
    for dataset, entry in document["datasets"].items():
        known = _mapping(path, dataset, entry)
        kind = _kind(path, dataset, known.get("source", declared.source))
        given = {"asset_class": name, "calendar": declared.calendar, "name": dataset, "source": kind}
        known = {**known, **given}
        expected = known.pop("expectations", {})
        converted = _convert(path, f"datasets.{dataset}", known, kinds.declaration(kind))
        converted = _with_expectations(path, converted, expected)
        due = msgspec.structs.replace(converted, wait=converted.due_after_close or declared.due_after_close)
        datasets[dataset] = due.placed(declared.lists, datasets)
    declared = msgspec.structs.replace(declared, datasets=datasets)
    for key, problem in _problems(declared):
        raise DeclarationError(f"{path}: key '{key}' {problem}")
    return declared


def _with_expectations(path: Path, dataset: Dataset, given: Any) -> Dataset:
    """The dataset with what it is held to: what its entry says, and what all of its kind are."""
    columns = (*dataset.columns, *(("asof",) if dataset.every else ()))
    try:
        return msgspec.structs.replace(dataset, expectations=expectation.of(given, columns))
    except expectation.ExpectationError as error:
        keys = ["datasets", dataset.name, "expectations", *filter(None, [error.name])]
        raise DeclarationError(f"{path}:{lines.of(path.read_text(), keys)}: key '{'.'.join(keys)}' {error}") from error


def _kind(path: Path, dataset: str, given: Any) -> str:
    if given not in kinds.kinds():
        allowed = ", ".join(kinds.kinds())
        raise DeclarationError(f"{path}: key 'datasets.{dataset}.source' is {given!r}, allowed are {allowed}")
    return str(given)


def _mapping(path: Path, dataset: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise DeclarationError(f"{path}: key 'datasets.{dataset}' must be a mapping, not {entry!r}")
    for name in _GIVEN:
        if name in entry:
            raise DeclarationError(f"{path}: key 'datasets.{dataset}.{name}' is given by where the entry stands")
    return entry


def _convert(path: Path, at: str, value: dict[str, Any], kind: type[_T]) -> _T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        hidden = _GIVEN if issubclass(kind, Dataset) else ()
        allowed = ", ".join(field.name for field in msgspec.structs.fields(kind) if field.name not in hidden)
        where = f"key '{at}': " if at else ""
        raise DeclarationError(f"{path}: {where}{_plain(error)}; keys are {allowed}{_choices(error, kind)}") from error


def _plain(error: msgspec.ValidationError) -> str:
    """The library's message with its JSON path written as a key."""
    return str(error).replace("Object ", "").replace(" - at `$.", " at key `")


def _choices(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> str:
    if "enum" not in str(error):
        return ""
    names = {field.name for field in msgspec.structs.fields(kind)}
    return "".join(
        f"; allowed for '{key}': {', '.join(get_args(enum))}" for key, enum in _ENUMS.items() if key in names
    )


def _problems(declared: AssetClass) -> Iterator[tuple[str, str]]:
    """Every key that no type can check, with what is wrong about it."""
    if not _NAME.fullmatch(declared.asset_class):
        yield "asset_class", _MUST_BE_A_NAME
    if odd := [name for name in declared.gold if not _NAME.fullmatch(name)]:
        yield "gold", f"has {', '.join(map(repr, odd))}: each {_MUST_BE_A_NAME}"
    if declared.benchmark is not None and (problem := lists.odd_symbol(declared.benchmark)):
        yield "benchmark", f"is {problem}"
    if declared.deadline_after_close <= declared.due_after_close:
        yield "deadline_after_close", f"is not after due_after_close, {declared.due_after_close}"
    for name, values in declared.lists.items():
        if not _NAME.fullmatch(name):
            yield f"lists.{name}", _MUST_BE_A_NAME
        if twice := {value for value in values if values.count(value) > 1}:
            yield f"lists.{name}", f"has {', '.join(sorted(twice))} twice"
    above: dict[str, Dataset] = {}
    for dataset in declared.datasets.values():
        own = dataset.problems(declared.lists, above)
        shared = (*_problems_of(dataset), *_odd_account(dataset, list(above)), *_odd_lists(dataset, declared))
        for key, problem in (*shared, *own):
            yield f"datasets.{dataset.name}{key}", problem
        above[dataset.name] = dataset


def _problems_of(dataset: Dataset) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(dataset.name):
        yield "", _MUST_BE_A_NAME
    yield from _odd_fields(dataset)
    columns = dataset.columns
    known = (*columns, "asof") if dataset.every else columns  # one row a taking
    if unknown := [column for column in dataset.key if column not in known]:
        yield ".key", f"names {', '.join(unknown)}, allowed are the columns in 'fields': {', '.join(known)}"
    if twice := {column for column in columns if columns.count(column) > 1}:
        yield ".fields", f"gives {', '.join(sorted(twice))} twice"
    if dataset.file_fields and (other := set(dataset.file_fields.values()) ^ set(columns)):
        yield ".flat_file.fields", f"and 'fields' differ in {', '.join(sorted(other))}: both must fill the same columns"
    if dataset.every and not dt.timedelta(minutes=1) <= dataset.every <= dt.timedelta(hours=6):
        yield ".every", f"is {dataset.every}, allowed is PT1M to PT6H"


def _odd_account(dataset: Dataset, above: list[str]) -> Iterator[tuple[str, str]]:
    """What cannot be compared with another dataset."""
    if dataset.reconciles and dataset.reconciles not in above:
        yield ".reconciles", f"is {dataset.reconciles!r}, allowed are datasets above it: {', '.join(above) or 'none'}"
    if dataset.severity != "warn" and not dataset.reconciles:
        yield ".severity", "goes with 'reconciles'"


def _odd_lists(dataset: Dataset, declared: AssetClass) -> Iterator[tuple[str, str]]:
    """What no list or dataset is there for to compare rows with."""
    for name, expected in dataset.expectations.items():
        if expected.listed_in and expected.listed_in not in declared.datasets:
            allowed = ", ".join(declared.datasets)
            yield f".expectations.{name}.listed_in", f"is {expected.listed_in!r}, allowed are the datasets: {allowed}"
        if expected.kind == "answered" and not dataset.listed:
            yield f".expectations.{name}", "is of the kind answered, which goes with 'each' of a list"


def _odd_fields(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """What could not stand in SQL as a name."""
    if odd := [column for column in dataset.columns if not _NAME.fullmatch(column)]:
        yield ".fields", f"fills {', '.join(map(repr, odd))}: each {_MUST_BE_A_NAME}"
    theirs = [*dataset.fields, *dataset.page_fields, *dataset.file_fields]
    if odd := [name for name in theirs if not _FIELD.fullmatch(name)]:
        yield (
            ".fields",
            f"names {', '.join(map(repr, odd))}: allowed are letters, digits, underscores, and dots between",
        )
