"""The declarations: include/datasets/*.yaml as frozen structs, checked when they are loaded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import msgspec
import yaml

from anthill.include import include_dir

Calendar = Literal["XNYS"]
Empty = Literal["refused", "landed"]
Value = str | int | float | bool

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDERS = {"market_date"}
_GIVEN = {"asset_class", "name"}  # of a dataset, by where it stands
_T = TypeVar("_T", bound=msgspec.Struct)


class DeclarationError(ValueError):
    """A declaration is wrong: the message names the file, the key and what is allowed."""


class Request(msgspec.Struct, frozen=True):
    """The first call of one chain of pages; `shard` is "" where a day is one chain."""

    shard: str
    path: str
    params: Mapping[str, str]


class Dataset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dataset of an asset class: where its rows come from, their key and their fields."""

    description: str
    path: str
    key: tuple[str, ...]
    fields: Mapping[str, str]  # name in the API's rows -> column in silver
    empty: Empty = "landed"  # what a market day without rows is
    params: Mapping[str, Value] = {}
    shards: Mapping[str, Mapping[str, Value]] = {}  # shard -> the parameters that tell it apart
    asset_class: str = ""
    name: str = ""

    @property
    def table(self) -> str:
        """The name of its silver table."""
        return f"{self.asset_class}_{self.name}"

    def requests(self, market_date: dt.date) -> list[Request]:
        """The first calls that fetch a market day, a shard each."""
        words = {"market_date": market_date.isoformat()}
        return [
            Request(
                shard=shard,
                path=self.path.format(**words),
                params={name: _text(value).format(**words) for name, value in {**self.params, **extra}.items()},
            )
            for shard, extra in (self.shards or {"": {}}).items()
        ]


class AssetClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One asset class: its calendar, when a market day is due, its datasets and its gold tables in order."""

    asset_class: str
    description: str
    calendar: Calendar
    start_date: dt.date  # first market day that the source has
    due_after_close: dt.timedelta  # when the source has the market day, counted from its close
    owner: str
    datasets: Mapping[str, Dataset]
    gold: tuple[str, ...]


def asset_classes() -> list[str]:
    """The names of all declared asset classes."""
    return sorted(path.stem for path in (include_dir() / "datasets").glob("*.yaml"))


def load(asset_class: str) -> AssetClass:
    """Read and check one asset class; DeclarationError tells what is wrong and where."""
    path = include_dir() / "datasets" / f"{asset_class}.yaml"
    if not path.is_file():
        raise DeclarationError(f"{path}: no such asset class; declared are {', '.join(asset_classes()) or 'none'}")
    return parse(path)


def parse(path: Path) -> AssetClass:
    """Read and check the declaration in one file."""
    try:
        document = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise DeclarationError(f"{path}: not YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("datasets"), dict):
        raise DeclarationError(f"{path}: key 'datasets' must map dataset names to their declarations")
    name = document.get("asset_class")
    if name != path.stem:
        raise DeclarationError(f"{path}: key 'asset_class' is {name!r}, allowed is the file's name, {path.stem!r}")
    entries = {
        dataset: _convert(
            path, f"datasets.{dataset}", {**_mapping(path, dataset, entry), **_identity(name, dataset)}, Dataset
        )
        for dataset, entry in document["datasets"].items()
    }
    declared = _convert(path, "", {**document, "datasets": {}}, AssetClass)
    declared = msgspec.structs.replace(declared, datasets=entries)
    for key, problem in _problems(declared):
        raise DeclarationError(f"{path}: key '{key}' {problem}")
    return declared


def _identity(asset_class: str, dataset: str) -> dict[str, str]:
    return {"asset_class": asset_class, "name": dataset}


def _mapping(path: Path, dataset: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise DeclarationError(f"{path}: key 'datasets.{dataset}' must be a mapping, not {entry!r}")
    if taken := _GIVEN & entry.keys():
        raise DeclarationError(
            f"{path}: key 'datasets.{dataset}.{taken.pop()}' is given by the file's and entry's names"
        )
    return entry


def _convert(path: Path, at: str, value: dict[str, Any], kind: type[_T]) -> _T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        allowed = ", ".join(
            field.name for field in msgspec.structs.fields(kind) if field.name not in ("asset_class", "name")
        )
        where = f"key '{at}': " if at else ""
        raise DeclarationError(f"{path}: {where}{_plain(error)}; keys are {allowed}{_enums(error, kind)}") from error


def _plain(error: msgspec.ValidationError) -> str:
    """The library's message with its JSON path written as a key."""
    return str(error).replace("Object ", "").replace(" - at `$.", " at key `")


def _enums(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> str:
    if "enum" not in str(error):
        return ""
    choices = {"calendar": get_args(Calendar)} if kind is AssetClass else {"empty": get_args(Empty)}
    return "".join(f"; allowed for '{key}': {', '.join(values)}" for key, values in choices.items())


def _problems(declared: AssetClass) -> Iterator[tuple[str, str]]:
    """Every key that no type can check, with what is wrong about it."""
    for dataset in declared.datasets.values():
        at = f"datasets.{dataset.name}"
        if not _NAME.fullmatch(dataset.name):
            yield at, "must be lower case letters, digits and underscores"
        if not dataset.path.startswith("/"):
            yield (
                f"{at}.path",
                f"is {dataset.path!r}, allowed is a path from the root of the API, such as /v3/reference/tickers",
            )
        columns = list(dataset.fields.values())
        if unknown := [column for column in dataset.key if column not in columns]:
            yield f"{at}.key", f"names {', '.join(unknown)}, allowed are the columns in 'fields': {', '.join(columns)}"
        if twice := {column for column in columns if columns.count(column) > 1}:
            yield f"{at}.fields", f"gives {', '.join(sorted(twice))} twice"
        texts = [dataset.path, *map(_text, dataset.params.values())]
        for word in re.findall(r"{(.*?)}", " ".join(texts)):
            if word not in _PLACEHOLDERS:
                yield at, f"has the placeholder {{{word}}}, allowed are {', '.join(_PLACEHOLDERS)}"


def _text(value: Value) -> str:
    """A parameter as the API writes it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
