"""A mapping of YAML read as a struct, with all that is wrong about its keys and values at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from anthill.nearest import allowed, asked, nearest
from anthill.yaml_file import Fault

_T = TypeVar("_T", bound=msgspec.Struct)


def read(
    given: Mapping[Any, Any], kind: type[_T], until_mended: Mapping[str, Any] = {}, hidden: Collection[str] = ()
) -> tuple[_T | None, list[Fault]]:
    """The struct and no faults; or the faults, and the struct without what is wrong where one can be had.

    `until_mended` stands in for what lacks or is wrong, and a misspelt key counts as the one that it was meant to be,
    so that one fault is told once. `hidden` are fields of the struct that no file gives.
    """
    try:
        return msgspec.convert(given, kind), []
    except msgspec.ValidationError:
        pass
    fields = {field.name: field for field in msgspec.structs.fields(kind) if field.name not in hidden}
    meant = {name: name if name in fields else nearest(name, fields.keys() - given.keys()) for name in given}
    mended = dict(until_mended)
    faults: list[Fault] = [((name,), "is missing") for name in _lacking(fields, meant.values())]
    for name, value in given.items():
        if name not in fields:
            faults.append(((name,), f"is unknown, keys are {', '.join(fields)}{asked(name, fields)}"))
        wrong = list(_odd(value, fields[meant[name]].type)) if meant[name] else []
        faults += [((name, *keys), problem) for keys, problem in wrong]
        if meant[name] and not wrong:
            mended[meant[name]] = value
    try:
        return msgspec.convert(mended, kind), faults
    except msgspec.ValidationError as error:
        return None, faults or [((), str(error))]


def _lacking(fields: Mapping[str, FieldInfo], given: Collection[str]) -> list[str]:
    return [name for name, field in fields.items() if field.required and name not in given]


def _odd(value: Any, wanted: Any) -> Iterator[Fault]:
    """What is wrong about one value."""
    inner = next((part for part in (wanted, *get_args(wanted)) if _is_struct(part)), None)
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        if inner and isinstance(value, dict) and get_origin(wanted) is Mapping:
            for name, each in value.items():
                yield from (((name, *keys), problem) for keys, problem in _odd(each, inner))
        elif inner and isinstance(value, dict):
            yield from read(value, inner)[1]
        else:
            yield (), f"is {value!r}{_explained(value, wanted, str(error))}"


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _explained(value: Any, wanted: Any, said: str) -> str:
    if get_origin(wanted) is Literal:
        return f", {allowed(value, get_args(wanted))}"
    kinds = {wanted, *get_args(wanted)}
    if dt.timedelta in kinds:
        return ", which is no duration: write PT6H for six hours, PT15M for 15 minutes"
    if dt.date in kinds:
        return ", which is no date: write a day that there is, as 2014-01-31"
    if ">= 0" in said:
        return ", allowed are 0 and more"
    return ": " + re.sub(r" - at `(\$[^`]*)`", r" at \1", said[0].lower() + said[1:])
